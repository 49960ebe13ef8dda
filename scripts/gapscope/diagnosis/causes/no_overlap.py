"""no_overlap: values of a feature that the training table has no like of: later years, larger stones, another site.

Some rows with an unseen category are a hypothesis to look at, never a verdict.
"""

import pandas as pd

from gapscope.data.encode import unseen_levels
from gapscope.diagnosis.causes.cause import SUSPECT, Cause, CauseKind, Row, listed, matters, part_of
from gapscope.diagnosis.evidence.bins import is_numeric
from gapscope.diagnosis.evidence.gather import Evidence, Gathered
from gapscope.diagnosis.evidence.unlabelled import UnlabelledEvidence

RARE = 0.005  # share of the known rows at either end of the range, which few networks learn from
LEAST_UNSEEN = 0.05  # share of the test rows with an unseen category from which it is worth a look
LEAST_OUTSIDE = 0.9  # share of the test rows whose value lies outside the training range, or is a level of its own


def measure(g: Gathered) -> dict:
    """`outside`: per feature the share of test rows that no training row is like, and the values of both in words."""
    known, came = g.repaired.known, g.repaired.came
    return {"outside": {name: outside(known[name], came[name]) for name in g.case.features}}


def outside(known: pd.Series, test: pd.Series) -> tuple[float, str]:
    """The share, and the values. A column that reads the same in every test row says nothing of other values."""
    if test.nunique() < 2:
        return 0.0, ""
    if not is_numeric(known):
        levels = [listed(values.value_counts().index[:3]) for values in (test, known)]
        return float((~test.isin(known.unique())).mean()), f"{test.name}: {levels[0]}; in training {levels[1]}"
    ends = [f"{values.min():g} to {values.max():g}" for values in (test, known)]
    beyond = ~test.between(known.quantile(RARE, "lower"), known.quantile(1 - RARE, "higher"))
    return float(beyond.mean()), f"{test.name}: {ends[0]}; in training {ends[1]}"


def judge(e: Evidence, t: dict) -> list[Cause]:
    """The suspects that lie outside and that no map brings back, if they carry most of the gap.

    Their relation to the class may be as before, with a network that extrapolates badly, or another: no training row
    can tell. Whatever else seems to have changed may come from that too. Where other columns stand under each other's
    header, these may, too.
    """
    if any(repair.kind == "columns_swapped" for repair in e.repairs):
        return []
    mapped = {name for repair in e.repairs if matters(e, repair.helps, t) for name in repair.features}
    found = e.measured.get("outside", {})
    names = [name for name in e.suspects if name not in mapped and found.get(name, (0.0,))[0] >= LEAST_OUTSIDE]
    share = sum(part_of(e, e.features[name].share) for name in names)
    if not names or not share >= t["explained"]:
        return []
    return [Cause("no_overlap", tuple(names), min(share, 1.0), "; ".join(found[name][1] for name in names))]


def furthest(g: Gathered) -> Row:
    found = g.evidence.measured["outside"]
    name = max(found, key=lambda one: found[one][0])
    share, values = found[name]
    told = f" ({values})" if share >= LEAST_OUTSIDE else ""
    sentence = f"{share:z.1%} of the test rows have a value of {name} outside the middle 99% of training{told}."
    unasked = share >= LEAST_OUTSIDE and not g.case.network.can_predict
    return Row("share of test rows outside the middle 99% of training", share, sentence, needs_model=unasked)


def unseen(g: Gathered | UnlabelledEvidence) -> Row:
    """By the feature with the largest share of rows whose category has no column in the network's input."""
    if isinstance(g, Gathered):
        counts, rows = unseen_levels(g.repaired.came, list(g.case.encode.columns)), len(g.repaired.came)
        shares = [sum(levels.values()) / rows for levels in counts.values()]
    else:
        shares = [feature["unknown"] or 0.0 for feature in g.rows.features.values()]
    share = max(shares, default=0.0)
    sentence = f"In each feature, at most {share:z.1%} of the test rows have a category that training does not know."
    return Row("share of test rows", share, sentence, share >= LEAST_UNSEEN)


UNSEEN_CATEGORIES = CauseKind(
    name=None,
    hypothesis="categories unseen in training",
    row=unseen,
    place="columns-test",
    shown_by="test rows",
    unlabelled=unseen,
)
NO_OVERLAP = CauseKind(
    name="no_overlap",
    hypothesis="values outside the training range",
    row=furthest,
    place="feature-by-feature",
    clause="the test set’s values of {names} lie outside those of training ({detail}): the network extrapolates",
    proof=lambda cause, e: " No training row shows whether the relation to the class is still the same there.",
    thresholds=("explained",),
    because="add labelled rows of this kind to the training table, which would show whether the relation holds. "
    "Until then, retrain without the feature",
    remedy={"drop": SUSPECT},
    levers=("drop",),
    shown_by="test rows and classes",
    unlabelled="The features’ table shows values outside those of training; what they cost, only classes tell.",
    settles=judge,
    measure=measure,
)
