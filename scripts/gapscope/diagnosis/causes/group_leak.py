"""group_leak, near_copies: validation rows belong together with training rows, which test rows do not.

A verdict of such a cause alone is `leak`, as for rows that were copied exactly.
"""

from functools import partial

import numpy as np

from gapscope.diagnosis.causes.cause import Cause, CauseKind, Row, matters, part_of, real
from gapscope.diagnosis.evidence.gather import Evidence, Gathered
from gapscope.diagnosis.evidence.held_groups import LEAST_APART, held_groups

STATISTIC = "validation accuracy owed to rows that belong together"


def measure(g: Gathered) -> dict:
    """`groups` and `group_flattery`, as `held_groups` finds them. Networks are only trained for a gap to explain."""
    leaky = g.copies.leaky(g.case.settings["copied_rows"])
    asked = g.case.training and real(g.evidence.test_gap, g.case.settings) and not leaky
    return dict(zip(("groups", "group_flattery"), held_groups(g) if asked else (None, None)))


def judge(e: Evidence, t: dict) -> list[Cause]:
    """The leak, if what it adds to the validation accuracy explains most of the gap.

    It is seen in the training table alone. The features of other groups look changed, so no other cause is asked for.
    """
    found = [one for one in suspected(e, t) if one.share >= t["explained"]]
    return found if found and matters(e, e.measured["group_flattery"], t) else []


def suspected(e: Evidence, t: dict) -> list[Cause]:
    """Candidate where no story holds: the leak, if it may explain a part of the gap that matters."""
    groups = e.measured.get("groups")
    if not groups or not part_of(e, e.measured["group_flattery"]) >= t["explained"] / 2:
        return []
    by_distance = "one group (found by distance; no column identifies it)"
    which = f"one value of {groups.column}" if groups.column else by_distance
    return [Cause(groups.kind, (), min(part_of(e, e.measured["group_flattery"]), 1.0), which)]


def undermines(e: Evidence, t: dict) -> bool:
    """Whether most rows belong to groups, and this surely makes a part of the gap: test rows then belong together too,
    and are no independent witnesses of another cause."""
    groups = e.measured.get("groups")
    return bool(groups) and groups.apart >= LEAST_APART and matters(e, e.measured["group_flattery"], t)


def together(kind: str, g: Gathered) -> Row:
    if not g.case.network.trainable:
        return Row(STATISTIC, np.nan, "Needs the model, trained again without such rows.", needs_model=True)
    groups, flattery = (g.evidence.measured.get(name) for name in ("groups", "group_flattery"))
    if not groups or groups.kind != kind:
        if not real(g.evidence.test_gap, g.case.settings):
            return Row(STATISTIC, np.nan, "Not measured: there is no gap to explain.")
        return Row(STATISTIC, 0.0, "No rows were found whose like the network misses when it is trained without them.")
    which = f"share {groups.column} with" if groups.column else "are near"
    return Row(
        STATISTIC,
        flattery.value,
        f"{groups.shared:.0%} of the validation rows {which} training rows, {groups.shared_test:.0%} of the test rows. "
        f"Held out together, such rows are classified right less often by {flattery.value:z.3f} (interval "
        f"{flattery.low:z.3f} to {flattery.high:z.3f}) than rows held out at random.",
    )


def proof(cause: Cause, e: Evidence) -> str:
    flattery, validation = e.measured["group_flattery"], e.accuracy["validation"].value
    return f" With such rows held out together, validation accuracy is about {validation - flattery.value:z.3f}."


leak_kind = partial(CauseKind, family="leak", place="copies", proof=proof, thresholds=("explained", "least_part"))
GROUP_LEAK = leak_kind(
    name="group_leak",
    row=partial(together, "group_leak"),
    hypothesis="rows of one group in training and validation",
    clause="rows of {detail} are in both the training and the validation part, which inflates the validation accuracy; "
    "the test set has other groups",
    because="keep rows that belong together on one side of the split: set data.group to the column that "
    "identifies them, and run again, since only then is the validation accuracy realistic",
    settles=judge,
    measure=measure,
)
NEAR_COPIES = leak_kind(
    name="near_copies",
    row=partial(together, "near_copies"),
    hypothesis="near copies of training rows in validation",
    clause="validation rows are near copies of training rows, as made by oversampling with noise or interpolation "
    "before the split, which inflates the validation accuracy",
    because="start from the table without the added rows, add rows to the training part only, after the split, and run "
    "again, since only then is the validation accuracy realistic",
)
