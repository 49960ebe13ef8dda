"""test_eval: the trained networks on training, validation and test set."""

from gapscope.stage import log, run

from gapscope.analysis.evaluation import evaluate
from gapscope.files import read_array, write_json
from gapscope.network import model
from gapscope.plots import evaluation as plots
from gapscope.plots.saving import write_figure


def main(input, output, settings):
    source, classes = settings["data"]["source"], [str(name) for name in settings["data"]["classes"]]
    sets = {
        part: (read_array(input[f"{name}_X"]), read_array(input[f"{name}_y"]))
        for part, name in (("train", "training"), ("validation", "validation"))
    }
    X_test, y_test = read_array(input.test_X), read_array(input.test_y)
    metrics = {}
    for name, path in zip(settings["train"]["activations"], input.models):
        trained = model.load(path)
        own = {**sets, "test": (model.test_matrix(trained, X_test, settings["test_eval"]), y_test)}
        metrics[name] = {
            part: {
                "source": source,
                "classes": classes,
                "diverged": trained.description["diverged"],
                **evaluate(trained.network, X, y, settings["test_eval"]["confidence"]),
            }
            for part, (X, y) in own.items()
        }
        log.info(
            "%s: accuracy %s",
            name,
            ", ".join(f"{part} {result['accuracy']:.4f}" for part, result in metrics[name].items()),
        )
    write_json(output.metrics, metrics)
    write_figure(output.gap, plots.gap(metrics, source))
    write_figure(output.confusion, plots.confusion(metrics, classes, source))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
