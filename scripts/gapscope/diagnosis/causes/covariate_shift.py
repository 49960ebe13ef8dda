"""covariate_shift: other rows are seen, of kinds that the network gets wrong in validation too; y given x is kept."""

from gapscope.diagnosis.causes.cause import Cause, CauseKind, Row, moved, part_of
from gapscope.diagnosis.evidence.column_maps import clipped, heaped
from gapscope.diagnosis.evidence.gather import Evidence, Gathered
from gapscope.diagnosis.evidence.unlabelled import UnlabelledEvidence
from gapscope.diagnosis.picture import distribution


def judge(e: Evidence, t: dict) -> list[Cause]:
    """The drifted features, if rows like those of the test set are classified as badly in validation.

    Judged before anything is undone: where y given x is as it was, there is nothing to undo.
    """
    split = e.before
    if not e.drifted or split.apart > 1.0 - t["explained"]:
        return []
    if e.class_shares_changed and split.classes_explained < t["explained"]:
        return []
    if split.relation_part.low > 0 or split.x_part.low <= 0 or part_of(e, split.x_part) < t["explained"]:
        return []
    if set(e.drifted) & set(e.measured.get("heaped", ())):
        return []  # other rows are not heaped at one value
    if any(e.features[name].information_kept.high < t["explained"] for name in e.drifted):
        return []  # rows of another kind do not make a feature tell nothing
    return [Cause("covariate_shift", e.drifted, part_of(e, split.x_part))]


def measure(g: Gathered) -> dict:
    """`heaped`: the features of which many test values were moved to one value."""
    columns = {name: (g.repaired.known[name], g.repaired.came[name]) for name in g.case.features}
    return {"heaped": tuple(name for name, both in columns.items() if clipped(*both) or heaped(*both))}


def other_rows(g: Gathered) -> Row:
    split = g.evidence.before
    return Row(
        "part of the gap due to other x",
        split.x_part.value,
        f"Compared with validation rows like them, test rows lose {split.relation_part.value:z.3f}; that there are "
        f"more or fewer of each kind changes accuracy by {-split.x_part.value:+z.3f}. {split.apart:z.1%} of the test "
        "rows have no validation rows like them.",
    )


def other_rows_unlabelled(u: UnlabelledEvidence) -> Row:
    return Row(
        "area under the ROC curve, features alone",
        u.rows.apart.value,
        f"{moved(u.rows.drifted)}. Whether that costs accuracy only classes would show.",
        bool(u.rows.drifted),
    )


COVARIATE_SHIFT = CauseKind(
    name="covariate_shift",
    picture=distribution,
    hypothesis="a different mix of rows",
    row=other_rows,
    place="apart",
    clause="the test set has a different mix of rows than the training table (other values of {names}), with "
    "more rows of the kind that the network gets wrong in validation too",
    thresholds=("least_shift", "explained"),
    because="give more weight to training rows that resemble test rows",
    remedy={"weights": "importance"},
    levers=("importance",),
    shown_by="test rows",
    unlabelled=other_rows_unlabelled,
    measure=measure,
)
