"""compare: write a page with the verdicts, accuracies and settings of two runs."""

from gapscope.common.files import write_text
from gapscope.common.stage import log, run
from gapscope.reporting.page import comparison
from gapscope.reporting.page.rendering import render


def main(input, output, settings):
    first, second = (comparison.read_run(name, settings["runs"][name]) for name in ("first", "second"))
    write_text(output.page, render("compare.html.j2", comparison.content(first, second)))
    log.info("%s and %s", first["folder"], second["folder"])


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
