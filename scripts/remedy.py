"""mitigate_<remedy>: one remedy trained over several seeds and cross-validated, on validation and on the test set."""

from gapscope.stage import log, run

import numpy as np

from gapscope.analysis.evaluation import explained
from gapscope.analysis.recommendation import Untried, check_rows, merged, recommended, resolved, words
from gapscope.analysis.remedies import Bench, tried, with_dropped_out, without
from gapscope.analysis.resampling import chosen_rows, renumbered, row_groups
from gapscope.files import read_array, read_json, write_array, write_json
from gapscope.network import model
from gapscope.network.steps import Part
from gapscope.parts import part, part_of_test
from gapscope.progress import Progress
from gapscope.tables.encode import columns_of, encoded

PARTS = ("training", "validation")
COPIES = 4  # versions of each training row, where a feature is disturbed


def main(input, output, settings):
    activation = explained(read_json(input.metrics), settings["diagnose"]["activation"])
    trained = model.load(next(path for path in input.models if path.endswith(f"/{activation}.npz")))
    verdict = read_json(input.diagnosis)["verdict"] if input.get("diagnosis") else None
    name, record, right = settings["name"], {"source": settings["data"]["source"]}, np.array([])
    parts, rows, sample = chosen(input, trained, settings)
    record |= sample
    try:
        if name == "recommended":
            change = merged([settings["remedy"], recommended(verdict)])
            if change.get("train", {}).get("early_stopping"):
                change.pop("rows", None)  # stopping early needs validation rows that are not trained on
        else:
            change = resolved(settings["remedy"], verdict)
        bench = prepared(input, parts, rows, change, trained, settings)
        train_settings = {**settings["networks"][change.get("activation", activation)], **change.get("train", {})}
        seeds, folds = settings["seeds"], settings["folds"]
        again = change.get("rows") == "all" and bench.labelled
        progress = Progress(len(seeds) * (2 if again else 1) + folds, log.info)
        figures, right = tried(bench, change, train_settings, seeds, folds, progress)
        record |= {"mitigation": name, "change": change, **figures}
        judged = "test_accuracy" if figures["test_accuracy"] else "validation_accuracy"
        log.info("%s: %s %.4f", words(change), judged.replace("_", " "), np.mean(figures[judged]))
        if figures["diverged"]:
            log.warning("%d trainings diverged: the last weights before are judged", figures["diverged"])
    except Untried as reason:
        record |= {"mitigation": name, "untried": str(reason)}
        log.info("not tried: %s", reason)
    write_json(output.result, record)
    write_array(output.right, right)


def chosen(input, trained, settings) -> tuple[dict[str, Part], dict[str, np.ndarray], dict]:
    """What to try the remedy on of each part, its rows' places, and what the record says of rows that are left out."""
    stored = {name: part(input, name) for name in PARTS}
    if input.get("test_X"):
        stored["test"] = part_of_test(input, trained, settings["test_eval"])
    sizes = {name: len(own.X) for name, own in stored.items()}
    rows = chosen_rows(sizes, settings["rows"], settings["seeds"][0])
    parts = {name: own.at(rows[name]) for name, own in stored.items()}
    if all(len(rows[name]) == size for name, size in sizes.items()):
        return parts, rows, {}
    log.info("rows, drawn at random: %s", ", ".join(f"{len(rows[name])} of {sizes[name]} {name}" for name in sizes))
    return parts, rows, {"sample": {name: {"rows": len(rows[name]), "of": size} for name, size in sizes.items()}}


def prepared(input, parts, rows, change, trained, settings) -> Bench:
    """The scaled rows of each part, as the remedy wants them."""
    training, validation, test = (parts.get(name) for name in (*PARTS, "test"))
    check_rows(change, test is not None, test is not None and test.y is not None)
    X, y = np.concatenate([training.X, validation.X]), np.concatenate([training.y, validation.y])
    numbers, classes, equal = np.arange(len(y)), len(trained.description["classes"]), (row_groups(X, y), row_groups(X))
    together = renumbered(read_array(input.train_groups)[in_table(input, rows)]) if input.get("train_groups") else None
    weights = None if training.weights is None else np.concatenate([training.weights, validation.weights])
    split = numbers[: len(training.y)], numbers[len(training.y) :]
    bench = Bench(X, y, *split, test, classes, (X,), *equal, together, weights)
    rng = np.random.default_rng([settings["seeds"][0], 1])
    if "noise" in change or "mend" in change:
        bench = with_tables(bench, input, rows, change, trained, settings, rng)
    for entry in change.get("feature_dropout", []):
        bench = with_dropped_out(bench, places(trained, entry["features"]), entry["share"], COPIES, rng)
    return without(bench, places(trained, change["drop"])) if "drop" in change else bench


def with_tables(bench, input, rows, change, trained, settings, rng) -> Bench:
    """What needs the tables, and with them modules that other remedies do without: they take 0.7 s to load."""
    from gapscope.analysis.mended import with_mended_test, with_noise
    from gapscope.tables import parquet

    columns = columns_of(trained.description)
    train = parquet.take(input.train, in_table(input, rows))

    def test_matrix(table):
        return model.test_matrix(trained, encoded(table, columns), settings["test_eval"])

    for entry in change.get("noise", []):
        bench = with_noise(bench, entry, train, lambda table: trained.scaled(encoded(table, columns)), COPIES, rng)
    if "mend" not in change:
        return bench
    return with_mended_test(bench, change["mend"], train, parquet.take(input.test, rows["test"]), test_matrix)


def in_table(input, rows) -> np.ndarray:
    """The rows of the cleaned training table, in the order of the bench: training part, then validation part."""
    return np.concatenate([read_array(input[f"{name}_rows"])[rows[name]] for name in PARTS])


def places(trained, features: list[str]) -> np.ndarray:
    """Where the features' columns stand."""
    return np.flatnonzero([column["feature"] in features for column in trained.description["columns"]])


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
