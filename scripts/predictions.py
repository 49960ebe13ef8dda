"""predictions: the test rows as each network classifies them, where their classes are not known (see predict.py)."""

from gapscope.stage import log, run

from gapscope.predict import load, predictions, read, remarks, write_predictions


def main(input, output, settings):
    for path, predicted in zip(input.models, output.tables):
        model = load(path)
        table = read(model, input.table)
        write_predictions(predicted, model, predictions(model, table))
        for remark in remarks(model, table):
            log.warning("%s: %s", path, remark)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
