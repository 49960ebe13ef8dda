"""rescaled, sign_flipped, sentinel_value, category_renamed, columns_swapped: changes that a map undoes."""

from functools import partial

import numpy as np

from gapscope.diagnosis.causes.cause import SUSPECT, Cause, CauseKind, Row, matters, part_of
from gapscope.diagnosis.evidence.column_repair import ColumnRepair
from gapscope.diagnosis.evidence.gather import Evidence, Gathered
from gapscope.diagnosis.picture import distribution, relation_to_class


def judge(e: Evidence, t: dict) -> list[Cause]:
    """The changes that a map undoes on the tables, and that the network confirms on the same rows: undoing them surely
    helps, by itself or after all others."""
    return [
        Cause(repair.kind, repair.features, part_of(e, repair.helps))
        for repair in e.repairs
        if surely_helps(repair, e, t) or np.isnan(repair.helps.value)
    ]


def surely_helps(repair: ColumnRepair, e: Evidence, t: dict) -> bool:
    """Whether undoing this matters. Missing values are filled in given the class, which helps a little by itself: that
    it helps more than that must be sure."""
    drawn = repair.kind == "sentinel_value"
    return matters(e, repair.helps, t) and (not drawn or repair.helps.low / e.loss >= t["least_part"] / 2)


def undone(kind: str, g: Gathered) -> Row:
    statistic = "test accuracy that undoing brings"
    alike = [repair for repair in g.evidence.repairs if repair.kind == kind]
    if not alike:
        return Row(statistic, 0.0, "No column that changed looks like the known ones once this is undone.")
    repair = max(alike, key=lambda repair: repair.helps.low)
    how = "; ".join(f"{feature}: {repair.how[feature]}" for feature in repair.features[:6])
    words = f"Undone ({how}), the known rows' distribution given the class is back; "
    if not g.case.network.can_predict:
        return Row(statistic, np.nan, f"{words}what that brings needs the model.", needs_model=True)
    return Row(statistic, repair.helps.value, f"{words}test accuracy changes by {repair.helps.value:+z.3f}.")


def proof(cause: Cause, e: Evidence) -> str:
    alike = [one for one in e.repairs if one.kind == cause.kind and set(one.features) <= set(cause.features)]
    return f" Undoing this recovers {sum(one.helps.value for one in alike):z.3f} of accuracy."


def _kind(name: str, hypothesis: str, clause: str, how: str, because: str, **more) -> CauseKind:
    """`how` is the entry of mitigate.remedies.mend that undoes it without the map that the diagnosis fitted."""
    return CauseKind(
        name=name,
        hypothesis=hypothesis,
        row=partial(undone, name),
        place="feature-by-feature",
        clause=clause,
        proof=proof,
        thresholds=("most_left", "least_kept", "least_part"),
        because=because,
        remedy={"mend": {"feature": SUSPECT, "how": "undo"}},
        levers=("undo", how, "drop"),
        shown_by="test rows and classes",
        unlabelled="The features’ table may show such a change; that it is one, only classes confirm.",
        fact=judge,
        picture=relation_to_class if name == "sign_flipped" else distribution,
        **more,
    )


COLUMN_MAPS = (
    _kind(
        "rescaled",
        "a column in another unit, or never scaled",
        "{names} {verb} on another scale in the test set",
        "quantile_match",
        "the order of the values is kept: put them back on the training scale",
        verb=("is", "are"),
        defects=("never_standardised",),
    ),
    _kind(
        "sign_flipped",
        "a column with its sign reversed",
        "{names} {verb} the other way in the test set",
        "reverse",
        "the scale runs the other way: turn it back",
        verb=("runs", "run"),
    ),
    _kind(
        "sentinel_value",
        "one value standing for missing ones",
        "in the test set one value of {names} stands for missing ones",
        "missing",
        "a value stands for missing ones: learn from training rows of which as many lack it, and leave it out",
    ),
    _kind(
        "category_renamed",
        "renamed categories",
        "the categories of {names} have other names in the test set",
        "rename",
        "the levels have new names: map them back",
    ),
    _kind(
        "columns_swapped",
        "columns under each other's header",
        "the columns {names} stand under each other's header in the test set",
        "swap",
        "the columns stand under each other's name: swap them back",
        defects=("swapped_units", "columns_shifted"),
    ),
)
