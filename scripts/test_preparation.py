"""test_preparation: test accuracy of 25280072's two networks by preparation of the test set, over several seeds."""

from gapscope.common.files import write_records
from gapscope.common.stage import log, run
from gapscope.network import model
from gapscope.reporting.plots.style import write_figure
from gapscope.studies.reproduction.studies import preparation, preparations

WORDS = "{network} network, seed {seed}: validation {validation_accuracy:.4f}"


def main(input, output, settings):
    rows = []
    for records in preparations(input, model.load(input.model), settings):
        rows += records
        accuracies = ", ".join(f"{record['test_accuracy']:.4f}" for record in records)
        log.info("%s, test %s", WORDS.format_map(records[0]), accuracies)
    write_records(output.table, rows, "download")
    write_figure(output.figure, preparation([row for row in rows if row["network"] == "second"]))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
