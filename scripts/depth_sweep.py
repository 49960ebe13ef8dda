"""depth_sweep: measure the effect of depth on the gradients of untrained networks, and compare it with theory."""

from gapscope.common.files import write_records
from gapscope.common.stage import log, run
from gapscope.evaluation.depth import summary, sweep
from gapscope.network.partition import read_partition
from gapscope.reporting.plots.style import write_figure
from gapscope.reporting.plots.training import depth


def main(input, output, settings):
    source = settings["data"]["source"]
    training = read_partition(input, "training")
    records = sweep(training.X, training.y, len(settings["data"]["classes"]), settings["gradients"]["depth_sweep"])
    write_records(output.table, records, source)
    write_figure(output.figure, depth(records, source))
    words = "%s, %s: errors of the first hidden layer over the last of %d: %.2g, theory %.2g"
    for row in summary(records):
        log.debug(words, *(row[name] for name in ("activation", "initialisation", "depth", "errors", "errors_theory")))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
