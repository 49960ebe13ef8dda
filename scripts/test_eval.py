"""test_eval: metrics of the models and of softmax regression on training, validation and test rows."""

import numpy as np

from gapscope.common.files import read_json, write_json
from gapscope.common.stage import log, run
from gapscope.evaluation.baseline import beside_baseline, hits, softmax_regression
from gapscope.evaluation.metrics import evaluate
from gapscope.evaluation.trained import load
from gapscope.network import model
from gapscope.network.partition import Partition, read_partition, read_test_partition
from gapscope.reporting.plots import evaluation as plots
from gapscope.reporting.plots.style import write_figure

PARTS = {"train": "training", "validation": "validation"}


def main(input, output, settings):
    source, classes = settings["data"]["source"], [str(name) for name in settings["data"]["classes"]]
    confidence, names = settings["test_eval"]["confidence"], [*settings["train"]["activations"], *settings["models"]]
    models, metrics = dict(zip(names, map(load, input.models))), {}
    baseline = trained_baseline(input, settings, list(models.values()))
    of_baseline = {name: hits(baseline.network, rows) for name, rows in labelled(input, baseline, settings).items()}
    for activation, trained in models.items():
        about = {"source": source, "classes": classes, "diverged": trained.description["diverged"]}
        metrics[activation] = dict.fromkeys(("train", "validation", "test"))
        for name, rows in labelled(input, trained, settings).items():
            beside = beside_baseline(hits(trained.network, rows), of_baseline[name], rows.weights, confidence)
            results = evaluate(trained.network, rows, confidence)
            metrics[activation][name] = {**about, **results, "softmax_regression": beside}
        accuracies = (f"{name} {result['accuracy']:.4f}" for name, result in metrics[activation].items() if result)
        log.info("%s: accuracy %s", activation, ", ".join(accuracies))
    log.info("softmax regression: accuracy %s", ", ".join(f"{name} {x.mean():.4f}" for name, x in of_baseline.items()))
    write_json(output.metrics, metrics)
    write_figure(output.gap, plots.gap(metrics, source))


def labelled(input, trained, settings) -> dict[str, Partition]:
    """The rows whose classes are known, as this model takes them."""
    partitions = {name: read_partition(input, part, trained.own) for name, part in PARTS.items()}
    partitions["test"] = read_test_partition(input, trained, settings["test_eval"])
    return {name: rows for name, rows in partitions.items() if rows is not None and rows.y is not None}


def trained_baseline(input, settings, models: list[model.Model]) -> model.Model:
    """Softmax regression, with the columns of the networks."""
    n_classes, scaling = len(settings["data"]["classes"]), read_json(input.scaling)
    network = softmax_regression(read_partition(input, "training"), n_classes, settings["train"])
    description = next((other.description for other in models if not other.own), {})
    return model.Model(network, np.array(scaling["mean"]), np.array(scaling["deviation"]), description)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
