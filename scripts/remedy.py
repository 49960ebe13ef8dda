"""mitigate_<remedy>: one remedy trained over several seeds and cross-validated, on validation and on the test set."""

from gapscope.stage import log, run

import numpy as np
import pandas as pd

from gapscope.analysis.evaluation import explained
from gapscope.analysis.mended import with_mended_test, with_noise
from gapscope.analysis.recommendation import Untried, merged, recommended, resolved, words
from gapscope.analysis.remedies import Bench, tried, with_dropped_out, without
from gapscope.analysis.resampling import row_groups
from gapscope.files import read_array, read_json, write_array, write_json
from gapscope.network import model
from gapscope.network.steps import Part
from gapscope.progress import Progress
from gapscope.tables.encode import columns_of, encoded

PARTS = ("training", "validation")
COPIES = 4  # versions of each training row, where a feature is disturbed


def main(input, output, settings):
    activation = explained(read_json(input.metrics), settings["diagnose"]["activation"])
    trained = model.load(next(path for path in input.models if path.endswith(f"/{activation}.npz")))
    verdict = read_json(input.diagnosis)["verdict"] if input.get("diagnosis") else None
    name, record, right = settings["name"], {"source": settings["data"]["source"]}, np.array([])
    try:
        if name == "recommended":
            change = merged([settings["remedy"], recommended(verdict)])
            if change.get("train", {}).get("early_stopping"):
                change.pop("rows", None)  # stopping early needs validation rows that are not trained on
        else:
            change = resolved(settings["remedy"], verdict)
        bench = prepared(input, change, trained, settings)
        train_settings = {**settings["networks"][change.get("activation", activation)], **change.get("train", {})}
        seeds, folds = settings["seeds"], settings["folds"]
        progress = Progress(len(seeds) * (2 if change.get("rows") == "all" else 1) + folds, log.info)
        figures, right = tried(bench, change, train_settings, seeds, folds, progress)
        record |= {"mitigation": name, "change": change, **figures}
        log.info("%s: test accuracy %.4f", words(change), np.mean(figures["test_accuracy"]))
        if figures["diverged"]:
            log.warning("%d trainings diverged: the last weights before are judged", figures["diverged"])
    except Untried as reason:
        record |= {"mitigation": name, "untried": str(reason)}
        log.info("not tried: %s", reason)
    write_json(output.result, record)
    write_array(output.right, right)


def prepared(input, change, trained, settings) -> Bench:
    """The scaled rows, as the remedy wants them."""
    X, y = (np.concatenate([read_array(input[f"{part}_{name}"]) for part in PARTS]) for name in "Xy")
    n_training = len(read_array(input.training_y))
    test = Part(model.test_matrix(trained, read_array(input.test_X), settings["test_eval"]), read_array(input.test_y))
    rows, classes = np.arange(len(y)), len(trained.description["classes"])
    bench = Bench(X, y, rows[:n_training], rows[n_training:], test, classes, (X,), row_groups(X, y))
    rng = np.random.default_rng([settings["seeds"][0], 1])
    if "noise" in change or "mend" in change:
        bench = with_tables(bench, input, change, trained, settings, rng)
    for entry in change.get("feature_dropout", []):
        bench = with_dropped_out(bench, places(trained, entry["features"]), entry["share"], COPIES, rng)
    return without(bench, places(trained, change["drop"])) if "drop" in change else bench


def with_tables(bench, input, change, trained, settings, rng) -> Bench:
    """What needs the tables."""
    columns = columns_of(trained.description)
    order = np.concatenate([read_array(input[f"{part}_rows"]) for part in PARTS])
    train, test = pd.read_parquet(input.train).iloc[order].reset_index(drop=True), pd.read_parquet(input.test)

    def test_matrix(table):
        return model.test_matrix(trained, encoded(table, columns), settings["test_eval"])

    for entry in change.get("noise", []):
        bench = with_noise(bench, entry, train, lambda table: trained.scaled(encoded(table, columns)), COPIES, rng)
    return with_mended_test(bench, change.get("mend", []), train, test, test_matrix)


def places(trained, features: list[str]) -> np.ndarray:
    """Where the features' columns stand."""
    return np.flatnonzero([column["feature"] in features for column in trained.description["columns"]])


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
