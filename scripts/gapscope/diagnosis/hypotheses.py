"""The verdict and every hypothesis in words that a student understands, each with the figure that decides it."""

import numpy as np

from gapscope.diagnosis.evidence.gather import Gathered
from gapscope.diagnosis.evidence.summary import Evidence
from gapscope.diagnosis.verdict import Cause, Verdict

NAMES = {
    "rescaled": "a column in another unit, or never scaled",
    "sign_flipped": "a column with its sign reversed",
    "sentinel_value": "one value standing for missing ones",
    "category_renamed": "renamed categories",
    "columns_swapped": "columns under each other's header",
}
UNDONE = {
    "rescaled": "{names} {is_} on another scale in the test set",
    "sign_flipped": "{names} {runs} the other way in the test set",
    "sentinel_value": "in the test set one value of {names} stands for missing ones",
    "category_renamed": "the categories of {names} have other names in the test set",
    "columns_swapped": "the columns {names} stand under each other's header in the test set",
}


def listed(names) -> str:
    """a, b and c; from seven names on the first five and how many more."""
    names = list(names)
    if len(names) > 6:
        names = [*names[:5], f"{len(names) - 5} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def cause(part: Cause, target: str) -> str:
    """One cause as a clause."""
    names, several = listed(part.features), len(part.features) > 1
    if part.kind in UNDONE:
        return UNDONE[part.kind].format(names=names, is_="are" if several else "is", runs="run" if several else "runs")
    return {
        "leak": "validation rows were copied into the training part, which flatters the validation accuracy",
        "label_shift": "the classes have other shares in the test set, while each class looks as before",
        "covariate_shift": f"the test set has other rows than the training table (other values of {names}), of kinds "
        "that the network gets wrong in validation too",
        "labels_changed": f"the test set's labels do not belong to its rows as before: its features are as they were, "
        f"but no longer relate to {target}",
        "feature_lost": f"{names} no longer {'relate' if several else 'relates'} to {target} in the test set",
        "feature_changed": f"{names} {'tell' if several else 'tells'} less about {target} in the test set than before",
    }[part.kind]


def sentence(found: Verdict, e: Evidence, target: str) -> str:
    """The verdict."""
    train, validation, test = (e.accuracy[part].value for part in ("train", "validation", "test"))
    fall = f"The drop from {validation:z.3f} on validation to {test:z.3f} on the test set"
    if found.kind == "no_gap":
        return (
            f"Validation ({validation:z.3f}) and test accuracy ({test:z.3f}) do not differ by more than sampling noise "
            "explains."
        )
    if found.kind == "harmless_shift":
        moved = f"{listed(found.features)} {'have' if len(found.features) > 1 else 'has'}"
        return (
            f"{moved} moved in the test set, but the network does not mind: validation accuracy {validation:z.3f}, "
            f"test {test:z.3f}."
        )
    if found.kind == "overfitting":
        return (
            f"The network has learnt its training rows by heart: training accuracy {train:z.3f}, validation "
            f"{validation:z.3f}; the test set ({test:z.3f}) adds nothing to the gap."
        )
    if found.kind == "undecided":
        if not found.candidates:
            return f"{fall} cannot be traced to a cause with the evidence at hand."
        told = list(dict.fromkeys(cause(part, target) for part in found.candidates))
        if len(told) == 1:
            return f"{fall} may come from this, but the evidence does not settle it: {told[0]}."
        return f"{fall} has several candidates that the evidence cannot tell apart: {'; or '.join(told)}."
    if found.kind == "mixed":
        return (
            f"{fall} has {len(found.parts)} causes: "
            + "; ".join(f"{cause(part, target)} ({part.share:z.0%} of the gap)" for part in found.parts)
            + "."
        )
    return f"{fall} has one cause: {cause(Cause(found.kind, found.features, 1.0), target)}.{proof(found, e)}"


def proof(found: Verdict, e: Evidence) -> str:
    """What the experiment on the network says of a verdict with one kind of cause."""
    if found.kind in UNDONE:
        gain = next(one.gain.value for one in e.repairs if one.kind == found.kind)
        return f" Undoing that brings {gain:z.3f} of accuracy back."
    if found.kind in ("feature_lost", "feature_changed"):
        share = sum(e.features[name].share.value for name in found.features) / e.test_gap.value
        closed = "the whole gap" if share > 0.995 else f"{share:z.0%} of the gap"
        return f" Giving back that relation closes {closed}."
    if found.kind == "leak" and e.flattery.value == e.flattery.value:
        return f" Without the copies validation accuracy is {e.accuracy['validation'].value - e.flattery.value:z.3f}."
    return ""


def hypotheses(g: Gathered, e: Evidence, found: Verdict) -> list[dict]:
    """Every hypothesis, kept or ruled out, in the order in which the rule asks."""
    held = {found.kind, *(part.kind for part in (*found.parts, *found.candidates))}
    gap, low, high = e.test_gap.value, e.test_gap.low, e.test_gap.high
    train_gap, label, by_x = e.train_gap, e.label_part.value, e.before
    records = [
        _record(
            "sampling noise", "no_gap", "lower end of the interval of validation - test accuracy", low,
            bool(held & {"no_gap", "harmless_shift", "overfitting"}),
            f"The gap is {gap:z.3f}, with an interval from {low:z.3f} to {high:z.3f}.",
        ),
        _record(
            "overfitting", "overfitting", "training - validation accuracy", train_gap.value, "overfitting" in held,
            f"Training and validation accuracy differ by {train_gap.value:z.3f} (interval {train_gap.low:z.3f} to "
            f"{train_gap.high:z.3f}). The validation rows were not trained on either: overfitting alone cannot make "
            "the test set worse than they are.",
        ),
        _record(
            "training rows copied into validation", "leak", "validation accuracy owed to copies", e.flattery.value,
            "leak" in held,
            f"{g.copies.validation.mean():z.1%} of the validation rows stand in the training part too, and "
            f"{g.copies.test.mean():z.1%} of the test rows.",
        ),
        *(_undoing(kind, name, e, held) for kind, name in NAMES.items()),
        _record(
            "class imbalance or other class shares", "label_shift", "part of the gap due to class shares", label,
            "label_shift" in held,
            f"With each class classified as in validation, the test set's class shares alone would cost {label:z.3f} "
            f"of the {gap:z.3f}.",
        ),
        _record(
            "other rows than in training", "covariate_shift", "part of the gap due to other x", by_x.x_part.value,
            "covariate_shift" in held,
            f"Compared with validation rows like them, test rows lose {by_x.relation_part.value:z.3f}; that there are "
            f"more or fewer of each kind costs {by_x.x_part.value:z.3f}. {by_x.apart:z.1%} of the test rows have no "
            "validation rows like them.",
        ),
        _labels(g, e, held),
        *(_feature(kind, e, g, held) for kind in ("feature_lost", "feature_changed")),
        _record(
            "categories unseen in training", None, "share of test rows", unseen(g), unseen(g) >= 0.05,
            f"{unseen(g):z.1%} of the test rows have a category that training does not know.",
        ),
        _record(
            "a shift that does not matter", "harmless_shift", "largest population stability index",
            max(one["psi"] for one in g.change.came.values()), "harmless_shift" in held,
            f"Moved by themselves: {listed(e.drifted) or 'none'}." if e.drifted else "No feature moved by itself.",
        ),
    ]  # fmt: skip
    return records


def unseen(g: Gathered) -> float:
    """Share of the test rows that have a level of some categorical feature that training does not know."""
    test = g.case.sets.test_table
    names = list(dict.fromkeys(column.feature for column in g.case.encode.columns if column.level is not None))
    if not names:
        return 0.0
    known: dict[str, set] = {name: set() for name in names}
    for _, block in g.case.sets.known.blocks(names):
        for name, levels in known.items():
            levels.update(block[name].unique())
    rows = np.zeros(len(test), bool)
    for places, block in test.blocks(names):
        rows[places] = np.any([~block[name].isin(known[name]) for name in names], axis=0)
    return float(rows.mean())


def _undoing(kind: str, name: str, e: Evidence, held: set[str]) -> dict:
    one = next((one for one in e.repairs if one.kind == kind), None)
    if one is None:
        words = "No column that changed looks like the known ones once this is undone."
        return _record(name, kind, "test accuracy that undoing brings", 0.0, kind in held, words)
    how = "; ".join(f"{feature}: {one.how[feature]}" for feature in one.features[:6])
    words = f"ColumnRepair ({how}), the known rows' distribution given the class is back; test accuracy changes by "
    return _record(
        name, kind, "test accuracy that undoing brings", one.gain.value, kind in held, f"{words}{one.gain.value:+z.3f}."
    )


def _labels(g: Gathered, e: Evidence, held: set[str]) -> dict:
    """Damaged labels leave x as it was, and take from every feature alike."""
    moved = "differs from" if e.joint_drift else "is that of"
    beside = f"beside {listed(e.suspects)} " if e.suspects else ""
    kept = e.others_kept
    rest = (
        f"The features {beside}keep {kept.value:z.0%} of their relation to the class (interval {kept.low:z.0%} to "
        f"{kept.high:z.0%}); damaged labels would take from all alike."
        if kept.value == kept.value
        else "No other feature tells the class, so none can witness for the labels."
    )
    return _record(
        "labels that are wrong or belong to other rows", "labels_changed",
        "share of their relation to the class that the other features keep", kept.value, "labels_changed" in held,
        f"The features' own distribution {moved} the known rows. {rest}",
    )  # fmt: skip


def _feature(kind: str, e: Evidence, g: Gathered, held: set[str]) -> dict:
    """The feature with the largest share of the gap stands for the hypothesis."""
    name = max(e.features, key=lambda one: e.features[one].share.value)
    before, after = g.in_validation[name].value, g.came.information[name][1].value
    share = e.features[name].share
    title = "a feature that no longer tells the class" if kind == "feature_lost" else "a feature that tells less"
    return _record(
        title, kind, f"share of the gap that {name} carries", share.value, kind in held,
        f"Repairing {name} closes {share.value:z.3f} of the gap, the most of all features; its information about the "
        f"class goes from {before:z.3f} to {after:z.3f} of the entropy.",
    )  # fmt: skip


def _record(name: str, kind: str | None, statistic: str, value: float, kept: bool, words: str) -> dict:
    return {
        "hypothesis": name,
        "kind": kind,
        "statistic": statistic,
        "value": float(value) if value == value else None,
        "decision": "kept" if kept else "ruled out",
        "sentence": words,
    }
