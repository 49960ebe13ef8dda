"""The first screen's rows, the hypotheses and the warnings on their own."""

import pytest

from gapscope.reporting.page import summary
from gapscope.reporting.page.rendering import render

GAP = {"validation": 0.8, "test": 0.3, "majority_test": 0.5}
METRICS = {part: {"accuracy": value, "accuracy_interval": [value - 0.1, value + 0.1]} for part, value in GAP.items()}
METRICS = {"train": {"accuracy": 0.9, "accuracy_interval": [0.85, 0.95]}, **METRICS}


def test_the_first_figure_shows_the_drop_and_what_repair_brings_back():
    diagnosis = {"gap": GAP, "verdict": {"features": ["a"]}, "features": [{"feature": "a", "repaired_accuracy": 0.75}]}
    rows = summary.accuracies(diagnosis, METRICS)
    assert [row["look"] for row in rows] == ["train", "validation", "test", "repaired", "majority"]
    assert [row["accuracy"] for row in rows] == [0.9, 0.8, 0.3, 0.75, 0.5]
    assert rows[2]["way"] == pytest.approx([0.3, 0.5]) and rows[3]["way"] == pytest.approx([0.3, 0.45])
    assert rows[0]["interval"] == [0.85, 0.95] and rows[3]["interval"] is None
    assert len(summary.accuracies({**diagnosis, "features": []}, METRICS)) == 4


def test_the_verdict_in_a_word():
    words = [summary.state({"kind": kind})["words"] for kind in ("no_gap", "undecided", "feature_lost")]
    assert words == ["No significant gap", "Undecided", "One cause"]


def test_kept_hypotheses_come_first_each_with_its_evidence():
    found = [
        {"kind": "leak", "decision": "ruled out", "hypothesis": "copies"},
        {"kind": "rescaled", "decision": "kept", "hypothesis": "a unit"},
    ]
    first, second = summary.hypotheses({"hypotheses": found})
    assert (first["hypothesis"], second["evidence"]["place"]) == ("A unit", "copies")


SOUND = {"accuracy": 0.9, "majority_accuracy": 0.5}


def warned(diverged=None, train=SOUND, remedies=0, lost=False, telling=(), ahead=(0.1, 0.0, 0.2)):
    """The warnings, as text without line breaks."""
    network = {"name": "relu", "diverged": diverged or {}, "settings": {"learning_rate": 1e6}}
    beside = {"accuracy": 0.95, "ahead": dict(zip(("difference", "low", "high"), ahead))}
    context = {
        "settings": {"models": {}},
        "networks": [network],
        "mitigations": [{"mitigation": "l2", "diverged": str(remedies)}],  # as a CSV has it
        "metrics": {"relu": {"train": train, "validation": SOUND | {"softmax_regression": beside}}},
        "shared_bias": {"runs": [{"network": "shared", "seed": 3, "diverged": lost}]},
        "cleaning": {"columns_that_tell_the_class": list(telling)},
    }
    return " ".join(render("part_warnings.html.j2", context).split())


def test_each_fault_has_its_warning_and_a_sound_run_none():
    assert warned() == ""
    words = warned(diverged={"42": 3, "43": 0})
    assert "relu diverged (seed 42 after iteration 3, 43 after iteration 0): its loss" in words and "1e+06" in words
    assert "no better on its own training rows" in warned(train={"accuracy": 0.5, "majority_accuracy": 0.5})
    assert "last network before that: l2 (2)." in warned(remedies=2)
    assert "end early: shared, seed 3." in warned(lost=True)
    behind = warned(ahead=(-0.05, -0.06, -0.04))
    assert "0.900 against 0.950 on the validation rows (difference −0.050, interval −0.060 to −0.040)" in behind
    assert "The column price alone" in warned(telling=["price"])
