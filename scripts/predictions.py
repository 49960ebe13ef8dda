"""predictions: classify test rows whose classes are unknown, with each model (see predict.py)."""

from gapscope.common.stage import log, run
from gapscope.evaluation.prediction import classify, load


def main(input, output, settings):
    for path, predicted in zip(input.models, output.tables):
        model = load(path, trusted=True)
        for remark in classify(model, input.table, predicted):
            log.warning("%s: %s", path, remark)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
