"""The page where test classes are not known, or there is no test set: what is said, and what is said to be missing."""

import re
from pathlib import Path

import pandas as pd
import pytest

import browser as browsers
import hostile
from followed import context_of, unfollowed
from gapscope.common.errors import UserError
from gapscope.common.files import read_json
from gapscope.config.check import check
from hostile import CLASSES, GROUP, SCORE, WEIGHT
from markup import Tree

CHANGES = {"absent": {"test_labels": "absent", "weight": WEIGHT}, "none": {"test": "none", "group": GROUP}}
LACKING = {"absent": "The test set’s classes are not known.", "none": "There is no test set."}


@pytest.fixture(scope="module", params=CHANGES)
def run(request, tmp_path_factory):
    """The kind of what is missing, the files that the report reads, and the page."""
    folder, config = tmp_path_factory.mktemp(request.param), hostile.config()
    config["data"] |= CHANGES[request.param]
    check(config)
    files = hostile.run_stages(folder, config)
    return request.param, files, Tree(hostile.write_page(folder, config, files))


def test_what_is_missing_is_named_where_it_would_stand(run):
    kind, _, tree = run
    notes = [element["text"] for element in tree.all("p") if element.get("class") == "absent"]
    assert len(notes) == {"absent": 4, "none": 5}[kind]
    assert all(note.startswith("Not available: ") and LACKING[kind] in note for note in notes)
    assert not {"figure-counterfactual", "figure-features"} & {element.get("id") for element in tree.elements}


def test_rows_that_count_differently_are_told(run):
    """Rows count 1, 2, 3, 1, ...; the first four miss a value: (1200 - 7)^2 / (2800 - 15) rows in effect."""
    kind, files, tree = run
    data, limitations = tree.section("data"), tree.section("limitations")
    assert ("by its weight" in data) == ("by its weight" in limitations) == (kind == "absent")
    if kind == "absent":
        assert f"Each row is weighted by {WEIGHT}" in data
        assert "1 to 3, 1,193 in total; effective sample size 511" in data
        metrics = read_json(files.metrics)["relu"]
        assert metrics["validation"]["effective_rows"] < metrics["validation"]["rows"]


def test_the_page_holds_together(run):
    _, _, tree = run
    tree.check_links()
    numbers = [text.split(".")[0].strip() for text in tree.texts("figcaption")]
    assert numbers == [f"Figure {number}" for number in range(1, len(numbers) + 1)] and len(numbers) == 13
    words = " ".join(tree.section(name) for name in ("summary", "hypotheses", "test", "remedies"))
    assert not re.search(r"\bNone\b(?! is recommended| uses a class)|\bnan\b", words)


def test_every_number_in_the_text_is_one_of_a_result(run, tmp_path):
    kind, files, _ = run
    config = hostile.config()
    config["data"] |= CHANGES[kind]
    texts, _ = unfollowed(*context_of("report", lambda: hostile.write_page(tmp_path, config, files)))
    assert [text.partition(" (")[0] for text in texts] == ["Shapley values"]  # constants of the method


def test_no_test_figure_is_made_up(run):
    _, files, _ = run
    metrics, diagnosis = read_json(files.metrics), read_json(files.diagnosis)
    assert all(result["test"] is None and result["train"] and result["validation"] for result in metrics.values())
    assert diagnosis["gap"]["test"] is None and diagnosis["verdict"]["kind"] == "undecided"
    table = pd.read_csv(files.mitigations)
    assert table[["test_accuracy", "test_macro_f1", "test_change"]].isna().all(axis=None)
    assert table[["validation_accuracy", "cross_validated_accuracy"]].notna().all(axis=None)
    assert "permutation_test" not in set(pd.read_csv(files.saliency)["method"])
    summary = read_json(files.remedies)
    assert summary["ceiling"] is None and summary["majority"] is None and summary["recommended"] is None


def test_the_first_screen_is_honest(run):
    kind, files, tree = run
    diagnosis, text = read_json(files.diagnosis), tree.section("summary")
    assert diagnosis["verdict"]["sentence"].replace(" -", " −") in text and "No remedy is recommended" in text
    assert ("Test, if only P(x) changed" in text) == (kind == "absent")
    assert f"{diagnosis['gap']['validation']:.3f}" in text and LACKING[kind] in text


def test_what_can_be_said_is(run):
    kind, _, tree = run
    text = tree.section("test")
    if kind == "absent":
        assert "Which columns changed" in text and SCORE in text and "black-box shift estimation" in text
        assert all(name in text for name in CLASSES)
    else:
        assert "groups train" in tree.section("networks") and "Rows of one group" in tree.section("limitations")
    assert "What cannot be known" in text


def test_the_page_can_be_read_by_all(browser, run):
    kind, files, _ = run
    assert not browsers.violations(browser, Path(files.train).with_name("report.html"), kind, 360)


def test_groups_stay_apart(run):
    kind, files, _ = run
    groups = read_json(files.scaling)["groups"]
    assert (groups is None) == (kind == "absent")
    if groups:  # of six rows each, of which none loses all
        assert set(groups) == {"training", "validation"} and sum(groups.values()) == 100


@pytest.mark.parametrize("key, value", [("test_eval.scaling", "none"), ("saliency.methods", ["permutation_test"])])
def test_settings_that_need_test_classes_are_refused(key, value):
    config = hostile.config()
    config["data"]["test_labels"] = "absent"
    block, name = key.split(".")
    config[block][name] = value
    with pytest.raises(UserError, match=key):
        check(config)
