"""Train models on test rows, and find the region of the test set in which accuracy is lost."""

import numpy as np
import pandas as pd

from gapscope.common.weights import thinned
from gapscope.data.split import grouped_parts
from gapscope.diagnosis.context import Case, accuracy, paired
from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.bins import is_numeric
from gapscope.diagnosis.evidence.duplicates import row_keys
from gapscope.diagnosis.evidence.gather import Gathered
from gapscope.diagnosis.evidence.held_groups import FOLDS, cross_validated, known_rows
from gapscope.diagnosis.evidence.segments import LEAST_ROWS, LEVELS, Condition

ROWS = 3000  # maximum number of test rows, and of known rows, in the cross-validation
CUTS = np.linspace(0.1, 0.9, 17)  # quantiles of a number at which a region may begin or end


def relearnt(g: Gathered) -> tuple[Estimate, Estimate]:
    """Accuracy gained by cross-validation within the repaired test rows, and what it falls short of.

    The gain is over the diagnosed model on the same rows; the shortfall is from cross-validation within as many known
    rows.
    """
    case, n = g.case, min(ROWS, len(g.repaired.test), len(g.case.sets.known))
    rows = np.sort(case.rng.permutation(len(g.repaired.test))[:n])
    places = np.sort(thinned(len(case.sets.known), n, case.rng, case.sets.known_weights))
    inside = within(case, g.repaired.X[rows], g.repaired.test.iloc[rows])
    reference = within(case, known_rows(case, places)[0], case.sets.known.take(places, list(g.repaired.test)))
    short = accuracy(reference, case.confidence).minus(accuracy(inside, case.confidence))
    return paired(inside, g.repaired.right[rows], case.confidence), short


def within(case: Case, X: np.ndarray, table: pd.DataFrame) -> np.ndarray:
    """Whether each row is classified correctly, 1 or 0 (n,), in a cross-validation that keeps equal rows together."""
    y, equal = table[case.target].to_numpy(), np.unique(row_keys(table), return_inverse=True)[1]
    return cross_validated(case, X, y, grouped_parts(equal, y, [1.0 / FOLDS] * FOLDS, case.rng))


def confined_to(g: Gathered) -> Condition | None:
    """The condition on one feature to which the loss of accuracy is confined; None if there is none.

    Outside of it, test rows surely lose less than half of the average loss. Of several conditions on the same feature,
    the one with the surest difference is returned. Conditions on several features, or on the predicted class, may
    only be correlated with the cause, so None is returned then.
    """
    case, right = g.case, g.repaired.right
    near = case.sets.validation_sample(case.features, case.settings["rows"], case.rng)
    known, most = g.on.right["validation"][near.rows], g.evidence.gap_left.value / 2
    said = case.network.predict(near.X), case.network.predict(g.repaired.X)
    tried = [(one, (one.of(near.table), one.of(g.repaired.test))) for one in regions(near.table, case.features)]
    tried += [
        (Condition(case.target, str(c)), tuple((part == c) == inside for part in said))
        for c in range(case.n_classes)
        for inside in (True, False)
    ]
    found = []
    for one, inside in tried:
        parts = [(known[inside[0]], right[inside[1]]), (known[~inside[0]], right[~inside[1]])]
        if min(len(part) for pair in parts for part in pair) < LEAST_ROWS:
            continue
        within, outside = (accuracy(a, case.confidence).minus(accuracy(b, case.confidence)) for a, b in parts)
        apart = within.minus(outside)
        if outside.high < most and apart.low > 0:
            found.append((apart.low / apart.value, one))
    features = {one.feature for _, one in found}
    return max(found, key=lambda pair: pair[0])[1] if len(features) == 1 and case.target not in features else None


def regions(table: pd.DataFrame, features: list[str]) -> list[Condition]:
    """Conditions to try: each number below or above some of its quantiles, the most frequent levels of categories."""
    found = []
    for name in features:
        if is_numeric(table[name]):
            for cut in np.unique(np.quantile(table[name], CUTS)):
                found += [Condition(name, low=cut), Condition(name, high=cut)]
        else:
            found += [Condition(name, level) for level in table[name].value_counts().index[:LEVELS]]
    return found
