"""train_<name> of a model of the user's own: calls its code, checks what it returns, writes model and description."""

import numpy as np

from gapscope.common.files import read_json
from gapscope.common.stage import log, run
from gapscope.data import encode, parquet
from gapscope.evaluation.metrics import confusion
from gapscope.network import own_model
from gapscope.network.partition import read_partition


def main(input, output, settings):
    data, entry = settings["data"], settings["models"]
    code, seed = own_model.Code(entry["python"]), settings["train"]["seed"]
    columns = encode.plain_columns(parquet.Stored(input.train), data)
    training, validation = (read_partition(input, name, columns) for name in ("training", "validation"))
    if training.weights is not None and not code.takes_weights():
        log.warning("%s: fit has no argument sample_weight: each row counts once", code.path)
    classes, own = [str(name) for name in data["classes"]], entry.get("settings", {})
    fitted = own_model.fit(code, training.X, training.y, columns, own, seed, training.weights)
    model = own_model.OwnModel(code, fitted, columns, classes, own)
    predicted = model.predict(training.X)
    own_model.check_order(confusion(training.y, predicted, len(classes)), classes, f"{code.path}: predict_proba")
    cleaning = read_json(input.cleaning)
    description = {
        **{name: data[name] for name in ("classes", "target", "source")},
        "columns": encode.records(columns),
        "imputation": cleaning["imputation"]["train"],
        "reading": cleaning["reading"],
        "python": entry["python"],
        "settings": {"seed": seed, "own": own},
        "diverged": {},
    }
    own_model.save(output.model, model, description)
    accuracies = np.mean(predicted == training.y), np.mean(model.predict(validation.X) == validation.y)
    log.info("accuracy %.4f on training rows, %.4f on validation rows", *accuracies)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
