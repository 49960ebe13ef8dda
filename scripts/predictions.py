"""predictions: classify test rows whose classes are unknown, with each model (see predict.py)."""

from gapscope.common.stage import log, run
from gapscope.evaluation.prediction import classify, load, named_classes, write_predictions


def main(input, output, settings):
    for path, predicted in zip(input.models, output.tables):
        model = load(path, trusted=True)
        if not model.network.can_predict:
            classes = [str(name) for name in model.description["classes"]]
            write_predictions(predicted, model, [named_classes(model.network.test, classes)])
            continue
        for remark in classify(model, input.table, predicted):
            log.warning("%s: %s", path, remark)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
