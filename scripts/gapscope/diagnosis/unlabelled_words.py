"""The diagnosis without test classes in words: its sentence, every hypothesis, and what nobody can say."""

from gapscope.diagnosis.context import Accuracies, Case
from gapscope.diagnosis.evidence.duplicates import Copies
from gapscope.diagnosis.hypotheses import NAMES, listed
from gapscope.remedies.recommendation import UNDECIDED, WITHOUT

NOT_SAID = {
    "test labels": (
        "What accuracy the test set has. The figures above hold if one thing alone has changed, and nothing in the "
        "rows shows whether that is so.",
        "Whether a feature no longer tells the class. Its values can be as before while their relation to the class is "
        "gone.",
        "Whether the classes are noted as before. Wrong or misplaced classes leave every column as it was.",
        "Which remedy closes a gap. A few hundred rows classified by hand would tell: set data.test_labels to present.",
    ),
    "test set": (
        "How the network does on rows from another time or place. Validation rows are drawn from the training table, "
        "and share all its faults.",
        "Whether columns, classes or their relation differ elsewhere.",
    ),
}


def sentence(kind: str, without: str, on: Accuracies, seen) -> str:
    """The verdict."""
    train, validation = (on.accuracy[part].value for part in ("train", "validation"))
    lacks = WITHOUT[without]
    if kind == "overfitting":
        return (
            f"The network has learnt its training rows by heart: training accuracy {train:.3f}, validation "
            f"{validation:.3f}. More cannot be said, since {lacks}."
        )
    if seen is None:
        return (
            f"Training ({train:.3f}) and validation accuracy ({validation:.3f}) show no overfitting; how the network "
            f"does elsewhere cannot be said, since {lacks}."
        )
    moved = f"{listed(seen.drifted)} moved" if seen.drifted else "No feature moved by itself"
    expected = "the test rows are too unlike the validation rows to say what accuracy to expect."
    if seen.if_rows_moved:
        figure = seen.if_rows_moved.accuracy
        expected = (
            "if only the rows changed, and not what they mean, the accuracy to expect is "
            f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})."
        )
    return (
        f"Whether the test set falls short of the {validation:.3f} on validation cannot be said, since {lacks}. "
        f"{moved}; {expected}"
    )


def hypotheses(case: Case, on: Accuracies, copies: Copies, seen, without: str) -> list[dict]:
    """Every hypothesis: kept, ruled out, or not decidable without classes of test rows."""
    settings, train_gap = case.settings, on.train_gap
    flattered = copies.leaky(settings["copied_rows"]) and copies.flattery.low > 0
    records = [
        _record(
            "overfitting", "overfitting", "training - validation accuracy", train_gap.value,
            "kept" if train_gap.low >= settings["overfitting_gap"] else "ruled out",
            f"Training and validation accuracy differ by {train_gap.value:.3f} (interval {train_gap.low:.3f} to "
            f"{train_gap.high:.3f}).",
        ),
        _record(
            "training rows copied into validation", "leak", "validation accuracy owed to copies", copies.flattery.value,
            "kept" if flattered else "ruled out",
            f"{copies.validation.mean():.1%} of the validation rows stand in the training part too.",
        ),
    ]  # fmt: skip
    if seen is None:
        lacks = f"Cannot be said: {WITHOUT[without]}."
        return [*records, *(_undecided(name, kind, lacks) for name, kind in (*ROWS, *CLASSES))]
    unknown = max((one["unknown"] or 0.0 for one in seen.features.values()), default=0.0)
    records += [
        _record(
            "other rows than in training", "covariate_shift", "area under the ROC curve, features alone",
            seen.apart.value, "kept" if seen.drifted else "ruled out",
            (f"Moved by themselves: {listed(seen.drifted)}. " if seen.drifted else "No feature moved by itself. ")
            + "Whether that costs accuracy only classes would show.",
        ),
        _record(
            "categories unseen in training", None, "share of test rows", unknown,
            "kept" if unknown >= 0.05 else "ruled out",
            f"In one feature, at most {unknown:.1%} of the test rows have a category that training does not know.",
        ),
    ]  # fmt: skip
    return [*records, *(_undecided(name, kind, WITHOUT_CLASSES[kind]) for name, kind in CLASSES)]


ROWS = (("other rows than in training", "covariate_shift"), ("categories unseen in training", None))
CLASSES = (
    ("class imbalance or other class shares", "label_shift"),
    ("labels that are wrong or belong to other rows", "labels_changed"),
    ("a feature that no longer tells the class", "feature_lost"),
    ("a feature that tells less", "feature_changed"),
    *((name, kind) for kind, name in NAMES.items()),
)
WITHOUT_CLASSES = {
    "label_shift": "The shares above are those to expect if the class shares alone had changed.",
    "labels_changed": "Wrong classes leave the features as they were.",
    "feature_lost": "A feature can lose its relation to the class and keep its values.",
    "feature_changed": "A feature can lose a part of its relation to the class and keep its values.",
    **dict.fromkeys(NAMES, "The features’ table may show such a change; that it is one, only classes confirm."),
}


def _undecided(name: str, kind: str | None, words: str) -> dict:
    return _record(name, kind, "classes of test rows", None, UNDECIDED, words)


def _record(name: str, kind: str | None, statistic: str, value: float | None, decision: str, words: str) -> dict:
    return {
        "hypothesis": name,
        "kind": kind,
        "statistic": statistic,
        "value": float(value) if value is not None and value == value else None,
        "decision": decision,
        "sentence": words,
    }
