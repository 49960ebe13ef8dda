"""All measures of importance as the rows of saliency.csv."""

from dataclasses import dataclass

import numpy as np

from gapscope.common.thinning import thinned
from gapscope.data.encode import columns_of, feature_groups
from gapscope.evaluation.attribution import Integrated, covariances, gradient, integrated_gradients
from gapscope.evaluation.permutation import JUDGES, permutation_importance
from gapscope.evaluation.saliency import METHODS, mean_of_members
from gapscope.network.model import Model
from gapscope.network.partition import Partition
from gapscope.network.stored import pieces


@dataclass(frozen=True)
class Data:
    """The parts as the network gets them; `test_columns` names the columns in the order that the test part has.

    Without a test set `test` is None, without its classes test.y is.
    """

    training: Partition
    validation: Partition
    test: Partition | None
    test_columns: list[str]


def importances(trained: Model, data: Data, settings: dict) -> tuple[list[dict], list[dict]]:
    """The records of saliency.csv for one network, and the completeness of its integrated gradients (none or one row).

    `settings`: config.yaml's saliency block; permutation_test is left out where test classes are not known. `gradient`
    and `integrated_gradients` see the same sample of rows. Of an ensemble, importances by slopes are means over its
    members.
    """
    columns, X = columns_of(trained.description), data.training.X
    groups, complete = feature_groups(columns), []
    rng = np.random.default_rng(settings["seed"])
    sample = X[np.sort(rng.choice(len(X), size=min(len(X), settings["rows"]), replace=False))]
    records, members = [], trained.network.members
    labelled = data.test is not None and data.test.y is not None
    for method in (name for name in settings["methods"] if labelled or name != "permutation_test"):
        if method in METHODS:
            importance, rows = mean_of_members(method, trained.network, X, data.training.y)
            found = ranking([column.name for column in columns], importance, "column", "magnitude", rows)
        elif method in JUDGES:
            found = _permuted(JUDGES[method], trained, data, settings)
        elif method == "gradient":
            spread = covariances(X, groups)
            found = _mean_magnitudes([gradient(member, sample, spread) for member in members], len(sample))
        else:
            mean = sum(x.sum(axis=0) for _, x in pieces(X)) / len(X)
            integrated = [integrated_gradients(member, sample, mean, settings["steps"]) for member in members]
            found = _mean_magnitudes([one.by_feature(groups) for one in integrated], len(sample))
            complete.append({"method": method, "steps": settings["steps"], **completeness(integrated)})
        records += [{"method": method, **record} for record in found]
    return records, complete


def _permuted(name: str, trained: Model, data: Data, settings: dict) -> list[dict]:
    """Networks and parts are all shuffled by the same seed."""
    part, rng = getattr(data, name), np.random.default_rng(settings["seed"])
    rows = thinned(len(part.y), settings["permuted_rows"], rng)
    by_name = {column.name: column for column in columns_of(trained.description)}
    names = data.test_columns if name == "test" else by_name
    groups = feature_groups([by_name[name] for name in names])
    found = permutation_importance(trained.network, part.at(rows), groups, settings["draws"], rng)
    importance, errors = zip(*found.values())
    return ranking(list(found), importance, "feature", "signed", len(rows), errors)


def _mean_magnitudes(of_members: list[dict[str, np.ndarray]], rows: int) -> list[dict]:
    importance = [[np.abs(values).mean() for values in by_feature.values()] for by_feature in of_members]
    return ranking(list(of_members[0]), np.mean(importance, axis=0), "feature", "magnitude", rows)


def completeness(of_members: list[Integrated]) -> dict:
    """How far the attributions miss the differences of outputs that they should sum to, beside those differences."""
    errors, differences = (
        np.concatenate([getattr(one, name) for one in of_members]) for name in ("errors", "differences")
    )
    return {
        "baseline": "mean of the training part",
        "rows": len(of_members[0].differences),
        "mean_error": float(errors.mean()),
        "largest_error": float(errors.max()),
        "mean_output_difference": float(np.abs(differences).mean()),
    }


def ranking(names: list[str], importance, level: str, sign: str, rows: int, errors=None) -> list[dict]:
    """feature, importance, rank, rows, level (column | feature), sign (magnitude | signed), standard_error.

    The most important stands first; equals stay in the order of `names`.
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
