# The few functions that the rules share: the checked config, each stage's settings and code, and what failure looks like.

import sys
from pathlib import Path

sys.path.insert(0, str(Path(str(workflow.current_basedir)).parent.parent / "scripts"))

from gapscope.config import check as settings_of
from gapscope.config import reading as config_files
from gapscope.config.paths import results_folder
from gapscope.common.errors import UserError
from gapscope.studies.sweep import plan as sweeping
from gapscope.common import fingerprint as tracking
from gapscope.common.memory import memory_of, sha256
from gapscope.common.wiring import reads_of


def or_exit(function, *arguments):
    """The function's result; a user's mistake ends the run with its one line."""
    try:
        return function(*arguments)
    except UserError as error:
        MEMORY.save()  # so that the error is the last word, whatever there is to say of this
        sys.exit(f"error: {error}")


def settings(stage):
    """What `stage` reads of the config, and nothing else: a changed value elsewhere does not rerun it."""
    return settings_of.settings_for(config, stage)


def training(activation):
    return settings_of.settings_for_training(config, activation)


def blas_threads(activation):
    """Threads that a training uses: the plain form adds up as several would, on one."""
    train = training(activation)["train"]
    return 1 if train["form"] == "plain" else train["blas_threads"]


def code_of(script, *folders, **more):
    """The code that a script runs, and the versions of its packages."""
    return tracking.code_of(script, *folders, memory=MEMORY, **more)


def shown(path, category, caption):
    """An output that `snakemake --report` shows too, with the words of workflow/captions/<caption>.rst."""
    name, kind = Path(path).stem, {".svg": "figure", ".csv": "table", ".html": "page"}[Path(path).suffix]
    return report(path, category=category, caption=f"../captions/{caption}.rst", labels={"name": name, "kind": kind})


def check_once(config):
    """A config that was found right is not checked again until the checks change."""
    MEMORY.value(
        f"right {code_of('gapscope/config/check')} {MEMORY.sha256(settings_of.SCHEMA_FILE)} {config}",
        lambda: settings_of.check(config),
    )


def published(name, changes):
    """The config of a published system: its preset's blocks in place of this config's, results in a folder of its name."""
    own = {
        **config,
        "sweep": {**config["sweep"], "grid": {}, "table": ""},
        **settings_of.read_yaml(PRESETS / f"{name}.yaml"),
        "results": f"{RESULTS}/{name}",
    }
    return settings_of.completed(changes, own)


def checked_points(config):
    """The points of the sweep; those that were found right are not checked again until they or the checks change."""
    found = sweeping.points(config)
    if found:
        state = sweeping.short([str(config), found, MEMORY.sha256(settings_of.SCHEMA_FILE)])
        MEMORY.value(f"right {code_of('gapscope/studies/sweep/rules')} {state}", lambda: check_sweep(config))
    return found


def check_sweep(config):
    from gapscope.studies.sweep import rules as sweep_rules  # here: jsonschema takes 0.1 s

    sweep_rules.check_sweep(config)


def remedy(name):
    return settings_of.settings_for_remedy(config, name)


def asks_the_diagnosis(name):
    """Whether a remedy is about what the diagnosis found, and so waits for it."""
    own = remedy(name)["remedy"]
    entries = [own.get("drop"), *(own[key]["feature"] for key in ("noise", "feature_dropout", "mend") if key in own)]
    return name == "recommended" or "suspect" in entries


def of_test(**files):
    """Those files of the test set that there are: none without a test set, none of classes where these are not known."""
    left_out = {"labelled": (), "unlabelled": ("test_y", "test_groups"), "none": tuple(files)}[TEST]
    return {name: path for name, path in files.items() if name not in left_out}


def with_classes(**files):
    """Files that take the classes of test rows, where these are known."""
    return files if TEST == "labelled" else {}


def grouped(**files):
    """The files of groups, where data.group names a column."""
    return files if config["data"]["group"] != "none" else {}


def measured():
    """The times that jobs have left until now: what tells that the page about them is out of date."""
    return {path.stem: sha256(path) for path in sorted(Path(TIMES).glob("*.tsv"))}


def weighted(**files):
    """The files of weights, where data.weight names a column."""
    return files if config["data"]["weight"] != "none" else {}


IS_MODULE = workflow.modifier.parent_modifier is not None
WORKFLOW = Path(str(workflow.current_basedir)).parent
PRESETS = WORKFLOW / "presets"
MEMORY = memory_of(".snakemake/gapscope/memory.json", version=f"{sys.version} {sha256(tracking.__file__)}")
if IS_MODULE:  # Snakemake reads no config.yaml for it
    config = settings_of.completed(config, settings_of.read_yaml(WORKFLOW.parent / "config.yaml"))
else:
    sys.modules.setdefault("pandas", None)  # or Snakemake loads it, 0.5 s, to see that no param is a table
    or_exit(config_files.replace_whole, config, workflow.overwrite_configfiles)
or_exit(check_once, config)
RESULTS = or_exit(results_folder, config)
LOGS = f"{RESULTS}/logs"
TIMES = f"{LOGS}/timings"
URGENT = 1  # the priority of jobs on the longest way to the page: training, test, diagnosis, what follows from it
ACTIVATIONS = config["train"]["activations"]
TEST = settings_of.kind_of_test(config)  # labelled | unlabelled | none
if IS_MODULE and config["data"]["source"] == "files":  # perhaps of another rule; the module's prefix is not for them
    TRAIN_CSV, TEST_CSV = (local(config["data"][name]) for name in ("train", "test"))
else:
    TRAIN_CSV, TEST_CSV = or_exit(settings_of.input_tables, config, RESULTS)
