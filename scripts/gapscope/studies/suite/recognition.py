"""How well known breaks are recognised: the outcome of one diagnosis, the confusion table, the detectable strength."""

import pandas as pd

from gapscope.simulation.defects import OF_VALUES, ON_TARGET

# What the diagnosis calls a break, where its name is not the break's own.
CALLED = {"none": "no_gap", "never_standardised": "rescaled"}
IN_PART = set(OF_VALUES) - ON_TARGET  # of these, one that reaches only some rows is as truly a changed feature
SILENT = {"no_gap", "harmless_shift"}


def outcome(truth: dict, verdict: dict) -> str:
    """recognised | undecided | silent (no gap is seen) | other kind (right features) | wrong.

    Args:
        truth: as inject.truth_of gives it. verdict: `kind` and `features`, and for mixed `parts` of the same two.

    A verdict is recognised if kind and features are the injected ones. Of a test set that was never standardised, the
    features that matter are enough. For the labels and the training rows features are not compared.
    """
    kind, features = verdict["kind"], set(verdict["features"])
    if truth["kind"] == "mixed" and kind == "mixed":
        parts = verdict["parts"]
        known = [
            any(_matches(wrong, part["kind"], set(part["features"])) for part in parts) for wrong in truth["breaks"]
        ]
        return "recognised" if all(known) and len(parts) == len(known) else "wrong"
    if truth["kind"] in ("none", "mixed"):
        right = kind == CALLED["none"] and truth["kind"] == "none"
    else:
        right = _matches(truth["breaks"][0], kind, features)
    if right:
        return "recognised"
    if kind == "undecided":
        return "undecided"
    if kind in SILENT:
        return "silent"
    return "other kind" if features and features == set(truth["features"]) else "wrong"


def _matches(wrong: dict, kind: str, features: set[str]) -> bool:
    """Whether a verdict's kind and features are true of one injected break."""
    broken = set(wrong["features"])
    if wrong["kind"] in IN_PART and wrong["strength"] < 1 and kind == "feature_changed":
        return bool(features) and features <= broken
    if kind != CALLED.get(wrong["kind"], wrong["kind"]):
        return False
    if wrong["kind"] == "never_standardised":
        return bool(features) and features <= broken
    return not broken or features == broken


def confusion(cases: pd.DataFrame) -> pd.DataFrame:
    """Counts of injected (rows, in their order) x diagnosed (columns) at full strength.

    A verdict of the right kind that blames other features has a column of its own: the kind with "(other feature)".
    """
    full = cases[cases["strength"] == 1]
    right_kind = full["verdict"] == full["kind"].replace(CALLED)
    diagnosed = full["verdict"].mask(right_kind & (full["outcome"] == "wrong"), full["verdict"] + " (other feature)")
    table = pd.crosstab(full["injected"], diagnosed)
    own = [CALLED.get(kind, kind) for kind in full["kind"].unique()]
    first = [kind for kind in dict.fromkeys(own) if kind in table]
    rest = sorted(set(table) - {*first, "undecided"})
    last = ["undecided"] if "undecided" in table else []
    return table.loc[full["injected"].unique(), [*first, *rest, *last]]


def expected_verdicts(cases: pd.DataFrame) -> dict[str, str]:
    """Per injected break: the kind of verdict that is right."""
    full = cases[cases["strength"] == 1].drop_duplicates("injected")
    return dict(zip(full["injected"], full["kind"].replace(CALLED)))


def by_strength(cases: pd.DataFrame) -> pd.DataFrame:
    """Per injected break and strength: data sets, mean loss of accuracy on the test set, share of each outcome."""
    told = cases.assign(loss=cases["validation"] - cases["test"])
    groups = told.groupby(["injected", "strength"], sort=False)
    table = groups.agg(data_sets=("seed", "size"), loss=("loss", "mean"))
    for name in ("recognised", "undecided", "silent", "other kind", "wrong"):
        table[name.replace(" ", "_")] = groups["outcome"].apply(lambda found, name=name: (found == name).mean())
    return table.reset_index()


def detectable(shares: pd.DataFrame, least: float) -> pd.DataFrame:
    """Per injected break: the least strength from which on it is recognised in a share `least` of the data sets.

    `shares`: as by_strength gives them. A break that is not recognised at full strength has no such strength (NaN).
    """
    records = []
    for name, group in shares.groupby("injected", sort=False):
        group = group.sort_values("strength", ascending=False)
        enough = group[(group["recognised"] >= least).cummin()]
        lowest = enough.iloc[-1] if len(enough) else None
        records.append({
            "injected": name,
            "detectable_strength": float("nan") if lowest is None else lowest["strength"],
            "loss_there": float("nan") if lowest is None else lowest["loss"],
            "recognised_at_full": group["recognised"].iloc[0],
        })  # fmt: skip
    return pd.DataFrame(records)
