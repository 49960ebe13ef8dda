"""train_<name> of a model of the user's own: call its code, ONNX file or predictions, check and save the result."""

import numpy as np

from gapscope.common.files import read_array, read_json
from gapscope.common.stage import log, run
from gapscope.data import encode, parquet
from gapscope.evaluation.metrics import confusion
from gapscope.network import own_model, predictions
from gapscope.network.onnx_file import OnnxFile
from gapscope.network.partition import read_partition


def main(input, output, settings):
    data, entry, cleaning = settings["data"], settings["models"], read_json(input.cleaning)
    columns, classes = encode.plain_columns(parquet.Stored(input.train), data), [str(name) for name in data["classes"]]
    own, seed = entry.get("settings", {}), settings["train"]["seed"]
    if "predictions" in entry:
        model = predictions.of_files(entry["predictions"], classes, *tables(input, cleaning))
    else:
        code = OnnxFile(entry["onnx"]) if "onnx" in entry else own_model.Code(entry["python"])
        model = own_model.OwnModel(code, None, columns, classes, own)
    training, validation = (read_partition(input, name, model) for name in ("training", "validation"))
    if model.trainable:
        if training.weights is not None and not code.takes_weights():
            log.warning("%s: fit has no argument sample_weight: each row counts once", code.path)
        model = model.trained_again(training.X, training.y, seed, training.weights)
    predicted = model.predict(training.X)
    own_model.check_order(confusion(training.y, predicted, len(classes)), classes, model.source)
    description = {
        **{name: data[name] for name in ("classes", "target", "source")},
        "columns": encode.records(columns),
        "imputation": cleaning["imputation"]["train"],
        "reading": cleaning["reading"],
        **{kind: entry[kind] for kind in ("python", "onnx", "predictions") if kind in entry},
        "settings": {"seed": seed, "own": own} if model.trainable else None,
        "diverged": {},
    }
    own_model.save(output.model, model, description)
    if not model.can_predict:
        known = len(training.y) + len(validation.y)
        log.info("%s: validation uses its probabilities of %d of %d rows", model.source, len(validation.y), known)
    accuracies = np.mean(predicted == training.y), np.mean(model.predict(validation.X) == validation.y)
    log.info("accuracy %.4f on training rows, %.4f on validation rows", *accuracies)


def tables(input, cleaning) -> tuple[dict, dict]:
    """Rows of each table's file, and the places of those that `clean` keeps."""
    kept = {name: read_array(input[f"{name}_numbers"]) - 2 for name in cleaning["rows"]}  # row 2 is the first
    return {name: rows["rows_in"] for name, rows in cleaning["rows"].items()}, kept


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
