"""How a stage ends: one line for a mistake or a full disk, a traceback for a defect; and what its log has."""

import errno
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gapscope.common import stage
from gapscope.common.errors import UserError

JOB = """
import os, sys, warnings
from types import SimpleNamespace
sys.path.append({scripts!r})
from gapscope.common.errors import UserError
from gapscope.common.stage import log, run
params = [{{"a.b": 1}}, "code 1f"]
snakemake = SimpleNamespace(rule="r", log=["out/r.log"], input=[], output=["r.txt"], params=params)
def main(input, output, settings):
    {body}
run(main, snakemake)
"""


@pytest.fixture
def job(tmp_path):
    """job(body): exit code, screen and log of a stage whose `main` does this, in a process of its own."""

    def job(body):
        text = JOB.format(scripts=str(Path(stage.__file__).parents[2]), body=body)
        ended = subprocess.run([sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True)
        assert ended.stdout == ""
        log = tmp_path / "out/r.log"
        return ended.returncode, ended.stderr, log.read_text() if log.is_file() else ""

    return job


def test_a_stage_that_ends_well_says_nothing(job, tmp_path):
    code, screen, words = job("open(output[0], 'w').write(str(settings))")
    assert (code, screen) == (0, "") and (tmp_path / "r.txt").read_text() == "{'a': {'b': 1}}"
    assert "s of processor time" in words and "s in all" in words


@pytest.mark.parametrize("body, message, logged", [
    ("raise UserError('table.csv: row 3 is wrong')", "error: table.csv: row 3 is wrong", "row 3 is wrong"),
    ("raise ValueError('oh')", "error: unexpected failure", "Traceback"),
    ("import numpy; numpy.save(open('/dev/full', 'wb'), numpy.zeros(100_000))", "no space left", "free some"),
])  # fmt: skip
def test_a_mistake_or_a_defect_is_one_line_on_the_screen(job, body, message, logged):
    code, screen, words = job(body)
    assert code == 1 and screen.count("\n") == 1 and screen.startswith("             r  ") and message in screen
    assert logged in words and ("Traceback" in words) == (logged == "Traceback")


def test_a_log_that_cannot_be_written(job, tmp_path):
    (tmp_path / "out").write_text("a file where the folder of logs would be")
    code, screen, _ = job("pass")
    assert code == 1 and "error: out/r.log cannot be written" in screen


def test_the_log_has_all_that_a_job_writes(job):
    _, screen, words = job(
        "print('printed'); warnings.warn('warned'); os.write(2, b'by a library in C\\n'); "
        "os.system('echo by a program'); log.info('told'); log.debug('a detail')"
    )
    assert screen == "             r  told\n"
    for part in ("printed", "warned", "by a library in C", "by a program", "told", "a detail"):
        assert part in words


@pytest.mark.parametrize("error, expected", [
    (UserError("table.csv: row 3 is wrong"), "table.csv: row 3 is wrong"),
    (OSError(errno.ENOSPC, "No space left on device"), "no space left on the disk"),
    (OSError(errno.EDQUOT, "Disk quota exceeded"), "no space left on the disk"),
    (OSError("1000 requested and 512 written"), "no space left on the disk"),  # as numpy.save has it
    (PermissionError(errno.EACCES, "Permission denied", "a\nb"), r"a\nb: permission denied; correct the path"),
    (PermissionError(errno.EACCES, "failed to open 'a'. detail: denied"), "[Errno 13] failed to open 'a'"),
    (OSError(errno.EROFS, "Read-only file system", "a"), "a: read-only file system; correct"),
    (MemoryError("Unable to allocate 7 TiB"), "not enough memory (Unable to allocate 7 TiB)"),
    (MemoryError(), "not enough memory (none left)"),
    (np.exceptions.AxisError("a defect"), None),
    (FileNotFoundError(errno.ENOENT, "gone"), None),
])  # fmt: skip
def test_what_a_user_can_mend(error, expected):
    words = stage.user_message(error)
    assert words is None if expected is None else words.startswith(expected) and "\n" not in words
