"""A stage's record: there only when its outputs are whole, and its inputs are checked against the stage before."""

from pathlib import Path

import pytest

from gapscope.errors import UserError
from gapscope.memory import sha256
from gapscope.records import read_record, record_path, recorded

LOG = "out/logs/{}.log"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "table.csv").write_text("1,2")
    return tmp_path


def first(text="one"):
    with recorded("first", LOG.format("first"), ["table.csv"], ["out/first.txt"], {"a": 1}, {"first.py": "x"}):
        Path("out/first.txt").write_text(text)


def second(action=lambda: None):
    with recorded("second", LOG.format("second"), ["out/first.txt"], ["out/second.txt"], {}, {}):
        action()
        Path("out/second.txt").write_text("second")


def record(rule):
    return read_record(record_path(LOG.format(rule)))


def test_what_a_record_holds():
    first()
    assert record("first") == {
        "rule": "first",
        "settings": {"a": 1},
        "code": {"first.py": "x"},
        "inputs": {"table.csv": sha256("table.csv")},
        "outputs": {"out/first.txt": sha256("out/first.txt")},
    }


@pytest.mark.parametrize("error", [UserError("wrong"), KeyboardInterrupt(), SystemExit(1)])
def test_a_stage_that_fails_leaves_no_record_not_even_the_earlier_one(error):
    def fail():
        raise error

    first()
    second()
    with pytest.raises(type(error)):
        second(fail)
    assert record("second") is None and record("first") is not None


@pytest.mark.parametrize("content", ["", "on", "onf", "one "])
def test_an_input_that_is_not_what_was_written_is_named(folder, content):
    first()
    (folder / "out/first.txt").write_text(content)
    with pytest.raises(UserError, match=r"out/first\.txt: damaged.*first wrote"):
        second()
    assert not (folder / "out/second.txt").exists()


def test_an_input_that_changes_while_it_is_read_is_named(folder):
    first()
    with pytest.raises(UserError, match=r"out/first\.txt: changed while second was reading"):
        second(lambda: (folder / "out/first.txt").write_text("two"))
    assert record("second") is None


def test_every_damage_to_a_record_is_noticed():
    first()
    path = record_path(LOG.format("first"))
    good = path.read_bytes()
    for position in range(len(good)):
        path.write_bytes(good[:position] + bytes([good[position] ^ 8]) + good[position + 1 :])
        assert record("first") is None
        path.write_bytes(good[:position])
        assert record("first") is None
