"""How well known defects are recognised: outcome of one diagnosis, confusion table, detectable strength."""

import pandas as pd

from gapscope.diagnosis.causes import CALLED
from gapscope.simulation.defects import OF_ALL_NUMBERS, OF_VALUES, ON_TARGET

IN_PART = set(OF_VALUES) - ON_TARGET  # if only some rows have one of these, a changed feature is as true a verdict
# (defect, verdict): one value in place of some others, and a constant added where this costs accuracy
SAME_TABLE = {("stuck_value", "sentinel_value"), ("harmless_shift", "rescaled")}
SILENT = {"no_gap", "harmless_shift", "overfitting"}  # verdicts that a test set has nothing to do with
NAMELESS = {*SILENT, "undecided"}  # verdicts that name no defect of the test set
OUTCOMES = ("recognised", "undecided", "silent", "other kind", "wrong")


def outcome(truth: dict, verdict: dict, must: list[bool] | None = None) -> str:
    """One of OUTCOMES: silent if no gap is seen, other kind if only the features are right.

    A verdict is recognised if kinds and features are the injected ones. For defects of all numeric columns, the
    features that matter are enough. For the labels and the training rows features are not compared. A model that
    overfits does so without a defect, too. What costs a model next to nothing, as a renamed category costs trees, need
    not be named.

    Parameters
    ----------
    truth : `breaks` and `features`, as `inject.truth_of` gives them.
    verdict : `kind` and `features`, and for mixed `parts` with the same two.
    must : whether each of the breaks must be named; if not given, all must.
    """
    kind, features, breaks = verdict["kind"], set(verdict["features"]), truth["breaks"]
    causes = [(part["kind"], set(part["features"])) for part in (verdict["parts"] if kind == "mixed" else [verdict])]
    named = [any(_matches(wrong, *cause) for cause in causes) for wrong in breaks]
    made_up = [cause for cause in causes if not any(_matches(wrong, *cause) for wrong in breaks)]
    complete = all(is_named or not needed for is_named, needed in zip(named, must or [True] * len(breaks)))
    if breaks and complete and (kind in NAMELESS or not made_up and len(causes) <= len(breaks)):
        return "recognised"
    if not breaks and kind in (CALLED["none"], "overfitting"):
        return "recognised"
    if kind == "undecided":
        return "undecided"
    if kind in SILENT:
        return "silent"
    return "other kind" if kind != "mixed" and features and features == set(truth["features"]) else "wrong"


def _matches(wrong: dict, kind: str, features: set[str]) -> bool:
    """Whether a verdict's kind and features are true of one injected defect."""
    broken = set(wrong["features"])
    some_of_them = bool(features) and features <= broken
    if wrong["kind"] in IN_PART and wrong["strength"] < 1 and kind == "feature_changed":
        return some_of_them
    if (wrong["kind"], kind) in SAME_TABLE:
        return some_of_them
    if kind != CALLED.get(wrong["kind"], wrong["kind"]):
        return False
    return some_of_them if wrong["kind"] in OF_ALL_NUMBERS else not broken or features == broken


def confusion(cases: pd.DataFrame) -> pd.DataFrame:
    """Counts of injected (rows, in their order) x diagnosed (columns) at full strength.

    A verdict of the right kind that blames other features has its own column: the kind with "(other feature)".
    """
    full = cases[cases["strength"] == 1]
    expected = full["kind"].replace(CALLED)
    misplaced = (full["verdict"] == expected) & (full["outcome"] == "wrong")
    diagnosed = full["verdict"].mask(misplaced, full["verdict"] + " (other feature)")
    table = pd.crosstab(full["injected"], diagnosed)
    first = [kind for kind in expected.unique() if kind in table]
    rest = sorted(set(table) - {*first, "undecided"})
    last = ["undecided"] if "undecided" in table else []
    return table.loc[full["injected"].unique(), [*first, *rest, *last]]


def expected_verdicts(cases: pd.DataFrame) -> dict[str, str]:
    """The right kind of verdict for each injected defect."""
    full = cases[cases["strength"] == 1].drop_duplicates("injected")
    return dict(zip(full["injected"], full["kind"].replace(CALLED)))


def by_strength(cases: pd.DataFrame) -> pd.DataFrame:
    """Number of data sets, mean loss of accuracy on the test set and share of each outcome, by defect and strength."""
    means = {"loss": cases["validation"] - cases["test"]}
    means |= {name.replace(" ", "_"): cases["outcome"] == name for name in OUTCOMES}
    groups = cases.assign(**means).groupby(["injected", "strength"], sort=False)
    return groups.agg(data_sets=("seed", "size")).join(groups[[*means]].mean()).reset_index()


def detectable(shares: pd.DataFrame, least: float) -> pd.DataFrame:
    """The lowest strength from which on each defect is recognised in a share `least` of the data sets.

    `shares` is the table of by_strength. A defect that is not recognised at full strength has no such strength (NaN).
    """
    records = []
    for name, group in shares.groupby("injected", sort=False):
        group = group.sort_values("strength", ascending=False)
        lowest = group[(group["recognised"] >= least).cummin()].tail(1)
        records.append({
            "injected": name,
            "detectable_strength": lowest["strength"].min(),
            "loss_there": lowest["loss"].min(),
            "recognised_at_full": group["recognised"].iloc[0],
        })  # fmt: skip
    return pd.DataFrame(records)
