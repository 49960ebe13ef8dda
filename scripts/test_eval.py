"""test_eval: the trained models evaluated on training and validation rows, and on the test set if it has classes."""

from gapscope.common.files import write_json
from gapscope.common.stage import log, run
from gapscope.evaluation.metrics import evaluate
from gapscope.network import model
from gapscope.network.partition import read_partition, read_test_partition
from gapscope.reporting.plots import evaluation as plots
from gapscope.reporting.plots.style import write_figure


def main(input, output, settings):
    source, classes = settings["data"]["source"], [str(name) for name in settings["data"]["classes"]]
    metrics = {}
    for activation, path in zip([*settings["train"]["activations"], *settings["models"]], input.models):
        trained = model.load(path)
        partitions = {
            "train": read_partition(input, "training", trained.own_columns),
            "validation": read_partition(input, "validation", trained.own_columns),
            "test": read_test_partition(input, trained, settings["test_eval"]),
        }
        about = {"source": source, "classes": classes, "diverged": trained.description["diverged"]}
        metrics[activation] = dict.fromkeys(partitions)
        for name, rows in partitions.items():
            if rows is not None and rows.y is not None:
                results = evaluate(trained.network, rows, settings["test_eval"]["confidence"])
                metrics[activation][name] = {**about, **results}
        accuracies = (f"{name} {result['accuracy']:.4f}" for name, result in metrics[activation].items() if result)
        log.info("%s: accuracy %s", activation, ", ".join(accuracies))
    write_json(output.metrics, metrics)
    write_figure(output.gap, plots.gap(metrics, source))
    write_figure(output.confusion, plots.confusion(metrics, classes, source))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
