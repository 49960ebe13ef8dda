"""How a stage script runs inside Snakemake: its settings and files handed over, its words logged, its mistakes told."""

import logging
import sys
import traceback
from pathlib import Path

from gapscope.errors import UserError

log = logging.getLogger("gapscope")


def run(main, snakemake) -> None:
    """Call `main(input, output, settings)`; log to the rule's log file and to the screen.

    A UserError ends the job with its one message and exit code 1; any other exception logs its traceback too.
    """
    _log_to(snakemake.log[0], snakemake.rule)
    try:
        main(snakemake.input, snakemake.output, snakemake.params.settings)
    except UserError as error:
        log.error("error: %s", error)
        sys.exit(1)
    except Exception:
        log.error("error: unexpected failure, a defect in gapscope\n%s", traceback.format_exc())
        sys.exit(1)


def _log_to(path: str, rule: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    screen = logging.StreamHandler(sys.stderr)
    screen.setFormatter(logging.Formatter(f"{rule:>14}  %(message)s"))
    file = logging.FileHandler(path, mode="w", encoding="utf-8")
    file.setFormatter(logging.Formatter("%(message)s"))
    log.handlers = [screen, file]
    log.setLevel(logging.INFO)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").addHandler(file)
