"""How a stage script runs inside Snakemake: its settings and files handed over, its words logged, its mistakes told.

Stage scripts import this module first. In a job that sends all that the process writes from then on (warnings, what
libraries print, the traceback of a failed import) to the rule's log; the screen gets what is said through `log`.
"""

import errno
import faulthandler
import gc
import logging
import os
import sys
import time
import traceback
from pathlib import Path
from typing import TextIO

from gapscope.common.errors import UserError, one_line

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)  # NumPy has no number for it: "... requested and ... written"
NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EIO)
log = logging.getLogger("gapscope")


def run(main, snakemake) -> None:
    """Call `main(input, output, settings)`, checked and recorded; log to the rule's log file and to the screen.

    A UserError or a full disk ends the job with one message and exit code 1; any other failure leaves its traceback in
    the log before it.
    """
    _keep_all()
    start = time.process_time()
    try:
        _log_to(snakemake.rule, snakemake.log[0])
        main(snakemake.input, snakemake.output, snakemake.params.settings)
        spent = time.process_time()
        log.debug("%.2f s of processor time, %.2f s of it to start%s", spent, start, _peak_memory())
    except Exception as error:
        told = _told(error)
        if told is None:
            traceback.print_exc()
        log.error("error: %s", told or f"unexpected failure, a defect in gapscope: {type(error).__name__}: {error}")
        sys.exit(1)
    _keep_all()


def _keep_all() -> None:
    """In a job: the garbage collector passes over all that there is now, of which nothing is garbage before the end.

    A job imports some 100,000 objects. Looking through them, while they come and again at the end of the process, would
    take 0.1 to 0.3 s of a second's start.
    """
    if _JOB:
        gc.freeze()
        gc.enable()


def _peak_memory() -> str:
    """What the process held at most, where Linux tells it; Snakemake's benchmark looks but every 30 s in a long job."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peak = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)
    return f", {peak / 1024:.0f} MiB of memory at most" if peak else ""


def _told(error: Exception) -> str | None:
    """What a user can mend, in one line; None for a defect."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError) and (error.errno in DISK_FULL or "requested and" in str(error)):
        return "no space left on the disk for this stage's results; free some and run snakemake again."
    if isinstance(error, OSError) and error.errno in NOT_ALLOWED:
        where = f"{error.filename}: {error.strerror.lower()}" if error.filename else str(error)  # Arrow has but words
        return f"{one_line(where)}; mend the path or its permissions."
    if isinstance(error, MemoryError):
        why = one_line(str(error)) or "no more to be had"
        return f"the memory does not suffice ({why}); take fewer rows, a smaller train.hidden, or a larger machine."
    return None


def _log_to(rule: str, path: str) -> None:
    """What is said through `log` goes to the log file; to the screen, under the rule's name, without the details."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    screen, file = logging.StreamHandler(_SCREEN or sys.stderr), logging.FileHandler(path, encoding="utf-8")
    screen.setFormatter(logging.Formatter(f"{rule:>14}  %(message)s"))
    file.setFormatter(logging.Formatter("%(message)s"))
    log.handlers = [screen, file]
    screen.setLevel(logging.INFO)
    log.setLevel(logging.DEBUG)
    logging.raiseExceptions = False  # a line that no longer fits the disk is on the screen all the same


def _all_to(path: str) -> TextIO:
    """Sends what this process and the libraries in it write to the file `path`; returns the screen as it was."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o666)
    screen = os.fdopen(os.dup(2), "w", encoding=sys.stderr.encoding, errors="backslashreplace")
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    sys.stdout.reconfigure(line_buffering=True)
    faulthandler.enable()
    return screen


_JOB = getattr(sys.modules["__main__"], "snakemake", None)  # Snakemake's own name for it; a test has none
if _JOB:
    gc.disable()  # until the script has imported what it needs
try:
    _SCREEN = _all_to(_JOB.log[0]) if hasattr(_JOB, "log") else None
except OSError as error:
    sys.exit(f"error: {_JOB.log[0]} cannot be written: {_told(error) or error.strerror}")
