"""The first screen's rows, the data behind the figures, and the drawing of the stages, on their own."""

import csv
import io
from urllib.parse import unquote

import pytest

from gapscope.reporting.page import downloads, stages, summary

GAP = {"validation": 0.8, "test": 0.3, "majority_test": 0.5}
RESULTS = {part: {"accuracy": value, "accuracy_interval": [value - 0.1, value + 0.1]} for part, value in GAP.items()}
RESULTS = {"train": {"accuracy": 0.9, "accuracy_interval": [0.85, 0.95]}, **RESULTS}


def test_the_first_figure_shows_the_drop_and_what_repair_brings_back():
    rows = summary.accuracies({"gap": GAP}, RESULTS, {"feature": "a", "repaired_accuracy": 0.75})
    assert [(row["look"], row["accuracy"]) for row in rows] == [
        ("train", 0.9),
        ("validation", 0.8),
        ("test", 0.3),
        ("repaired", 0.75),
        ("majority", 0.5),
    ]
    assert rows[2]["way"] == pytest.approx([0.3, 0.5]) and rows[3]["way"] == pytest.approx([0.3, 0.45])
    assert rows[0]["interval"] == [0.85, 0.95] and rows[3]["interval"] is None
    assert len(summary.accuracies({"gap": GAP}, RESULTS, None)) == 4


@pytest.mark.parametrize(
    ("kind", "words"), [("no_gap", "No significant gap"), ("undecided", "Undecided"), ("feature_lost", "One cause")]
)
def test_the_verdict_in_a_word(kind, words):
    assert summary.state({"kind": kind})["words"] == words


def test_kept_hypotheses_come_first_each_with_its_evidence():
    found = [
        {"kind": "leak", "decision": "ruled out", "hypothesis": "copies"},
        {"kind": "rescaled", "decision": "kept", "hypothesis": "a unit"},
    ]
    first, second = summary.hypotheses({"hypotheses": found})
    assert (first["hypothesis"], second["evidence"]["place"]) == ("A unit", "copies")


def test_downloads_hold_the_rows_and_no_formula():
    rows = [{"feature": "=cmd()", "value": -0.123456789}, {"feature": 'a,"b"', "value": None}]
    address = downloads.files({"one": rows, "none": []}, "simulated")
    assert list(address) == ["one"] and address["one"].startswith("data:text/csv;charset=utf-8,")
    read = list(csv.reader(io.StringIO(unquote(address["one"].partition(",")[2]))))
    assert read == [
        ["feature", "value", "data_source"],
        ["'=cmd()", "-0.123457", "simulated"],
        ['a,"b"', "", "simulated"],
    ]


READS = {"clean": [], "split": ["clean"], "train_a": ["clean", "split"], "report": ["clean", "train_a"]}


def test_arrows_that_follow_from_others_are_left_out():
    assert stages.reduced(READS) == {"clean": [], "split": ["clean"], "train_a": ["split"], "report": ["train_a"]}


def test_many_stages_of_one_family_are_drawn_as_one():
    many = {f"mitigate_{name}": ["clean"] for name in "abcde"}
    graph = stages.in_families({"clean": [], **many, "mitigate": list(many)})
    assert graph == {"clean": [], "mitigate_… (5)": ["clean"], "mitigate": ["mitigate_… (5)"]}


def test_no_two_stages_are_drawn_on_one_place_and_names_are_escaped():
    graph = {"clean": [], "<b>": ["clean"], "split": ["clean"], "report": ["clean", "<b>", "split"]}
    layers, chains = stages.layered(stages.reduced(graph))
    assert layers[0] == ["clean"] and set(layers[1]) == {"<b>", "split"} and layers[2] == ["report"]
    assert sorted(chains) == [["<b>", "report"], ["clean", "<b>"], ["clean", "split"], ["split", "report"]]
    assert "&lt;b&gt;" in stages.drawing(graph) and "<b>" not in stages.drawing(graph)
