"""A user's mistake: one clear line at the end, a non-zero exit, no traceback, and nothing half-written."""

import pytest

from runs import SMALL, overlaid

HEADER = "neighbourhood_group,room_type,minimum_nights,amenity_score,number_of_reviews,availability_365,price_class\n"
ROW = "Queens,Private room,2,50.5,3,100,{}\n"
GOOD = HEADER + "".join(ROW.format(code % 4) for code in range(80))
FILES = {"data": {"source": "files", "train": "my_train.csv", "test": "my_test.csv"}}

TABLES = {
    "empty file": ("", ["my_train.csv", "empty"]),
    "header only": (HEADER, ["my_train.csv", "no rows"]),
    "missing column": (GOOD.replace("amenity_score", "amenities", 1), ["my_train.csv", "'amenity_score' is missing"]),
    "duplicate column": (GOOD.replace("minimum_nights", "room_type", 1), ["my_train.csv", "'room_type'", "2 times"]),
    "target with one class": (
        HEADER + ROW.format(1) * 20, ["my_train.csv", "'price_class'", "only the class 'Moderate'"]
    ),
    "text among numbers": (
        GOOD + ROW.replace("50.5", "lots").format(1), ["my_train.csv", "row 82", "'amenity_score'", "'lots'"]
    ),
    "not text at all": ("\x89PNG\r\n\x1a\n" + "\x00\x01" * 50, ["my_train.csv", "not a text file"]),
}  # fmt: skip

CONFIGS = {
    "missing file": ({"data": {"source": "files", "train": "nowhere.csv"}}, ["data.train", "nowhere.csv"]),
    "unknown key": ({"train": {"learning_rte": 0.1}}, ["train.learning_rte", "learning_rate"]),
    "wrong type": ({"train": {"iterations": "many"}}, ["train.iterations", "whole number", "'many'"]),
    "number as text": ({"train": {"learning_rate": "1e-1"}}, ["train.learning_rate", "1.0e-1"]),
    "unknown choice": ({"data": {"source": "file"}}, ["data.source", "simulated, files, download"]),
    "break that does not fit": ({"simulate": {"break": {"kind": "category_renamed"}}}, ["simulate.break.feature"]),
}  # fmt: skip


def last_words(run) -> str:
    assert run.returncode == 1
    assert "Traceback" not in run.stdout + run.stderr
    line = [line for line in run.stderr.splitlines() if not line.startswith("(log:")][-1]
    assert line.startswith("error: ")
    return line


@pytest.mark.parametrize("case", TABLES)
def test_mistake_in_a_table(workspace, case):
    text, expected = TABLES[case]
    (workspace.folder / "my_train.csv").write_text(text, encoding="latin-1")
    (workspace.folder / "my_test.csv").write_text(GOOD)
    words = last_words(workspace.snakemake(overlay=overlaid(SMALL, FILES), check=False))
    for part in expected:
        assert part in words
    assert not [path for path in (workspace.folder / "results").rglob("*") if path.is_file() and path.suffix != ".log"]


@pytest.mark.parametrize("case", CONFIGS)
def test_mistake_in_the_config(workspace, case):
    overlay, expected = CONFIGS[case]
    words = last_words(workspace.snakemake(overlay=overlay, check=False))
    for part in expected:
        assert part in words
    assert not list(workspace.folder.glob("results/**/*.csv"))


def test_mistake_in_a_config_file(workspace):
    """Snakemake itself takes the last of two equal keys."""
    (workspace.folder / "twice.yaml").write_text("train: {l1: 0}\ntrain: {l2: 0}\n")
    words = last_words(workspace.snakemake("--configfile", "twice.yaml", check=False))
    assert "twice.yaml" in words and "line 2, column 1: the key" in words


def test_odd_paths_without_a_locale_or_a_home(workspace):
    """Blanks, quotes, what a shell would fill in, and letters beyond ASCII."""
    folder = workspace.folder / "a b 'q' $(x) é"
    folder.mkdir()
    for name in ("train.csv", "test.csv"):
        (folder / name).write_text(GOOD)
    data = {"source": "files", "train": f"{folder}/train.csv", "test": f"{folder}/test.csv"}
    overlay = {"results": f"{folder}/results", "data": data}
    bare = {"LC_ALL": "C", "HOME": "/nowhere"}
    assert "clean" in workspace.snakemake("-n", overlay=overlay, **bare).stdout
    data["train"] += "x"
    assert f"no file '{folder}/train.csvx'" in last_words(workspace.snakemake(overlay=overlay, check=False, **bare))


def test_earlier_results_survive_a_mistake(workspace):
    results = workspace.folder / "results"
    results.mkdir()
    (results / "report.html").write_text("earlier")
    last_words(workspace.snakemake(overlay={"train": {"iterations": -1}}, check=False))
    assert (results / "report.html").read_text() == "earlier"
