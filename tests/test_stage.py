"""How a stage ends: one line for a mistake or a full disk, a traceback for a defect; no record of any of these."""

import errno
from types import SimpleNamespace

import numpy as np
import pytest

from gapscope import stage
from gapscope.errors import UserError
from gapscope.records import read_record, record_path


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs a stage with this main; returns what the screen shows and the record."""
    monkeypatch.chdir(tmp_path)
    params = SimpleNamespace(settings={"a": 1}, code={})
    job = SimpleNamespace(rule="r", log=["out/logs/r.log"], input=[], output=["out/r.txt"], params=params)

    def run(main, code):
        if code:
            with pytest.raises(SystemExit) as caught:
                stage.run(main, job)
            assert caught.value.code == code
        else:
            stage.run(main, job)
        return capsys.readouterr().err, read_record(record_path("out/logs/r.log"))

    return run


def raising(error):
    def main(input, output, settings):
        raise error

    return main


def test_a_stage_that_ends_well_is_recorded(run, tmp_path):
    words, record = run(lambda input, output, settings: (tmp_path / output[0]).write_text(str(settings)), None)
    assert words == "" and record["settings"] == {"a": 1} and list(record["outputs"]) == ["out/r.txt"]


@pytest.mark.parametrize("error, expected", [
    (UserError("table.csv: row 3 is wrong"), "error: table.csv: row 3 is wrong"),
    (OSError(errno.ENOSPC, "No space left on device"), "error: no space left on the disk"),
    (OSError(errno.EDQUOT, "Disk quota exceeded"), "error: no space left on the disk"),
    (OSError("1000 requested and 512 written"), "error: no space left on the disk"),  # as numpy.save has it
])  # fmt: skip
def test_one_line(run, tmp_path, error, expected):
    words, record = run(raising(error), 1)
    assert expected in words and words.count("\n") == 1 and record is None
    assert (tmp_path / "out/logs/r.log").read_text().startswith(expected)


@pytest.mark.parametrize("error", [ValueError("defect"), FileNotFoundError(errno.ENOENT, "gone")])
def test_a_defect_shows_its_traceback(run, error):
    words, record = run(raising(error), 1)
    assert "error: unexpected failure" in words and "Traceback" in words and record is None


def test_numpy_on_a_full_disk_is_told_as_such(run):
    def main(input, output, settings):
        with open("/dev/full", "wb") as file:
            np.save(file, np.zeros(100_000))

    assert "no space left on the disk" in run(main, 1)[0]
