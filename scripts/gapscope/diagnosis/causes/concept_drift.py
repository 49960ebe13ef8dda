"""concept_drift: the features are as before and still tell the class, by another relation: a rule or a code changed.

A verdict of this cause alone is `labels_changed`: the classes mean something else.
"""

import numpy as np
import pandas as pd

from gapscope.common.weights import thinned
from gapscope.data.split import grouped_parts
from gapscope.diagnosis.causes import label_shift
from gapscope.diagnosis.causes.cause import Cause, CauseKind, Row, listed, matters, part_of
from gapscope.diagnosis.causes.labels_changed import x_unchanged
from gapscope.diagnosis.context import Case, accuracy
from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.duplicates import row_keys
from gapscope.diagnosis.evidence.gather import Evidence, Gathered
from gapscope.diagnosis.evidence.held_groups import known_rows, trained_without
from gapscope.diagnosis.evidence.segments import LEAST_ROWS, Condition, conditions
from gapscope.diagnosis.picture import relation_to_class

ROWS = 3000  # maximum number of test rows, and of known rows, in the cross-validation
FOLDS = 4
CUTS = np.linspace(0.1, 0.9, 17)  # quantiles of a number at which a region may begin or end
SURE = 5.0  # standard deviations above chance from which a feature's change of slope is mentioned


def measure(g: Gathered) -> dict:
    """`relearnt` and `unlearnable` (see `relearnt`), and `region`, the condition that the loss is confined to."""
    e = g.evidence
    unchanged = x_unchanged(e, g.case.settings)
    if not g.case.training or e.test_gap.low <= 0 or not unchanged or e.left.relation_part.low <= 0:
        return {}
    gain, short = relearnt(g)
    return {"relearnt": gain, "unlearnable": short, "region": confined_to(g)}


def judge(e: Evidence, t: dict) -> list[Cause]:
    """Concept drift, if models trained on test rows recover most of the loss.

    Unless it is confined to one region, they must also be about as accurate as models trained on as many known rows.
    With damaged labels or lost features, there is nothing to recover. Other class shares, which such models learn too,
    must not explain the gap.
    """
    gain, short, region = (e.measured.get(name) for name in ("relearnt", "unlearnable", "region"))
    if not gain or not matters(e, gain, t) or part_of(e, gain) < t["explained"]:
        return []
    if sum(cause.share for cause in label_shift.judge(e, t, [])) >= t["explained"]:
        return []
    if not region and part_of(e, short) > t["most_left"]:
        return []
    where = f", where {region.words}" if region else ""
    return [Cause("concept_drift", (region.feature,) if region else (), part_of(e, e.gap_left), where)]


def learnt_anew(g: Gathered) -> Row:
    """The number by which `judge` decides: what learning from test rows recovers, or else what it leaves."""
    statistic, found, e = "test accuracy that learning from test rows brings back", g.evidence.measured, g.evidence
    if not g.case.network.trainable:
        return Row(statistic, np.nan, "Needs the model, trained on test rows.", needs_model=True)
    if "relearnt" not in found:
        why = (
            "accuracy does not surely fall"
            if e.test_gap.low <= 0
            else f"the features themselves changed ({listed(e.joint_drift)})"
            if not x_unchanged(e, g.case.settings)
            else "rows of the same kind are classified as well as in validation"
        )
        return Row(statistic, np.nan, f"Not measured, since {why}.")
    gain, short, t = found["relearnt"], found["unlearnable"], g.case.settings
    learnt = f"Models trained on some of the test rows classify the others right more often by {gain.value:z.3f}"
    if matters(e, gain, t) and not found["region"] and part_of(e, short) > t["most_left"]:
        most = t["most_left"] * e.loss
        return Row(
            "test accuracy that learning from test rows leaves lost",
            short.value,
            f"{learnt}, which is {short.value:z.3f} less than the same number of known rows would bring. Had only the "
            f"relation changed, at most {most:z.3f} ({t['most_left']:.0%} of the loss) would be missing.",
        )
    least = f"{t['explained'] * e.loss:z.3f} ({t['explained']:.0%} of the loss)"
    return Row(statistic, gain.value, f"{learnt}; another relation needs at least {least}.{most_corrected(g)}")


def most_corrected(g: Gathered) -> str:
    """The feature along which the model has to be corrected most, if that is surely more than in validation."""
    name, most = max(g.error_slopes.items(), key=lambda slope: slope[1], default=("", 0.0))
    if most < SURE:
        return ""
    return f" What the model gets wrong depends on {name} in another way than in validation, most of all features."


CONCEPT_DRIFT = CauseKind(
    name="concept_drift",
    family="labels_changed",
    picture=relation_to_class,
    hypothesis="another relation between the features and the class",
    row=learnt_anew,
    place="feature-by-feature",
    clause="{target} depends on the features in another way in the test set{detail}, though the features are as "
    "before: a rule, a definition or the codes of the classes changed",
    proof=lambda cause, e: f" Models trained on test rows recover {e.measured['relearnt'].value:z.3f} of accuracy.",
    thresholds=("explained", "most_left", "least_part"),
    because="find out what the classes mean now, and train again with labelled rows of the new kind",
    unlabelled="A new rule leaves the features as they were.",
    measure=measure,
)


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
    return Estimate.change(inside - g.repaired.right[rows], case.confidence), short


def within(case: Case, X: np.ndarray, table: pd.DataFrame) -> np.ndarray:
    """Whether each row is classified correctly, 1 or 0 (n,), in a cross-validation that keeps equal rows together."""
    y, equal = table[case.target].to_numpy(), np.unique(row_keys(table), return_inverse=True)[1]
    part, right = grouped_parts(equal, y, [1.0 / FOLDS] * FOLDS, case.rng), np.empty(len(y))
    for fold in np.unique(part):
        right[part == fold] = trained_without(case, X, y, part == fold)
    return right


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
    tried = [
        (one, (one.of(near.table), one.of(g.repaired.test)))
        for one in conditions(near.table, case.features, either_side)
    ]
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


def either_side(values: pd.Series) -> list[tuple[float, float]]:
    """Ranges of a number: above, and up to, some of its quantiles."""
    return [ends for cut in np.unique(np.quantile(values, CUTS)) for ends in ((cut, np.inf), (-np.inf, cut))]
