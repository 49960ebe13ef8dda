"""Run a stage script inside Snakemake: pass files and settings, write the log, report errors."""

import errno
import faulthandler
import gc
import logging
import os
import sys
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from gapscope.common.errors import UserError, one_line

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)  # NumPy raises OSError("... requested and ... written") without a number
NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EIO)
log = logging.getLogger("gapscope")


def run(main, snakemake) -> None:
    """Call `main(input, output, settings)` of a stage script.

    Messages of `log` go to the screen and to the rule's log file, which also gets everything that the process and its
    libraries print. A failed job ends with one message and exit code 1. Unless the user can correct the error, the log
    also has its traceback.
    """
    gc.freeze()  # the 100,000 imported objects are never garbage; not checking them saves 0.1 to 0.3 s
    start, begun = time.process_time(), time.perf_counter()
    screen = None
    try:
        screen = _redirected(snakemake.log[0])
        _log_to(screen, snakemake.rule, snakemake.log[0])
        main(snakemake.input, snakemake.output, nested(snakemake.params))
        spent, wall = time.process_time(), start + time.perf_counter() - begun
        log.debug(
            "%.2f s of processor time, %.2f s of it to start, %.2f s in all%s", spent, start, wall, _peak_memory()
        )
    except Exception as error:
        words = user_message(error)
        if words is None:
            traceback.print_exc()
        words = words or f"unexpected failure, a defect in gapscope: {type(error).__name__}: {error}"
        if screen is None:
            sys.exit(f"error: {snakemake.log[0]} cannot be written: {words}")
        log.error("error: %s", words)
        sys.exit(1)
    gc.freeze()


def nested(params: Iterable) -> dict:
    """Settings of a rule as nested blocks: {"train.hidden": [8]} becomes {"train": {"hidden": [8]}}."""
    blocks: dict = {}
    for param in params:
        for key, value in param.items() if isinstance(param, dict) else ():
            *outer, last = key.split(".")
            block = blocks
            for name in outer:
                block = block.setdefault(name, {})
            block[last] = value
    return blocks


def user_message(error: Exception) -> str | None:
    """One line about what the user can do; None if the error is a defect in gapscope."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError) and (error.errno in DISK_FULL or "requested and" in str(error)):
        return "no space left on the disk for this stage's results; free some and run snakemake again."
    if isinstance(error, OSError) and error.errno in NOT_ALLOWED:
        # Arrow sets no filename
        where = f"{error.filename}: {error.strerror.lower()}" if error.filename else str(error)
        return f"{one_line(where)}; correct the path or its permissions."
    if isinstance(error, MemoryError):
        why = one_line(str(error)) or "none left"
        return f"not enough memory ({why}); take fewer rows, a smaller train.hidden, or a larger machine."
    return None


def _peak_memory() -> str:
    """Peak memory of the process, on Linux; Snakemake's benchmark only looks every 30 s in a long job."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peak = next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)
    return f", {peak / 1024:.0f} MiB of memory at most" if peak else ""


def _log_to(screen: TextIO, rule: str, path: str) -> None:
    """Send all messages to the file, and those from level INFO to the screen, with the rule's name."""
    on_screen, in_file = logging.StreamHandler(screen), logging.FileHandler(path, encoding="utf-8")
    on_screen.setFormatter(logging.Formatter(f"{rule:>14}  %(message)s"))
    in_file.setFormatter(logging.Formatter("%(message)s"))
    log.handlers = [on_screen, in_file]
    on_screen.setLevel(logging.INFO)
    log.setLevel(logging.DEBUG)
    logging.raiseExceptions = False  # on a full disk, a message still goes to the screen


def _redirected(path: str) -> TextIO:
    """Redirect all output of this process to a file; return a stream that still writes to the screen."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o666)
    screen = os.fdopen(os.dup(2), "w", encoding=sys.stderr.encoding, errors="backslashreplace")
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    sys.stdout.reconfigure(line_buffering=True)
    faulthandler.enable()
    return screen
