"""Rows that remedies are tried on: drawn from a stage's inputs, changed as a remedy asks, split into folds."""

from dataclasses import dataclass, replace

import numpy as np

from gapscope.common.files import read_array
from gapscope.data.encode import columns_of, encoded
from gapscope.data.split import grouped_parts
from gapscope.network import model
from gapscope.network.classifier import Classifier
from gapscope.network.partition import Partition, read_partition, read_test_partition
from gapscope.remedies.comparison import judged_rows
from gapscope.remedies.recommendation import Untried, check_rows

COPIES = 4  # versions of each training row, where a feature is disturbed


@dataclass(frozen=True)
class TrialData:
    """Scaled rows of the training table, how they are split, and the test rows.

    `versions` are matrices (n, d) to train on in place of `X`, all at once: copies of it with a feature disturbed.
    """

    X: np.ndarray  # (n, d)
    y: np.ndarray  # (n,)
    training: np.ndarray  # row numbers
    validation: np.ndarray
    test: Partition | None  # None without a test set; its y is None where classes are not known
    n_classes: int
    versions: tuple[np.ndarray, ...]
    equal: np.ndarray  # (n,) the same for rows equal in all features, whatever their class
    groups: np.ndarray | None  # (n,) group of each row, which no fold splits (data.group)
    weights: np.ndarray | None = None  # (n,) what each row counts (data.weight)
    model: Classifier | None = None  # a model of the user's own that reads X, in place of a network

    @property
    def neutral(self) -> np.ndarray:
        """The value of each column (d,) that says nothing of a row: its mean, or its commonest category."""
        if self.model is None:
            return np.zeros(self.X.shape[1])
        pairs = zip(self.model.columns, self.X.T)
        return np.array([np.bincount(x.astype(int)).argmax() if column.codes else x.mean() for column, x in pairs])

    def scaled(self, X: np.ndarray) -> np.ndarray:
        """X as a network would read it: numbers as z-scores, a column for each category."""
        if self.model is None:
            return X
        deviation = np.where(self.X.std(axis=0) > 0, self.X.std(axis=0), 1.0)
        scaled = (X - self.X.mean(axis=0)) / deviation
        parts = [
            x[:, None] == np.arange(len(column.codes)) if column.codes else z[:, None]
            for column, x, z in zip(self.model.columns, X.T, scaled.T)
        ]
        return np.hstack(parts).astype(np.float64)

    @property
    def labelled(self) -> bool:
        """Whether there are test rows whose classes are known."""
        return self.test is not None and self.test.y is not None

    def at(self, rows: np.ndarray) -> Partition:
        """These rows, to validate with."""
        return Partition(self.X, self.y, self.weights).at(rows)

    def to_train_on(self, rows: np.ndarray) -> Partition:
        """These rows of all versions, to train on."""
        number = len(self.versions)
        X = np.concatenate([version[rows] for version in self.versions], dtype=self.X.dtype)
        weights = None if self.weights is None else np.tile(self.weights[rows], number)
        return Partition(X, np.tile(self.y[rows], number), weights)


def without_columns(data: TrialData, places: np.ndarray) -> TrialData:
    """The data without the columns at these places; Untried if none is left."""
    if len(places) == data.X.shape[1]:
        raise Untried("it leaves no feature to learn from")
    X, *versions = (np.delete(matrix, places, axis=1) for matrix in (data.X, *data.versions))
    test = data.test and replace(data.test, X=np.delete(data.test.X, places, axis=1))
    model = data.model and data.model.without(places)
    return replace(data, X=X, versions=tuple(versions), test=test, model=model)


def with_dropout(data: TrialData, places: np.ndarray, share: float, rng) -> TrialData:
    """The data with COPIES versions in which these columns are `neutral` in a random share of the rows."""
    versions = tuple(X.copy() for X in (data.versions if len(data.versions) > 1 else data.versions * COPIES))
    for X in versions:
        X[np.ix_(rng.random(len(X)) < share, places)] = data.neutral[places]
    return replace(data, versions=versions)


def without_copies(data: TrialData) -> TrialData:
    """The data without validation rows that repeat a training row; Untried if none is left.

    Copies among training rows stay: they harm the judgement, not the network.
    """
    copies = row_groups(data.X, data.y)
    validation = data.validation[~np.isin(copies[data.validation], copies[data.training])]
    if not len(validation):
        raise Untried("every validation row stands in the training part too")
    return replace(data, validation=validation)


def row_groups(X: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    """A number for each row (n,), the same for rows that are equal in all columns of X and, if given, in y."""
    columns = [*X.T] if y is None else [*X.T, y]
    order, new = np.lexsort(columns[::-1]), np.zeros(len(X), bool)
    for column in columns:
        in_order = column[order]
        new[1:] |= in_order[1:] != in_order[:-1]
    groups = np.empty(len(X), np.int64)
    groups[order] = np.cumsum(new)
    return groups


def renumbered(groups: np.ndarray) -> np.ndarray:
    """Numbers of groups (n,) as 0, 1, ... without gaps."""
    return np.unique(groups, return_inverse=True)[1]


def folds_of(
    equal: np.ndarray, groups: np.ndarray | None, y: np.ndarray, folds: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Row numbers held out by each fold; no fold for 0, and no more folds than distinct rows or groups.

    Rows of equal features stay together: a network that knows a row's copy, or knows such rows only in other classes,
    is no judge of it. With `groups` it is these that stay together, and each fold has the class shares of y as nearly
    as they allow. All (n,); UserError if there is a single group.
    """
    if groups is not None and folds:
        folds = max(2, min(folds, int(groups.max()) + 1))
        fold_of = grouped_parts(groups, y, [1.0 / folds] * folds, rng)
    else:
        folds = min(folds, int(equal.max()) + 1)
        fold_of = (rng.permutation(equal.max() + 1) % folds if folds else equal)[equal]
    return [np.flatnonzero(fold_of == fold) for fold in range(folds)]


def sampled_rows(sizes: dict[str, int], limit: int, seed: int) -> dict[str, np.ndarray]:
    """Rows of each partition that all remedies are tried on, for `sizes` in rows.

    At most `limit` training rows, validation rows in proportion, and at most `limit` test rows. Training and validation
    rows are the first: they stand in random order, so that any stretch of a stratified split has its class shares.
    """
    training = min(sizes["training"], limit)
    validation = max(1, round(sizes["validation"] * training / sizes["training"]))
    rows = {"training": np.arange(training), "validation": np.arange(validation)}
    return rows | ({"test": judged_rows(sizes["test"], limit, seed)} if "test" in sizes else {})


def sampled_partitions(input, trained: model.Model, settings: dict):
    """Rows that remedies are tried on, in memory: partitions by name, their row numbers, and the sample's sizes.

    The sizes, `rows` and `of`, are empty if no row is left out.
    """
    stored = {name: read_partition(input, name, trained.own) for name in ("training", "validation")}
    if input.get("test_X"):
        stored["test"] = read_test_partition(input, trained, settings["test_eval"])
    sizes = {name: len(partition.X) for name, partition in stored.items()}
    rows = sampled_rows(sizes, settings["mitigate"]["rows"], settings["mitigate"]["seeds"][0])
    sample = {name: {"rows": len(rows[name]), "of": size} for name, size in sizes.items()}
    complete = all(size["rows"] == size["of"] for size in sample.values())
    return {name: stored[name].at(rows[name]) for name in stored}, rows, {} if complete else sample


def prepared(input, partitions: dict, rows: dict, change: dict, trained: model.Model, settings: dict) -> TrialData:
    """The rows of `sampled_partitions` as a resolved remedy wants them.

    Untried if it needs rows or classes that are not there, or features of another kind.
    """
    training, validation, test = (partitions.get(name) for name in ("training", "validation", "test"))
    check_rows(change, test is not None, test is not None and test.y is not None)
    X, y = np.concatenate([training.X, validation.X]), np.concatenate([training.y, validation.y])
    weights = None if training.weights is None else np.concatenate([training.weights, validation.weights])
    in_table = np.concatenate([read_array(input[f"{name}_rows"])[rows[name]] for name in ("training", "validation")])
    data = TrialData(
        X, y, *np.split(np.arange(len(y)), [len(training.y)]), test, len(trained.description["classes"]), (X,),
        row_groups(X),
        renumbered(read_array(input.train_groups)[in_table]) if input.get("train_groups") else None, weights,
        trained.own,
    )  # fmt: skip
    rng = np.random.default_rng([settings["mitigate"]["seeds"][0], 1])
    if {"noise", "blur", "mend"} & set(change):
        data = _with_tables(data, input, in_table, rows, change, trained, settings, rng)
    for entry in change.get("feature_dropout", []):
        data = with_dropout(data, _places(trained, entry["features"]), entry["share"], rng)
    return without_columns(data, _places(trained, change["drop"])) if "drop" in change else data


def _with_tables(data: TrialData, input, in_table, rows, change, trained, settings, rng) -> TrialData:
    """The data with noisy versions or repaired test columns, encoded again from the tables."""
    # imported here: other remedies do without these modules, which take 0.7 s to load
    from gapscope.data import parquet
    from gapscope.remedies.column_repairs import blurred, check_kind, missing_values, noisy, repaired

    columns, train = columns_of(trained.description), parquet.take(input.train, in_table)
    test = parquet.take(input.test, rows["test"]) if {"blur", "mend"} & set(change) else None
    if {"noise", "blur"} & set(change):
        versions = [train] * COPIES
        for entry in change.get("noise", []):
            check_kind("noise", entry["features"], train, numeric=True)
            versions = [noisy(table, entry["features"], entry["deviation"], rng) for table in versions]
        versions = [blurred(table, test, change.get("blur", {}), rng) for table in versions]
        data = replace(data, versions=tuple(trained.scaled(encoded(table, columns)) for table in versions))
    if "mend" not in change:
        return data
    X = encoded(repaired(test, train, change["mend"]), columns)
    unprepared = trained.own or any(None in entry.get("maps", {}).values() for entry in change["mend"])
    X = trained.scaled(X) if unprepared else model.test_matrix(trained, X, settings["test_eval"])
    for name, rows_missing in missing_values(test, change["mend"]).items():
        X[np.ix_(rows_missing, _places(trained, [name]))] = data.neutral[_places(trained, [name])]
        data = with_dropout(data, _places(trained, [name]), float(rows_missing.mean()), rng)
    return replace(data, test=replace(data.test, X=X))


def _places(trained: model.Model, features: list[str]) -> np.ndarray:
    """Places of the features' encoded columns."""
    return np.flatnonzero([column["feature"] in features for column in trained.description["columns"]])
