"""shared_bias: compare one bias used twice with two biases, on the same rows and from the same weights."""

from gapscope.common.files import write_json, write_records
from gapscope.common.progress import Progress
from gapscope.common.stage import log, run
from gapscope.network.partition import read_partition
from gapscope.reporting.plots.style import write_figure
from gapscope.studies.shared_bias.plots import convergence, paths
from gapscope.studies.shared_bias.study import study

WORDS = "seed {seed}, {network}: loss {final_loss:.4f}, accuracy {final_accuracy:.4f}"


def main(input, output, settings):
    """Read the scaled training part, run the study over all seeds, write its summary, curves and figures."""
    source = settings["data"]["source"]
    progress = Progress(2 * len(settings["shared_bias"]["seeds"]), log.info)
    training = read_partition(input, "training")
    summary, curves = study(training.X, training.y, settings, lambda run: progress(WORDS.format_map(run)))
    for claim in summary["claims"]:
        log.info("%s: %s", claim["claim"], claim["decision"])
    write_json(output.summary, {"source": source, **summary})
    write_records(output.curves, curves, source)
    write_figure(output.convergence, convergence(curves, source))
    write_figure(output.paths, paths(curves, source))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
