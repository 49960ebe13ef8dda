"""Two runs on one page: what it shows is in their files, and a folder without a run gets one message."""

import re
import shutil

import pytest

from followed import context_of, unfollowed
from gapscope.common.errors import UserError
from gapscope.common.files import read_json
from gapscope.evaluation.metrics import wilson_interval
from gapscope.reporting.page import comparison
from hostile import SCORE, changed_json, config, write_page
from markup import Tree
from stage_scripts import Files, stage


def as_run(folder, made, change=lambda diagnosis: None, **settings):
    """The results folder of a run with this change of its diagnosis, and these settings of its training."""
    folder.mkdir()
    changed = config()
    changed["train"] |= settings
    write_page(folder, changed, made)
    changed_json(made.diagnosis, folder, change)
    shutil.copy(made.metrics, folder)
    return str(folder)


def test_the_page_shows_both_runs(made, tmp_path):
    def other(diagnosis):
        diagnosis["verdict"] |= {"kind": "no_gap", "sentence": "Nothing <i>fails</i>."}
        diagnosis["features"][0]["gap_share"] = 0.123
        diagnosis["hypotheses"][0]["decision"] = "undecided"

    runs = {"first": as_run(tmp_path / "a", made), "second": as_run(tmp_path / "b", made, other, hidden=[5])}

    def run():
        stage("compare")(Files(), Files(page=str(tmp_path / "compare.html")), {"runs": runs})

    assert unfollowed(*context_of("compare", run)) == (
        [],
        ["+0.000"] * 5 + ["−0.526", "+0.000", "+0.000"],  # the differences alone: of accuracies, of shares
    )
    run()
    tree = Tree((tmp_path / "compare.html").read_text(encoding="utf-8"))
    tree.check_links()
    diagnosis = read_json(made.diagnosis)
    verdicts, settings = tree.section("summary"), tree.section("settings")
    assert diagnosis["verdict"]["sentence"] in verdicts and "Nothing <i>fails</i>." in verdicts
    accuracies = tree.section("accuracies")
    assert accuracies.count(f"{diagnosis['gap']['test']:.3f}") == 2 and accuracies.count("+0.000") == 3
    assert SCORE in tree.section("shares") and "+0.123" in tree.section("shares")
    assert settings.endswith("train.hidden8, 65 ")


def test_the_interval_of_the_difference_is_newcombes():
    """Example (a) of Newcombe (1998), method 10: 56 of 70 less 48 of 80."""
    parts = [{"accuracy": k / n, "accuracy_interval": wilson_interval(k, n, 0.95)} for k, n in ((48, 80), (56, 70))]
    found = comparison.less(parts, "accuracy")
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        (None, "first: no folder"),
        ("nowhere", "first: nowhere: there is no such folder"),
        (".", "first: .: no diagnosis.json and no"),
    ],
)
def test_a_folder_without_a_run_gets_one_message(folder, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=re.escape(words)) as caught:
        comparison.read_run("first", folder)
    message = str(caught.value)
    assert "\n" not in message and "snakemake compare --config first=results/x second=results/y" in message
