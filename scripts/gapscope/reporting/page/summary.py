"""The first screen: the verdict in a word and the accuracies behind it; and the hypotheses."""

from gapscope.diagnosis.causes import KINDS
from gapscope.diagnosis.words import NEEDS_MODEL, UNDECIDED, WITHOUT

STATES = {  # the verdict in a word, and its look
    "no_gap": ("No significant gap", "fine"),
    "harmless_shift": ("The data changed, the accuracy did not", "fine"),
    "overfitting": ("Overfitting, and no further gap", "found"),
    "mixed": ("Several causes", "found"),
    "undecided": ("Undecided", "open"),
}
ONE_CAUSE = ("One cause", "found")
STATES_WITHOUT_LABELS = {  # by the verdict's kind or by what is missing
    "overfitting": ("Overfitting", "found"),
    "test set": ("No overfitting; no test set", "open"),
    "test labels": ("Undecided: the test set has no labels", "open"),
}

TITLES = {
    "gap": "Why does the model fail on the test set?",
    "no gap": "Does the model hold on the test set?",
    "test labels": "What can be said about a test set without labels?",
    "test set": "How good is the model on held-out rows?",
}

HEADINGS = {  # of the page, by their anchors: where the evidence of a hypothesis stands
    "gap": "The gap",
    "copies": "Copies of rows",
    "apart": "The sets told apart",
    "feature-by-feature": "Feature by feature",
    "changes": "What changed",
    "columns-test": "The test table",
    "not-said": "What cannot be known",
}
PLACES = {kind.name: kind.place for kind in KINDS}
DECIDED = ("kept", "ruled out")
DECISIONS = [DECIDED[0], NEEDS_MODEL, DECIDED[1], UNDECIDED]
PARTITIONS = {"train": "Training", "validation": "Validation", "test": "Test"}


def first_screen(results: dict) -> dict:
    """Content of the sections on the verdict and the hypotheses, by the names that the templates use.

    `results`: content of the stages' JSON files, by name.
    """
    diagnosis = results["diagnosis"]
    metrics = results["metrics"][diagnosis["activation"]]
    return {
        "state": state(diagnosis["verdict"]),
        "accuracies": accuracies(diagnosis, metrics),
        "majority": _majority(metrics),
        "hypotheses": hypotheses(diagnosis),
        "ruled_out": sum(item["decision"] == "ruled out" for item in diagnosis["hypotheses"]),
        "undecided": sum(item["decision"] == UNDECIDED for item in diagnosis["hypotheses"]),
    }


def state(verdict: dict) -> dict[str, str]:
    """The verdict in a word, and its look."""
    words, look = STATES.get(verdict["kind"], ONE_CAUSE)
    if verdict.get("without"):
        words, look = STATES_WITHOUT_LABELS.get(verdict["kind"]) or STATES_WITHOUT_LABELS[verdict["without"]]
    return {"words": words, "look": look}


def title(verdict: dict, own: str) -> str:
    """The page's heading: the user's `own`, or the question that the verdict answers."""
    if own != "auto":
        return own
    if verdict["without"]:
        return TITLES[verdict["without"]]
    return TITLES["no gap" if STATES.get(verdict["kind"], ONE_CAUSE)[1] == "fine" else "gap"]


def lacking(verdict: dict) -> str | None:
    """A sentence on what is missing to judge by, or None."""
    return f"{_sentence(WITHOUT[verdict['without']])}." if verdict["without"] else None


def shown_repair(diagnosis: dict) -> dict | None:
    """The counterfactual accuracies of the one feature that the verdict names, or None."""
    blamed = diagnosis["verdict"]["features"]
    return next((record for record in diagnosis["features"] if [record["feature"]] == blamed), None)


def accuracies(diagnosis: dict, metrics: dict) -> list[dict]:
    """Rows of the first figure: name, accuracy, its interval or a note in its place, the drop or gain that led to it.

    `diagnosis`: content of diagnosis.json; `metrics`: the diagnosed network's part of metrics.json.
    """
    gap = diagnosis["gap"]
    rows = [
        _row(name, partition, metrics[partition]["accuracy"], metrics[partition]["accuracy_interval"])
        for partition, name in PARTITIONS.items()
        if metrics[partition]
    ]
    if not metrics["test"]:
        rows += _expected(diagnosis["expected"])
        rows.append(_row("Always the largest class", "majority", _majority(metrics)) | {"note": "on validation"})
        return rows
    rows[-1] |= _change(gap["validation"], gap["test"])
    repair = shown_repair(diagnosis)
    if repair:
        repaired = _row("Test, repaired", "repaired", repair["repaired_accuracy"])
        rows.append(repaired | _change(gap["test"], repair["repaired_accuracy"]) | {"note": "experiment"})
    rows.append(_row("Always the largest class", "majority", gap["majority_test"]) | {"note": "on the test set"})
    return rows


def _majority(metrics: dict) -> float:
    """The share of the largest class in the partition that a network is judged by."""
    return (metrics["test"] or metrics["validation"])["majority_accuracy"]


def _expected(expected: dict | None) -> list[dict]:
    """Accuracies to expect on a test set without labels if one thing alone has changed."""
    names = {"if_rows_moved": "Test, if only P(x) changed", "if_classes_moved": "Test, if only P(y) changed"}
    known = {name: expected[key]["accuracy"] for key, name in names.items() if expected and expected[key]}
    return [_row(name, "expected", value["value"], [value["low"], value["high"]]) for name, value in known.items()]


def _row(name: str, look: str, accuracy: float, interval: list[float] | None = None) -> dict:
    return {"name": name, "look": look, "accuracy": accuracy, "interval": interval, "note": "", "since": None}


def _change(since: float, accuracy: float) -> dict:
    """The line from one accuracy to another: where it starts from the left, and its width."""
    return {"since": since, "way": [min(since, accuracy), abs(accuracy - since)]}


def hypotheses(diagnosis: dict) -> list[dict]:
    """Hypotheses that are kept first, then those ruled out, each with the place of its evidence."""
    ordered = sorted(diagnosis["hypotheses"], key=lambda item: DECISIONS.index(item["decision"]))
    places = [PLACES[item["kind"]] if item["decision"] in DECIDED else "not-said" for item in ordered]
    return [
        {**item, "hypothesis": _sentence(item["hypothesis"]), "evidence": {"place": place, "words": HEADINGS[place]}}
        for item, place in zip(ordered, places)
    ]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
