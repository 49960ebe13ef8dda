"""What a remedy is tried on: the rows of a stage's inputs, as it wants them."""

import numpy as np

from gapscope.common.files import read_array
from gapscope.data.encode import columns_of, encoded
from gapscope.network import model
from gapscope.network.partition import Partition, read_partition, read_test_partition
from gapscope.remedies.recommendation import check_rows
from gapscope.remedies.resampling import chosen_rows, renumbered, row_groups
from gapscope.remedies.trial import Bench, with_dropped_out, without

PARTS = ("training", "validation")
COPIES = 4  # versions of each training row, where a feature is disturbed


def chosen(input, trained, settings) -> tuple[dict[str, Partition], dict[str, np.ndarray], dict]:
    """What to try a remedy on of each part, its rows' places, and of how many rows, where some are left out."""
    stored = {name: read_partition(input, name) for name in PARTS}
    if input.get("test_X"):
        stored["test"] = read_test_partition(input, trained, settings["test_eval"])
    sizes = {name: len(own.X) for name, own in stored.items()}
    rows = chosen_rows(sizes, settings["mitigate"]["rows"], settings["mitigate"]["seeds"][0])
    parts = {name: own.at(rows[name]) for name, own in stored.items()}
    if all(len(rows[name]) == size for name, size in sizes.items()):
        return parts, rows, {}
    return parts, rows, {name: {"rows": len(rows[name]), "of": size} for name, size in sizes.items()}


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
    rng = np.random.default_rng([settings["mitigate"]["seeds"][0], 1])
    if "noise" in change or "mend" in change:
        bench = with_tables(bench, input, rows, change, trained, settings, rng)
    for entry in change.get("feature_dropout", []):
        bench = with_dropped_out(bench, places(trained, entry["features"]), entry["share"], COPIES, rng)
    return without(bench, places(trained, change["drop"])) if "drop" in change else bench


def with_tables(bench, input, rows, change, trained, settings, rng) -> Bench:
    """What needs the tables, and with them modules that other remedies do without: they take 0.7 s to load."""
    from gapscope.data import parquet
    from gapscope.remedies.repaired_columns import with_mended_test, with_noise

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
