"""A user's mistake: one clear line at the end, a non-zero exit, no traceback, and nothing half-written."""

import pytest

from runs import SMALL, overlaid

HEADER = "neighbourhood_group,room_type,minimum_nights,amenity_score,number_of_reviews,availability_365,price_class\n"
ROW = "Queens,Private room,2,50.5,3,100,{}\n"
GOOD = HEADER + "".join(ROW.format(code % 4) for code in range(80))
FILES = {"data": {"source": "files", "train": "my_train.csv", "test": "my_test.csv"}}

CASES = {  # my_train.csv, changes of the config, words of the message; tests/fuzz and tests/config have many more
    "text among numbers": (
        GOOD + ROW.replace("50.5", "lots").format(1), FILES, ["my_train.csv", "row 82", "'amenity_score'", "'lots'"]
    ),
    "missing file": (GOOD, {"data": {"source": "files", "train": "nowhere.csv"}}, ["data.train", "nowhere.csv"]),
    "unknown key": (GOOD, {"train": {"learning_rte": 0.1}}, ["train.learning_rte", "learning_rate"]),
}  # fmt: skip


def last_words(run) -> str:
    assert run.returncode == 1
    assert "Traceback" not in run.stdout + run.stderr
    line = [line for line in run.stderr.splitlines() if not line.startswith("(log:")][-1]
    assert line.startswith("error: ")
    return line


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_in_a_table_or_the_config(workspace, case):
    text, change, expected = CASES[case]
    (workspace.folder / "my_train.csv").write_text(text, encoding="latin-1")
    (workspace.folder / "my_test.csv").write_text(GOOD)
    earlier = workspace.folder / "results/earlier.csv"
    earlier.parent.mkdir()
    earlier.write_text("earlier")
    words = last_words(workspace.snakemake(overlay=overlaid(SMALL, change), check=False))
    assert [part for part in expected if part not in words] == []
    files = [path for path in earlier.parent.rglob("*") if path.is_file() and path.suffix != ".log"]
    assert files == [earlier] and earlier.read_text() == "earlier"


def test_a_mistake_in_a_config_file(workspace):
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
