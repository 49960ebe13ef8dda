"""The page where test classes are not known, or there is no test set: what is said, and what is said to be missing."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

import browser as browsers
import hostile
from gapscope.common.errors import UserError
from gapscope.config.check import check
from hostile import CLASSES, GROUP, SCORE, WEIGHT
from markup import Tree
from stage_scripts import stage_settings


def made(folder, **data):
    config = hostile.config()
    config["data"] |= data
    check(config)
    files = hostile.run_stages(folder, config)
    settings = stage_settings(config, "report")
    hostile.stage("report")(hostile.Files(files), hostile.Files(page=str(folder / "page.html")), settings)
    return files, Tree((folder / "page.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=["absent", "none"])
def run(request, tmp_path_factory):
    change = {"absent": {"test_labels": "absent", "weight": WEIGHT}, "none": {"test": "none", "group": GROUP}}
    return request.param, *made(tmp_path_factory.mktemp(request.param), **change[request.param])


def section(tree, name):
    return " ".join(next(one["text"] for one in tree.all("section") if one.get("id") == name).split())


def lacking(kind):
    return {"absent": "The test set’s classes are not known.", "none": "There is no test set."}[kind]


def test_what_is_missing_is_named_where_it_would_stand(run):
    kind, _, tree = run
    absent = [one for one in tree.all("p") if one.get("class") == "absent"]
    assert len(absent) == {"absent": 4, "none": 5}[kind]
    for one in absent:
        assert one["text"].startswith("Not available: ") and lacking(kind) in one["text"]
    for name in ("counterfactual", "features"):
        assert not [one for one in tree.elements if one.get("id") == f"figure-{name}"]


def test_rows_that_count_differently_are_told(run):
    """Rows count 1, 2, 3, 1, ...; the first four miss a value: (1200 - 7)^2 / (2800 - 15) rows in effect."""
    kind, files, tree = run
    told = section(tree, "data"), section(tree, "limitations")
    assert [("by its weight" in words) for words in told] == [kind == "absent"] * 2
    if kind == "absent":
        assert f"Each row counts by {WEIGHT}" in told[0] and "1 to 3, 1,193 in all; as uncertain as 511 rows" in told[0]
        metrics = json.loads(Path(files.metrics).read_text(encoding="utf-8"))["relu"]
        assert metrics["validation"]["effective_rows"] < metrics["validation"]["rows"]


def test_the_page_holds_together(run):
    _, _, tree = run
    ids = [element["id"] for element in tree.elements if "id" in element]
    assert len(ids) == len(set(ids))
    assert {element["href"][1:] for element in tree.all("a") if element.get("href", "").startswith("#")} <= set(ids)
    numbers = [text.split(".")[0].strip() for text in tree.texts("figcaption")][:-1]  # the graph of stages has none
    assert numbers == [f"Figure {number}" for number in range(1, len(numbers) + 1)] and len(numbers) == 15
    words = " ".join(section(tree, name) for name in ("summary", "hypotheses", "test", "remedies"))
    assert not re.search(r"\bNone\b(?! is recommended| uses a class)|\bnan\b", words)


def test_no_test_figure_is_made_up(run):
    kind, files, tree = run
    metrics, diagnosis = (json.loads(Path(files[name]).read_text()) for name in ("metrics", "diagnosis"))
    assert all(result["test"] is None and result["train"] and result["validation"] for result in metrics.values())
    assert diagnosis["gap"]["test"] is None and diagnosis["verdict"]["kind"] == "undecided"
    table = pd.read_csv(files.mitigations)
    assert table[["test_accuracy", "test_macro_f1", "test_change"]].isna().all(axis=None)
    assert table[["validation_accuracy", "cross_validated_accuracy"]].notna().all(axis=None)
    assert "permutation_test" not in set(pd.read_csv(files.saliency)["method"])
    summary = json.loads(Path(files.remedies).read_text())
    assert summary["ceiling"] is None and summary["majority"] is None and summary["recommended"] is None


def test_the_first_screen_is_honest(run):
    kind, files, tree = run
    diagnosis, text = json.loads(Path(files.diagnosis).read_text()), section(tree, "summary")
    assert diagnosis["verdict"]["sentence"].replace(" -", " −") in text and "No remedy is recommended" in text
    assert ("Test, if only P(x) changed" in text) == (kind == "absent")
    assert f"{diagnosis['gap']['validation']:.3f}" in text and lacking(kind) in text


def test_what_can_be_said_is(run):
    kind, files, tree = run
    text = section(tree, "test")
    if kind == "absent":
        assert "Which columns moved" in text and SCORE in text and "black-box shift estimation" in text
        assert all(name in text for name in CLASSES)
    else:
        assert "groups train" in section(tree, "networks") and "Rows of one group" in section(tree, "limitations")
    assert "What cannot be said" in text


@browsers.needed
def test_the_page_can_be_read_by_all(run):
    kind, files, _ = run
    path = Path(files.train).with_name("page.html")
    with browsers.chromium() as browser:
        assert not browsers.violations(browser, path, kind, 360)
        with browsers.opened(browser, path, 360) as page:
            assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_groups_stay_apart(run, tmp_path):
    kind, files, _ = run
    groups = json.loads(Path(files.scaling).read_text())["groups"]
    assert groups == (
        None if kind == "absent" else {"training": groups["training"], "validation": groups["validation"]}
    )
    if groups:
        assert sum(groups.values()) == 100  # of six rows each, of which none loses all


@pytest.mark.parametrize("key, value", [("test_eval.scaling", "none"), ("saliency.methods", ["permutation_test"])])
def test_settings_that_need_test_classes_are_refused(key, value):
    config = hostile.config()
    config["data"]["test_labels"] = "absent"
    block, name = key.split(".")
    config[block][name] = value
    with pytest.raises(UserError, match=key):
        check(config)
