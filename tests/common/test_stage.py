"""How a stage ends: one line for a mistake or a full disk, a traceback for a defect.

And what its log has: all that a job and its libraries write, from the first import on.
"""

import errno
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gapscope.common import stage
from gapscope.common.errors import UserError


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs a stage with this main; returns what the screen shows."""
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
        return capsys.readouterr().err

    return run


def raising(error):
    def main(input, output, settings):
        raise error

    return main


def test_a_stage_that_ends_well_says_nothing(run, tmp_path):
    assert run(lambda input, output, settings: (tmp_path / output[0]).write_text(str(settings)), None) == ""
    assert (tmp_path / "out/r.txt").read_text() == "{'a': 1}"


@pytest.mark.parametrize("error, expected", [
    (UserError("table.csv: row 3 is wrong"), "error: table.csv: row 3 is wrong"),
    (OSError(errno.ENOSPC, "No space left on device"), "error: no space left on the disk"),
    (OSError(errno.EDQUOT, "Disk quota exceeded"), "error: no space left on the disk"),
    (OSError("1000 requested and 512 written"), "error: no space left on the disk"),  # as numpy.save has it
    (PermissionError(errno.EACCES, "Permission denied", "a\nb"), r"error: a\nb: permission denied; mend the path"),
    (PermissionError(errno.EACCES, "failed to open 'a'. detail: denied"), "error: [Errno 13] failed to open 'a'"),
    (OSError(errno.EROFS, "Read-only file system", "a"), "error: a: read-only file system; mend"),
    (MemoryError("Unable to allocate 7 TiB"), "error: the memory does not suffice (Unable to allocate 7 TiB)"),
    (MemoryError(), "error: the memory does not suffice (no more to be had)"),
])  # fmt: skip
def test_one_line(run, tmp_path, error, expected):
    words = run(raising(error), 1)
    assert expected in words and words.count("\n") == 1
    assert (tmp_path / "out/logs/r.log").read_text().startswith(expected)


@pytest.mark.parametrize("error", [ValueError("defect"), FileNotFoundError(errno.ENOENT, "gone")])
def test_a_defect_shows_its_traceback(run, error):
    words = run(raising(error), 1)
    assert "error: unexpected failure" in words and "Traceback" in words


def test_numpy_on_a_full_disk_is_told_as_such(run):
    def main(input, output, settings):
        with open("/dev/full", "wb") as file:
            np.save(file, np.zeros(100_000))

    assert "no space left on the disk" in run(main, 1)


PREAMBLE = """
import sys
from types import SimpleNamespace
sys.path.append({scripts!r})
params = SimpleNamespace(settings=dict(), code=dict())
snakemake = SimpleNamespace(rule="r", log=["logs/r.log"], input=[], output=[], params=params)
from gapscope.common.stage import log, run
"""


def as_job(folder, script):
    """Runs a script as Snakemake does, in a process of its own: the screen and the log."""
    text = PREAMBLE.format(scripts=str(Path(stage.__file__).parents[2])) + textwrap.dedent(script)
    (folder / "job.py").write_text(text)
    job = subprocess.run([sys.executable, "job.py"], cwd=folder, capture_output=True, text=True)
    assert job.stdout == ""
    return job.stderr, (folder / "logs/r.log").read_text()


def test_the_log_has_all_that_a_job_writes(tmp_path):
    screen, words = as_job(tmp_path, """
        import os, warnings
        def main(input, output, settings):
            print("printed")
            warnings.warn("warned")
            os.write(2, b"by a library in C\\n")
            os.system("echo by a program")
            log.info("told")
            log.debug("a detail")
        run(main, snakemake)
        """)  # fmt: skip
    assert screen == "             r  told\n"
    for part in ("printed", "warned", "by a library in C", "by a program", "told", "a detail"):
        assert part in words
