"""variants: train a published network with one change, for one or several seeds, and record the curves."""

from gapscope.common.files import write_records
from gapscope.common.stage import log, run
from gapscope.reporting.plots.style import write_figure
from gapscope.studies.reproduction.studies import curves_by_variant, variant_curves

WORDS = "{variant}, seed {seed}: training {training_accuracy:.4f}, validation {validation_accuracy:.4f}"


def main(input, output, settings):
    curves = []
    for states in variant_curves(input, settings):
        curves.append(states)
        log.info(WORDS.format_map(states[-1]))
    write_records(output.curves, [state for states in curves for state in states], "download")
    write_records(output.table, [states[-1] for states in curves], "download")
    with_seeds = [variant["name"] for variant in settings["variants"] if "seeds" in variant]
    write_figure(output.figure, curves_by_variant(curves, with_seeds))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
