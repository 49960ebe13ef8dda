"""The schema's `stages` are true: a stage's results depend on the keys that it declares, and it reads each of them.

Every stage of the small run is run once more on the same inputs, beside a config.yaml that nobody can read, with
settings cut from a config in which every key that it does not declare holds a poison.
"""

import os
import runpy
import traceback
from pathlib import Path

import pytest
import yaml
from snakemake.iocontainers import Namedlist
from test_leaves import CONFIG, LEAVES
from test_modules import STAGES

from asking import in_forks, library_of, plans
from gapscope.config.check import settings_for, settings_for_ceiling, settings_for_remedy, settings_for_training
from gapscope.network.activations import ACTIVATIONS
from runs import ROOT, SMALL

NOT_READ = {  # declared, and yet not read in the small run
    ("clean", f"clean.impute.{key}"): "read with clean.missing: impute only"
    for key in ("numeric", "categorical", "columns", "test_from")
} | {
    ("clean", "data.group"): "read where rows belong to groups only",
    ("clean", "data.weight"): "read where rows count differently only",
    ("mitigate", "mitigate.seeds"): "read where rows count differently only",
    ("mitigate", "mitigate.rows"): "read where rows count differently only",
    ("diagnose", "diagnose.overfitting_gap"): "read where validation and test accuracy do not differ",
    ("diagnose", "diagnose.least_kept"): "read where a map may undo a column's change",
}


class Poison:
    """Breaks whatever looks at it."""

    def _breaks(self, *_):
        raise AssertionError("a key was read that the stage does not declare")

    __getattribute__ = __eq__ = __hash__ = __bool__ = __repr__ = __str__ = __format__ = __len__ = __iter__ = _breaks
    __int__ = __float__ = __index__ = __contains__ = __getitem__ = __add__ = __mul__ = __lt__ = __gt__ = _breaks


class Recorded(dict):
    """A block of settings that notes in `read` which leaves are looked at."""

    def __init__(self, block: dict, read: set, path: str = ""):
        super().__init__(block)
        self.read, self.path = read, path

    def __getitem__(self, name):
        value, key = super().__getitem__(name), f"{self.path}.{name}".lstrip(".")
        if isinstance(value, dict) and key not in LEAVES:
            return Recorded(value, self.read, key)
        self.read.add(key)
        return value

    def __iter__(self):  # without it, {**block} would copy the block behind our back
        return super().__iter__()

    def get(self, name, default=None):
        return self[name] if name in self else default  # noqa: SIM401

    def items(self):
        return [(name, self[name]) for name in self]

    def values(self):
        return [self[name] for name in self]


def stage_of(job: str) -> str:
    for start, stage in (("train_", "train"), ("mitigate_ceiling", "ceiling"), ("mitigate_", "remedy")):
        if job.startswith(start):
            return stage
    return job


def poisoned(node: dict, stage: str, path: str = "") -> dict:
    """A config like `node` with a poison in each leaf that `stage` does not declare."""
    result = {}
    for name, value in node.items():
        key = f"{path}.{name}".lstrip(".")
        if key not in LEAVES:
            result[name] = poisoned(value, stage, key)
        else:
            result[name] = value if stage in LEAVES[key][1] else Poison()
    return result


def cut(job: str, plan) -> dict:
    """The settings of this job out of the poisoned config, with the graph of stages that the page draws."""
    own = of_config(job)
    return own | {"stages": plan.settings["stages"]} if job == "report" else own


def of_config(job: str) -> dict:
    config = poisoned(CONFIG, stage_of(job))
    if stage_of(job) == "remedy":
        return settings_for_remedy(config, job.removeprefix("mitigate_"))
    if stage_of(job) == "ceiling":
        return settings_for_ceiling(config)
    if stage_of(job) != "train":
        return settings_for(config, job)
    activation = job.removeprefix("train_")
    others = {name: {"hidden": "poison"} for name in ACTIVATIONS if name != activation}
    config["train"]["per_activation"] = config["train"]["per_activation"] | others
    return settings_for_training(config, activation)


def run_alone(base: Path, job, folder: Path) -> tuple[set[str], str]:
    """Runs `main` of the job's script in `base` once more, in `folder`; the keys that it read, why it failed."""
    library_of(base)
    os.chdir(folder)
    (folder / "results").symlink_to(base / "results")
    for name in ("config.yaml", "overlay.yaml"):
        (folder / name).write_text("{poison: [")
    name, plan = job
    read: set[str] = set()
    yaml.SafeDumper.add_multi_representer(Recorded, lambda dumper, block: dumper.represent_dict(block.items()))
    output = Namedlist(fromdict={key: f"again/{path}" for key, path in plan.output.items()})
    try:
        main = runpy.run_path(str(base / "scripts" / Path(plan.script).name))["main"]
        main(Namedlist(fromdict=plan.input), output, Recorded(cut(name, plan), read))
    except Exception:
        return read, traceback.format_exc()
    return read, ""


@pytest.fixture(scope="module")
def jobs(small_run):
    (plan,) = plans([(small_run.folder, SMALL)])
    return {name: job for name, job in plan.items() if job.script}


@pytest.fixture(scope="module")
def alone(small_run, jobs, tmp_path_factory):
    """Per job: the folder in which it ran alone, the keys that it read, and why it failed if it did."""
    folders = {name: tmp_path_factory.mktemp(name) for name in jobs}
    outcomes = in_forks(lambda job: run_alone(small_run.folder, job, folders[job[0]]), jobs.items())
    return {name: (folders[name], *outcome) for name, outcome in zip(jobs, outcomes)}


JOBS = [
    "simulate", "clean", "eda", "encode", "split", "train_relu", "train_sigmoid", "gradients", "depth_sweep",
    "saliency", "test_eval", "diagnose", "mitigate", "shared_bias", "report", "mitigate_ceiling",
    *(f"mitigate_{name}" for name in (*CONFIG["mitigate"]["remedies"], "recommended")),
]  # fmt: skip


def test_every_job_is_among_those_tested(jobs):
    assert sorted(jobs) == sorted(JOBS)


@pytest.mark.parametrize("job", JOBS)
def test_a_rule_hands_over_what_its_stage_declares(jobs, job):
    assert jobs[job].settings == cut(job, jobs[job])


@pytest.mark.parametrize("job", JOBS)
def test_undeclared_keys_change_no_byte(small_run, jobs, alone, job):
    folder, _, failure = alone[job]
    assert not failure
    for path in jobs[job].output.values():
        assert (folder / "again" / path).read_bytes() == (small_run.folder / path).read_bytes(), path


@pytest.mark.parametrize("job", JOBS)
def test_every_declared_key_is_read(alone, job):
    """A key that is declared and not read would rerun the stage for nothing."""
    stage, (_, read, _) = stage_of(job), alone[job]
    wanted = {key for key, (_, stages) in LEAVES.items() if stage in stages and (stage, key) not in NOT_READ}
    if stage == "train":
        wanted -= {"train.per_activation"}  # put over the shared settings before the job starts
    if stage in ("remedy", "ceiling"):  # as are these
        wanted = {key for key in wanted if not key.startswith(("train.", "mitigate."))}
    assert wanted - read == set()


@pytest.mark.parametrize("script", [f"{stage}.py" for stage in STAGES])
def test_no_stage_looks_at_the_whole_config(script):
    """Snakemake hands it to every script, and does not track what they read of it."""
    text = (ROOT / "scripts" / script).read_text(encoding="utf-8")
    assert "snakemake.config" not in text and "config.yaml" not in text
