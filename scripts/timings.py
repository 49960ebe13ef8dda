"""timings: show the time and memory of each job in the last run as a table."""

from pathlib import Path

from gapscope.common.errors import UserError
from gapscope.common.files import write_text
from gapscope.common.stage import log, run
from gapscope.reporting.page.downloads import csv_text
from gapscope.reporting.page.rendering import render
from gapscope.reporting.page.timings import times


def main(input, output, settings):
    logs = Path(output.page).parent
    records = times(logs, settings["jobs"])
    longest = records[0]
    if longest["wall_seconds"] is None:
        raise UserError(
            f"{logs}: no stage has left its time in a log there; `snakemake --forceall timings` makes and times all "
            "results anew."
        )
    write_text(output.table, csv_text(records))
    write_text(output.page, render("timings.html.j2", {"times": records}))
    log.info("%s took longest: %.1f s", longest["job"], longest["wall_seconds"])


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
