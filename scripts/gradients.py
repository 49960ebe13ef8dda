"""gradients: compare gradients by layer across activations, count saturated units, check gradients numerically."""

from gapscope.common.files import read_columns, write_json
from gapscope.common.stage import log, run
from gapscope.evaluation.gradient_check import gradient_check
from gapscope.evaluation.gradients import gradient_flow, saturation, start_network
from gapscope.network import model
from gapscope.network.partition import read_partition
from gapscope.reporting.plots import training as plots
from gapscope.reporting.plots.style import write_figure


def main(input, output, settings):
    source, limits = settings["data"]["source"], settings["gradients"]
    training, below = read_partition(input, "training"), limits["saturated_below"]
    X, y = training.X, training.y
    histories, results = {}, {}
    for name, history, path in zip(settings["train"]["activations"], input.histories, input.models):
        trained = model.load(path)
        histories[name] = read_columns(history)
        results[name] = {
            **gradient_flow(histories[name], limits["vanishing_below"], limits["exploding_above"]),
            "saturation": {
                "start": saturation(start_network(trained, X, y), X, below),
                "trained": saturation(trained.network, X, below),
            },
            "check": gradient_check(trained.network, X, y, **limits["check"]),
        }
        _log(name, results[name])
    write_json(output.summary, {"source": source, "limits": limits, "activations": results})
    write_figure(output.curves, plots.curves(histories, source))
    write_figure(output.gradients, plots.gradients(histories, source))


def _log(name: str, result: dict) -> None:
    log.info("%s: %s, first to last hidden layer %s", name, result["verdict"], _short(result["first_to_last_hidden"]))
    check = result["check"]
    tell, verb = (log.debug, "agree") if check["agrees"] else (log.warning, "do not agree")
    difference = _short(check["largest_relative_difference"])
    tell("%s: gradient and central differences %s, largest relative difference %s", name, verb, difference)


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.2g}"


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
