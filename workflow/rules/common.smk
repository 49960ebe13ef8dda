# What the rules share: the checked config, each rule's settings and code, and which files there are with this config.

import atexit
import os
import sys
import time
from pathlib import Path

ROOT = Path(str(workflow.current_basedir)).parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from gapscope.common.errors import UserError
from gapscope.common.fingerprint import SHAPING, code_of, content_of, remember
from gapscope.common.last_words import errors, verdict
from gapscope.config import check, defaults, settings as params_of
from gapscope.config.rules import results_folder
from gapscope.config.settings import follows_diagnosis, has_shared_bias, jobs_of
from gapscope.studies.sweep.plan import sweep_of
from gapscope.studies.sweep.rules import checked_points

IS_MODULE = workflow.modifier.parent_modifier is not None
OWN_CONFIG = [path for path in ["config.yaml"] if Path(path).is_file() and not IS_MODULE]
if OWN_CONFIG:

    configfile: "config.yaml"


def or_exit(function, *arguments):
    """The result of the function; a UserError ends the run with its message."""
    try:
        return function(*arguments)
    except UserError as error:
        sys.exit(f"error: {error}")


def settings(*keys, without=()):
    """Params with the config's values of `keys`; the rule runs again only if one of them changes."""
    return params_of.settings(config, *keys, without=without)


def code_of_model(entry):
    """Fingerprint of the files of a model of the user's own."""
    if "python" in entry:
        return code_of(Path(entry["python"]).stem, root=Path(entry["python"]).resolve().parent)
    return content_of(*([entry["onnx"]] if "onnx" in entry else entry.get("predictions", {}).values()))


def when(there, path):
    """The path if the condition holds, else nothing."""
    return path if there else []


def shown(path, category, caption):
    """An output that `snakemake --report` shows too, with the words of workflow/captions/<caption>.rst."""
    name, kind = Path(path).stem, {".svg": "figure", ".csv": "table", ".html": "page"}[Path(path).suffix]
    return report(path, category=category, caption=f"../captions/{caption}.rst", labels={"name": name, "kind": kind})


def last_words(lines):
    """Print the lines after all other output of Snakemake."""
    atexit.register(print, *lines, sep="\n", end="\n" if lines else "", file=sys.stderr)


START = time.time()
# Idle BLAS threads sleep. They would spin: a network on two threads would take three times the processor time.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
# glibc keeps the memory of freed arrays for the next ones: getting it anew is up to 60% of a job's processor time.
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(2**25))
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(2**28))
remember(".snakemake/gapscope-code.json")
COMPARED = {name: config.pop(name, None) for name in ("first", "second")}  # of `snakemake compare`, no settings
config = or_exit(check.prepared, config, [] if IS_MODULE else [*OWN_CONFIG, *workflow.overwrite_configfiles])
RESULTS = or_exit(results_folder, config)
LOGS = f"{RESULTS}/logs"
ACTIVATIONS, OWN_MODELS = config["train"]["activations"], dict(sorted(config["models"].items()))
NETWORKS = expand(f"{RESULTS}/models/{{activation}}.npz", activation=ACTIVATIONS)
MODELS = NETWORKS + expand(f"{RESULTS}/models/{{name}}.json", name=OWN_MODELS)
TRAIN_TABLE = f"{RESULTS}/clean/train.parquet" if OWN_MODELS else []  # of the columns that these read
PREDICTED = any("predictions" in entry for entry in OWN_MODELS.values())
HAS_TEST, LABELLED = check.kind_of_test(config) != "none", check.kind_of_test(config) == "labelled"
TEST_TABLE = f"{RESULTS}/clean/test.parquet" if OWN_MODELS and HAS_TEST else []
GROUPED, WEIGHTED = (config["data"][column] != "none" for column in ("group", "weight"))
CACHED = "SNAKEMAKE_OUTPUT_CACHE" in os.environ  # else Snakemake warns of each rule that could be cached
SHARED_BIAS = has_shared_bias(config)
URGENT = 1  # priority of the jobs that the page waits for longest: training, evaluation, diagnosis
OWN_CONTENT = ""  # of the user's own tables, so that an edit with an older time stamp counts too
if IS_MODULE and config["data"]["source"] == "files":  # perhaps another rule's outputs, and not below the prefix
    TRAIN_CSV, TEST_CSV = (local(config["data"][name]) for name in ("train", "test"))
else:
    TRAIN_CSV, TEST_CSV = or_exit(check.input_tables, config, RESULTS)
    if config["data"]["source"] == "files":
        OWN_CONTENT = content_of(TRAIN_CSV, *([TEST_CSV] if HAS_TEST else []))
