# The few functions that the rules share: the checked config, each stage's settings and code, and what failure looks like.

import sys
from pathlib import Path

sys.path.insert(0, str(Path(str(workflow.current_basedir)).parent.parent / "scripts"))

from gapscope import config as settings_of
from gapscope.errors import UserError
from gapscope.tracking import code_of


def or_exit(function, *arguments):
    """The function's result; a user's mistake ends the run with its one line."""
    try:
        return function(*arguments)
    except UserError as error:
        sys.exit(f"error: {error}")


def settings(stage):
    """What `stage` reads of the config, and nothing else: a changed value elsewhere does not rerun it."""
    return settings_of.settings_for(config, stage)


def training(activation):
    return settings_of.settings_for_training(config, activation)


def print_failure(run_log):
    """The last words of the jobs that failed, after Snakemake's own."""
    for line in dict.fromkeys(Path(run_log).read_text(errors="replace").splitlines()):
        if "error: " in line and not line.startswith("Error"):
            print(line.strip(), file=sys.stderr)


or_exit(settings_of.check, config)
RESULTS = config["results"].rstrip("/")
LOGS = f"{RESULTS}/logs"
ACTIVATIONS = config["train"]["activations"]
TRAIN_CSV, TEST_CSV = or_exit(settings_of.input_tables, config, RESULTS)
