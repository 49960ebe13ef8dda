"""train_<name> of a model of the user's own: call its code or ONNX file, check and save the result."""

import numpy as np

from gapscope.common.files import read_json
from gapscope.common.stage import log, run
from gapscope.data import encode, parquet
from gapscope.evaluation.metrics import confusion
from gapscope.network import own_model
from gapscope.network.onnx_file import OnnxFile
from gapscope.network.partition import read_partition


def main(input, output, settings):
    data, entry = settings["data"], settings["models"]
    code = OnnxFile(entry["onnx"]) if "onnx" in entry else own_model.Code(entry["python"])
    columns = encode.plain_columns(parquet.Stored(input.train), data)
    training, validation = (read_partition(input, name, columns) for name in ("training", "validation"))
    classes, own = [str(name) for name in data["classes"]], entry.get("settings", {})
    model, seed = own_model.OwnModel(code, None, columns, classes, own), settings["train"]["seed"]
    if model.trainable:
        if training.weights is not None and not code.takes_weights():
            log.warning("%s: fit has no argument sample_weight: each row counts once", code.path)
        model = model.trained_again(training.X, training.y, seed, training.weights)
    predicted = model.predict(training.X)
    own_model.check_order(confusion(training.y, predicted, len(classes)), classes, f"{code.path}: {model.asked}")
    cleaning = read_json(input.cleaning)
    description = {
        **{name: data[name] for name in ("classes", "target", "source")},
        "columns": encode.records(columns),
        "imputation": cleaning["imputation"]["train"],
        "reading": cleaning["reading"],
        **{kind: entry[kind] for kind in ("python", "onnx") if kind in entry},
        "settings": {"seed": seed, "own": own} if model.trainable else None,
        "diverged": {},
    }
    own_model.save(output.model, model, description)
    accuracies = np.mean(predicted == training.y), np.mean(model.predict(validation.X) == validation.y)
    log.info("accuracy %.4f on training rows, %.4f on validation rows", *accuracies)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
