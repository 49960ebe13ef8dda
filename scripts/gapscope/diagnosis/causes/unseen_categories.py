"""Categories unseen in training: a hypothesis to look at, never a verdict."""

import numpy as np

from gapscope.diagnosis.causes.cause import CauseKind, Row
from gapscope.diagnosis.evidence.gather import Gathered
from gapscope.diagnosis.evidence.unlabelled import UnlabelledEvidence

LEAST_SHARE = 0.05


def unseen_levels(g: Gathered) -> Row:
    share = unseen(g)
    sentence = f"{share:z.1%} of the test rows have a category that training does not know."
    return Row("share of test rows", share, sentence, share >= LEAST_SHARE)


def unseen_levels_unlabelled(u: UnlabelledEvidence) -> Row:
    share = max((feature["unknown"] or 0.0 for feature in u.rows.features.values()), default=0.0)
    sentence = "No test row has a category that training does not know."
    if share:
        sentence = f"In each feature, at most {share:.1%} of the test rows have a category that training does not know."
    return Row("share of test rows", share, sentence, share >= LEAST_SHARE)


def unseen(g: Gathered) -> float:
    """Share of the test rows that have a level of some categorical feature that training does not know."""
    sets = g.case.sets
    names = list(dict.fromkeys(column.feature for column in g.case.encode.columns if column.level is not None))
    if not names:
        return 0.0
    known: dict[str, set] = {name: set() for name in names}
    for _, block in sets.known.blocks(names):
        for name, levels in known.items():
            levels.update(block[name].unique())
    rows = np.zeros(len(sets.test_table), bool)
    for places, block in sets.test_table.blocks(names):
        rows[places] = np.any([~block[name].isin(known[name]) for name in names], axis=0)
    return float(rows.mean())


UNSEEN_CATEGORIES = CauseKind(
    name=None,
    hypothesis="categories unseen in training",
    row=unseen_levels,
    place="columns-test",
    shown_by="test rows",
    unlabelled=unseen_levels_unlabelled,
)
