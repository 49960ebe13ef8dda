"""gradients: the layers' gradients compared across activations."""

import pandas as pd

from gapscope.analysis.gradients import gradient_flow
from gapscope.files import write_json
from gapscope.plots import training as plots
from gapscope.plots.saving import write_figure
from gapscope.stage import log, run


def main(input, output, settings):
    source, limits = settings["data"]["source"], settings["gradients"]
    histories = {name: pd.read_csv(path) for name, path in zip(settings["train"]["activations"], input.histories)}
    flows = {name: gradient_flow(history, **limits) for name, history in histories.items()}
    write_json(output.summary, {"source": source, "limits": limits, "activations": flows})
    write_figure(output.curves, plots.curves(histories, source))
    write_figure(output.gradients, plots.gradients(histories, source))
    for name, flow in flows.items():
        log.info("%s: first to last hidden layer %s, %s", name, flow["first_to_last_hidden"], flow["verdict"])


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
