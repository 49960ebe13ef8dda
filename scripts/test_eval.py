"""test_eval: the trained networks on training and validation part, and on the test set where its classes are known."""

from gapscope.common.stage import log, run

from gapscope.common.files import write_json
from gapscope.evaluation.metrics import evaluate
from gapscope.network import model
from gapscope.network.partition import read_partition, read_test_partition
from gapscope.reporting.plots import evaluation as plots
from gapscope.reporting.plots.saving import write_figure


def main(input, output, settings):
    source, classes = settings["data"]["source"], [str(name) for name in settings["data"]["classes"]]
    known = {"train": read_partition(input, "training"), "validation": read_partition(input, "validation")}
    metrics = {}
    for name, path in zip(settings["train"]["activations"], input.models):
        trained = model.load(path)
        sets = {**known, "test": read_test_partition(input, trained, settings["test_eval"])}
        results = {
            one: {
                "source": source,
                "classes": classes,
                "diverged": trained.description["diverged"],
                **evaluate(trained.network, rows.X, rows.y, settings["test_eval"]["confidence"], rows.weights),
            }
            for one, rows in sets.items()
            if rows is not None and rows.y is not None
        }
        metrics[name] = {one: results.get(one) for one in sets}
        log.info(
            "%s: accuracy %s",
            name,
            ", ".join(f"{one} {result['accuracy']:.4f}" for one, result in results.items()),
        )
    write_json(output.metrics, metrics)
    write_figure(output.gap, plots.gap(metrics, source))
    write_figure(output.confusion, plots.confusion(metrics, classes, source))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
