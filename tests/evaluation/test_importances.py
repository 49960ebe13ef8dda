"""The rows of saliency.csv: ranks, signs, and columns of the test rows in another order."""

import numpy as np
import pandas as pd

from feature_rows import logistic, rows
from gapscope.evaluation.saliency import importances
from gapscope.network import mlp
from gapscope.network.model import Model
from gapscope.network.partition import Partition

SETTINGS = {
    "methods": ["loss", "gradient", "integrated_gradients", "permutation_validation", "permutation_test"],
    "rows": 40, "steps": 8, "permuted_rows": 1000, "draws": 2, "seed": 1,
}  # fmt: skip
NAMES = ["number", "waves", "log1p(waves)", "kind_a", "kind_b", "kind_c"]


def trained(net):
    """A model of six encoded columns, so named."""
    columns = [
        {"feature": feature, "level": None, "transform": transform, "others": []}
        for feature, transform in [("number", None), ("waves", None), ("waves", {"kind": "log1p"})]
    ] + [{"feature": "kind", "level": level, "transform": None, "others": []} for level in "abc"]
    columns = [{"name": name, **column} for name, column in zip(NAMES, columns)]
    return Model(net, np.zeros(6), np.ones(6), {"columns": columns})


def six(n):
    return np.delete(rows(n), 2, axis=1)


def test_the_table_ranks_features_and_says_what_is_signed():
    partition = Partition(six(100), np.random.default_rng(0).integers(3, size=100))
    model = trained(mlp.initial_network([6, 4, 3], "relu", "he", np.random.default_rng(0)))
    partitions = dict.fromkeys(("training", "validation", "test"), partition)
    records, complete = importances(model, partitions, [], SETTINGS)
    table = pd.DataFrame(records)
    assert table[table["level"] == "column"]["method"].unique().tolist() == ["loss"]
    for method, ranked in table[table["level"] == "feature"].groupby("method"):
        assert sorted(ranked["feature"]) == ["kind", "number", "waves"] and ranked["rank"].tolist() == [1, 2, 3]
        assert ranked["importance"].is_monotonic_decreasing
        assert set(ranked["sign"]) == {"signed" if method.startswith("permutation") else "magnitude"}
        assert ranked["standard_error"].notna().all() == method.startswith("permutation")
    assert [(row["rows"], row["steps"]) for row in complete] == [(40, 8)]
    pd.testing.assert_frame_equal(pd.DataFrame(importances(model, partitions, NAMES, SETTINGS)[0]), table)
    for test in (None, Partition(partition.X, None)):
        without = importances(model, partitions | {"test": test}, [], SETTINGS)[0]
        pd.testing.assert_frame_equal(pd.DataFrame(without), table[table["method"] != "permutation_test"])


def test_test_rows_in_another_order_of_columns_are_shuffled_by_that_order():
    """The network reads its place 0 only, where the test rows have the column of `kind`'s last level."""
    net, X = logistic(np.array([5.0, 0, 0, 0, 0, 0])), six(300)
    orders = {"training": X, "validation": X, "test": X[:, ::-1]}
    partitions = {name: Partition(each, net.predict(each)) for name, each in orders.items()}
    records, _ = importances(trained(net), partitions, NAMES[::-1], SETTINGS)
    first = {record["method"]: record["feature"] for record in records if record["rank"] == 1}
    assert (first["permutation_validation"], first["permutation_test"]) == ("number", "kind")
