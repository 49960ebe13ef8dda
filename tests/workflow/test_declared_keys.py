"""Each script reads exactly the settings that its rule hands over: no other key exists for it, and it looks at each.

Every job of the small run is run once more on the same inputs, alone, beside a config.yaml that nobody can read.
"""

import functools
import os
import runpy
import traceback
from pathlib import Path

import pytest
import yaml
from snakemake.iocontainers import Namedlist

from asking import Job, graphs, in_forks, library_of
from gapscope.common.stage import nested
from runs import ROOT, SMALL

NOT_READ = {  # handed over, and yet not read in the small run
    "clean": {"clean.impute", "data.group", "data.weight"},  # with clean.missing: impute, groups or weights only
    "mitigate": {"mitigate.seeds", "mitigate.rows"},  # where rows count differently only
    # without a gap; where a map may undo a change
    "diagnose": {"diagnose.overfitting_gap", "diagnose.most_harm", "diagnose.least_kept"},
}


class Recorded(dict):
    """A block of settings that notes in `read` which keys are looked at."""

    def __init__(self, block: dict, read: set, path: str = ""):
        super().__init__(block)
        self.read, self.path = read, path

    def __getitem__(self, name):
        value, key = super().__getitem__(name), f"{self.path}.{name}".lstrip(".")
        self.read.add(key)
        return Recorded(value, self.read, key) if isinstance(value, dict) else value

    def __iter__(self):  # without it, {**block} would copy the block behind our back
        return super().__iter__()

    def get(self, name, default=None):
        return self[name] if name in self else default  # noqa: SIM401

    def items(self):
        return [(name, self[name]) for name in self]

    def values(self):
        return [self[name] for name in self]


def run_alone(base: Path, task: tuple[Job, Path]) -> tuple[set[str], str]:
    """Run `main` of a job's script in `base` once more, in a folder: the keys that it read, and why it failed."""
    job, folder = task
    library_of(base)
    os.chdir(folder)
    (folder / "results").symlink_to(base / "results")
    (folder / "config.yaml").write_text("{poison: [")
    read: set[str] = set()
    yaml.SafeDumper.add_multi_representer(Recorded, lambda dumper, block: dumper.represent_dict(block.items()))
    output = Namedlist(fromdict={key: f"again/{path}" if path else [] for key, path in job.output.items()})
    try:
        main = runpy.run_path(str(base / "scripts" / Path(job.script).name))["main"]
        main(Namedlist(fromdict=job.input), output, Recorded(nested(job.params.values()), read))
    except Exception:
        return read, traceback.format_exc()
    return read, ""


@pytest.fixture(scope="module")
def jobs(small_run):
    (graph,) = graphs([(small_run.folder, SMALL)])
    return {name: job for name, job in graph.items() if job.script}


@pytest.fixture(scope="module")
def alone(small_run, jobs, tmp_path_factory):
    """The folder in which each job ran alone, the keys that it read, and why it failed if it did."""
    folders = {name: tmp_path_factory.mktemp(name) for name in jobs}
    tasks = [(job, folders[name]) for name, job in jobs.items()]
    outcomes = in_forks(functools.partial(run_alone, small_run.folder), tasks)
    return {name: (folders[name], *outcome) for name, outcome in zip(jobs, outcomes)}


def test_a_script_needs_no_more_than_its_rule_hands_over(small_run, jobs, alone):
    assert len(jobs) > 20 and {name: failure for name, (_, _, failure) in alone.items() if failure} == {}
    for name, job in jobs.items():
        for path in filter(None, job.output.values()):
            again = alone[name][0] / "again" / path
            assert again.read_bytes() == (small_run.folder / path).read_bytes(), path


def test_a_script_reads_every_key_that_its_rule_hands_over(jobs, alone):
    """A key that is not read would rerun the job for nothing."""
    unread = {}
    for name, job in jobs.items():
        handed = {key for param in job.params.values() if isinstance(param, dict) for key in param}
        allowed = tuple(f"{key}." for key in NOT_READ.get(name, ()))
        unread[name] = {key for key in handed - alone[name][1] if not f"{key}.".startswith(allowed)}
    assert {name: keys for name, keys in unread.items() if keys} == {}


def test_no_script_looks_at_the_whole_config():
    """Snakemake hands it to every script, and does not track what they read of it."""
    for path in (ROOT / "scripts").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "snakemake.config" not in text and (path.name == "start.py" or "config.yaml" not in text), path
