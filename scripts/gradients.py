"""gradients: flow through the layers compared across activations, saturated units, and the gradients checked."""

from gapscope.common.stage import log, run

from gapscope.common.files import read_columns, write_json
from gapscope.evaluation.gradient_check import gradient_check
from gapscope.evaluation.gradients import gradient_flow, saturation, start_network
from gapscope.network import model
from gapscope.network.partition import read_partition
from gapscope.reporting.plots import training as plots
from gapscope.reporting.plots.saving import write_figure


def main(input, output, settings):
    source, own = settings["data"]["source"], settings["gradients"]
    training = read_partition(input, "training")
    X, y = training.X, training.y
    flow_limits = {key: own[key] for key in ("vanishing_below", "exploding_above")}
    histories, found = {}, {}
    for name, history, path in zip(settings["train"]["activations"], input.histories, input.models):
        trained = model.load(path)
        histories[name] = read_columns(history)
        found[name] = {
            **gradient_flow(histories[name], **flow_limits),
            "saturation": {
                "start": saturation(start_network(trained, X, y), X, own["saturated_below"]),
                "trained": saturation(trained.network, X, own["saturated_below"]),
            },
            "check": gradient_check(trained.network, X, y, **own["check"]),
        }
        _tell(name, found[name])
    write_json(output.summary, {"source": source, "limits": own, "activations": found})
    write_figure(output.curves, plots.curves(histories, source))
    write_figure(output.gradients, plots.gradients(histories, source))


def _tell(name: str, found: dict) -> None:
    ratio = found["first_to_last_hidden"]
    log.info("%s: %s, first to last hidden layer %s", name, found["verdict"], "-" if ratio is None else f"{ratio:.2g}")
    check = found["check"]
    tell = log.debug if check["agrees"] else log.warning
    tell(
        "%s: analytic gradient and central differences %s, largest relative difference %.2g",
        name,
        "agree" if check["agrees"] else "do not agree",
        check["largest_relative_difference"],
    )


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
