"""The first screen: the verdict's kind, the accuracies that it is about, and the hypotheses with their evidence."""

from gapscope.remedies.recommendation import UNDECIDED

STATES = {  # the verdict in a word, and how it looks
    "no_gap": ("No significant gap", "fine"),
    "harmless_shift": ("The data moved, the accuracy did not", "fine"),
    "overfitting": ("Overfitting, and no further gap", "found"),
    "mixed": ("Several causes", "found"),
    "undecided": ("Undecided", "open"),
}
ONE_CAUSE = ("One cause", "found")
WITHOUT = {  # where no classes of test rows are known, by what is missing
    "overfitting": ("Overfitting", "found"),
    "test set": ("No overfitting; no test set", "open"),
    "test labels": ("Undecided: the test set has no classes", "open"),
}

GAP = {"place": "gap", "words": "The gap"}
FEATURES = {"place": "feature-by-feature", "words": "Feature by feature"}
CHANGES = {"place": "changes", "words": "What changed"}
EVIDENCE = {  # by the kind of a hypothesis: where its evidence stands on the page
    **dict.fromkeys(("no_gap", "overfitting", "label_shift"), GAP),
    "leak": {"place": "copies", "words": "Copies of rows"},
    "covariate_shift": {"place": "apart", "words": "The sets told apart"},
    **dict.fromkeys(("feature_lost", "feature_changed", "labels_changed"), FEATURES),
    **dict.fromkeys(("rescaled", "sign_flipped", "sentinel_value", "category_renamed", "columns_swapped"), FEATURES),
    "harmless_shift": CHANGES,
    None: {"place": "columns-test", "words": "The test table"},
}
NOT_SAID = {"place": "not-said", "words": "What cannot be said"}
DECIDED = ("kept", "ruled out")
DECISIONS = [*DECIDED, UNDECIDED]
PARTS = {"train": "Training", "validation": "Validation", "test": "Test"}


def state(verdict: dict) -> dict[str, str]:
    words, look = STATES.get(verdict["kind"], ONE_CAUSE)
    if verdict.get("without"):
        words, look = WITHOUT.get(verdict["kind"], WITHOUT[verdict["without"]])
    return {"words": words, "look": look}


def accuracies(diagnosis: dict, results: dict, repair: dict | None) -> list[dict]:
    """One row each of the first figure: name, accuracy, its interval or a note in its place, the way it has come.

    Args:
        diagnosis: diagnosis.json.
        results: the diagnosed network's part of metrics.json.
        repair: the counterfactual figures of the one feature that the verdict names, or None.
    """
    gap = diagnosis["gap"]
    rows = [
        _row(name, part, results[part]["accuracy"], results[part]["accuracy_interval"])
        for part, name in PARTS.items()
        if results[part]
    ]
    if not results["test"]:
        rows += _expected(diagnosis["expected"])
        rows.append(_row("Always the largest class", "majority", majority(results)) | {"note": "on validation"})
    else:
        rows[-1] |= _way(gap["validation"], gap["test"])
        if repair:
            mended = _row("Test, repaired", "repaired", repair["repaired_accuracy"])
            rows.append(mended | _way(gap["test"], repair["repaired_accuracy"]) | {"note": "experiment"})
        rows.append(_row("Always the largest class", "majority", gap["majority_test"]) | {"note": "on the test set"})
    return rows


def majority(results: dict) -> float:
    """The share of the largest class in the part that a network is judged by."""
    return (results["test"] or results["validation"])["majority_accuracy"]


def _expected(found: dict | None) -> list[dict]:
    """What to expect of a test set whose classes are not known, if one thing alone has changed."""
    names = {"if_rows_moved": "Test, if only P(x) changed", "if_classes_moved": "Test, if only P(y) changed"}
    known = {name: found[key]["accuracy"] for key, name in names.items() if found and found[key]}
    return [_row(name, "test", one["value"], [one["low"], one["high"]]) for name, one in known.items()]


def hypotheses(diagnosis: dict) -> list[dict]:
    """Those kept first, then those ruled out, each with the place of its evidence."""
    found = sorted(diagnosis["hypotheses"], key=lambda item: DECISIONS.index(item["decision"]))
    return [
        {
            **item,
            "hypothesis": _sentence(item["hypothesis"]),
            "evidence": EVIDENCE[item["kind"]] if item["decision"] in DECIDED else NOT_SAID,
        }
        for item in found
    ]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _row(name: str, look: str, accuracy: float, interval: list[float] | None = None) -> dict:
    return {"name": name, "look": look, "accuracy": accuracy, "interval": interval, "note": "", "since": None}


def _way(since: float, accuracy: float) -> dict:
    """The line from one accuracy to another: where it starts from the left, and its width."""
    return {"since": since, "way": [min(since, accuracy), abs(accuracy - since)]}
