"""Compute all measures of importance, as rows of saliency.csv."""

import numpy as np

from gapscope.common.weights import thinned
from gapscope.data.encode import columns_of, feature_groups
from gapscope.evaluation import attribution
from gapscope.evaluation.permutation import JUDGES, permutation_importance
from gapscope.network.model import Model
from gapscope.network.partition import Partition
from gapscope.network.row_storage import pieces

COLUMNS = ["activation", "method", "feature", "importance", "rank", "rows", "level", "sign", "standard_error"]
COMPLETENESS_COLUMNS = ["activation", "method", "steps", "baseline", "rows"]
COMPLETENESS_COLUMNS += ["mean_error", "largest_error", "mean_output_difference"]


def importances(
    trained: Model, partitions: dict[str, Partition | None], test_columns: list[str], settings: dict
) -> tuple[list[dict], list[dict]]:
    """Rank the columns or features of one model by each method; only by permutation if it is not a network, and not
    at all if there are only predictions of it.

    `gradient` and `integrated_gradients` use the same sample of rows. For an ensemble, importances from gradients are
    means over its members. `permutation_test` is left out if the test classes are unknown.

    Parameters
    ----------
    partitions : `training`, `validation` and `test` rows, prepared for the network; `test` may be None.
    test_columns : order of the test partition's columns, by name; empty if it is the order in training.
    settings : the block `saliency` of the config.

    Returns
    -------
    Records of saliency.csv, and the completeness of the integrated gradients (at most one record).
    """
    columns, training = columns_of(trained.description), partitions["training"]
    groups, rng = feature_groups(columns), np.random.default_rng(settings["seed"])
    X = training.X
    sample = X[np.sort(rng.choice(len(X), size=min(len(X), settings["rows"]), replace=False))]
    records, complete = [], []
    labelled = partitions["test"] is not None and partitions["test"].y is not None
    members = trained.network.members if trained.network.is_network else ()
    known = [name for name in settings["methods"] if labelled or name != "permutation_test"]
    for method in (name for name in known if members or (name in JUDGES and trained.network.can_predict)):
        if method in attribution.COLUMN_METHODS:
            importance, rows = attribution.column_saliency(method, trained.network, X, training.y)
            ranked = _ranked([column.name for column in columns], importance, "column", "magnitude", rows)
        elif method in JUDGES:
            of_test = test_columns if members and method == "permutation_test" else []
            ranked = _permuted(trained, partitions[JUDGES[method]], of_test, settings)
        elif method == "gradient":
            spread = attribution.covariances(X, groups)
            ranked = _mean_magnitudes([attribution.gradient(member, sample, groups, spread) for member in members])
        else:
            baseline, steps = sum(x.sum(axis=0) for _, x in pieces(X)) / len(X), settings["steps"]
            integrated = [attribution.integrated_gradients(member, sample, baseline, steps) for member in members]
            by_feature = [{name: signed[:, at].sum(axis=1) for name, at in groups.items()} for signed, _ in integrated]
            ranked = _mean_magnitudes(by_feature)
            complete.append({"method": method, "steps": steps, **_completeness(integrated)})
        records += [{"method": method, **record} for record in ranked]
    return records, complete


def _permuted(trained: Model, partition: Partition, names: list[str], settings: dict) -> list[dict]:
    """Features by permutation importance; `names` are the partition's columns if their order differs from training."""
    rng = np.random.default_rng(settings["seed"])  # the same shuffles for all networks and partitions
    rows = thinned(len(partition.y), settings["permuted_rows"], rng)
    by_name = {column.name: column for column in columns_of(trained.description)}
    groups = feature_groups([by_name[name] for name in names or by_name])
    lost = permutation_importance(trained.network, partition.at(rows), groups, settings["draws"], rng)
    importance, errors = zip(*lost.values())
    return _ranked(list(lost), importance, "feature", "signed", len(rows), errors)


def _mean_magnitudes(of_members: list[dict[str, np.ndarray]]) -> list[dict]:
    """Features by absolute attribution, averaged over rows and members."""
    importance = [[np.abs(values).mean() for values in by_feature.values()] for by_feature in of_members]
    rows = len(next(iter(of_members[0].values())))
    return _ranked(list(of_members[0]), np.mean(importance, axis=0), "feature", "magnitude", rows)


def _completeness(of_members: list[tuple[np.ndarray, np.ndarray]]) -> dict:
    """Mean and largest error of the attributions' sums, and the mean difference of outputs they should equal."""
    errors = np.concatenate([np.abs(signed.sum(axis=1) - differences) for signed, differences in of_members])
    differences = np.concatenate([differences for _, differences in of_members])
    return {
        "baseline": "mean of the training part",
        "rows": len(differences) // len(of_members),
        "mean_error": float(errors.mean()),
        "largest_error": float(errors.max()),
        "mean_output_difference": float(np.abs(differences).mean()),
    }


def _ranked(names: list[str], importance, level: str, sign: str, rows: int, errors=None) -> list[dict]:
    """Records of saliency.csv, the most important first; equal ones in the order of `names`.

    `level` is column or feature, `sign` is magnitude or signed.
    """
    errors = [np.nan] * len(names) if errors is None else errors
    order = np.argsort(-np.asarray(importance), kind="stable").tolist()
    return [
        {
            "feature": names[place],
            "importance": float(importance[place]),
            "rank": rank,
            "rows": rows,
            "level": level,
            "sign": sign,
            "standard_error": float(errors[place]),
        }
        for rank, place in enumerate(order, 1)
    ]
