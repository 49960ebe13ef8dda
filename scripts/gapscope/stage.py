"""How a stage script runs inside Snakemake: its settings and files handed over, its words logged, its mistakes told."""

import errno
import logging
import sys
import traceback
from pathlib import Path

from gapscope.errors import UserError
from gapscope.locks import job
from gapscope.records import recorded

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)  # NumPy has no number for it: "... requested and ... written"
log = logging.getLogger("gapscope")


def run(main, snakemake) -> None:
    """Call `main(input, output, settings)`, checked and recorded; log to the rule's log file and to the screen.

    A UserError or a full disk ends the job with one message and exit code 1; any other failure logs its traceback too.
    """
    inputs, outputs, params = list(snakemake.input), list(snakemake.output), snakemake.params
    _log_to_screen(snakemake.rule)
    try:
        _log_to_file(snakemake.log[0])
        with job(), recorded(snakemake.rule, snakemake.log[0], inputs, outputs, params.settings, params.code):
            main(snakemake.input, snakemake.output, params.settings)
    except Exception as error:
        log.error("error: %s", _told(error))
        sys.exit(1)


def _told(error: Exception) -> str:
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError) and (error.errno in DISK_FULL or "requested and" in str(error)):
        return "no space left on the disk for this stage's results; free some and run snakemake again."
    return f"unexpected failure, a defect in gapscope\n{traceback.format_exc()}"


def _log_to_screen(rule: str) -> None:
    screen = logging.StreamHandler(sys.stderr)
    screen.setFormatter(logging.Formatter(f"{rule:>14}  %(message)s"))
    log.handlers = [screen]
    log.setLevel(logging.INFO)


def _log_to_file(path: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    file = logging.FileHandler(path, mode="w", encoding="utf-8")
    file.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(file)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").addHandler(file)
    logging.raiseExceptions = False  # a line that no longer fits the disk is on the screen all the same
