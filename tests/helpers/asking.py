"""The jobs that Snakemake would run, asked many times: in forks of this process, in which Snakemake is loaded already.

This is `snakemake -n` with the profile and all, but it returns the graph instead of printing it. The modules of the
published systems are left out: no job asked for here needs them, and they take a third of the time.
"""

import contextlib
import functools
import io
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import jsonschema  # noqa: F401  loaded here once, not in every fork
import pandas  # noqa: F401
import smart_open  # noqa: F401
import snakemake.report  # noqa: F401
import yaml
from snakemake import cli
from snakemake.modules import ModuleInfo
from snakemake.workflow import Workflow

cli.get_argument_parser()  # finds Snakemake's plugins, here once too


@dataclass(frozen=True)
class Job:
    """One job of the graph: whether it would run, the jobs it waits for, its files by name, and its params."""

    rule: str
    runs: bool
    upstream: set[str]
    script: str | None
    input: dict
    output: dict
    params: dict


def graphs(questions: Iterable[tuple[Path, dict]], *targets: str) -> list[dict[str, Job]]:
    """Each question's (folder, overlay) jobs, by the name of their log file, or of their rule if they have none."""
    return in_forks(functools.partial(_graph, targets), questions)


def would_run(graph: dict[str, Job]) -> set[str]:
    return {name for name, job in graph.items() if job.runs}


def downstream(graph: dict[str, Job], names: Iterable[str]) -> set[str]:
    """Those of `names` that are in the graph, and all jobs behind them."""
    reached = set(names) & set(graph)
    while more := {name for name, job in graph.items() if job.upstream & reached} - reached:
        reached |= more
    return reached


def in_forks(function: Callable, tasks: Iterable) -> list:
    """[function(task) for task in tasks], each in a process of its own, two at a time."""
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        return pool.map(function, tasks, chunksize=1)


def library_of(folder: Path) -> None:
    """Make imports of gapscope find the library in `folder`, as in a new process there."""
    for name in [name for name in sys.modules if name.split(".")[0] == "gapscope"]:
        del sys.modules[name]
    sys.path[:] = [place for place in sys.path if not Path(place, "gapscope").is_dir()] + [str(folder / "scripts")]


def _graph(targets: Iterable[str], question: tuple[Path, dict]) -> dict[str, Job]:
    folder, overlay = question
    library_of(folder)
    os.chdir(folder)
    file = folder / f".overlay.{os.getpid()}.yaml"
    file.write_text(yaml.safe_dump(overlay), encoding="utf-8")
    graph, words = {}, io.StringIO()

    def jobs(workflow, *_, **__):
        workflow._prepare_dag(forceall=False, ignore_incomplete=True, lock_warn_only=True)
        workflow._build_dag()
        graph.update({_name(job): _job(workflow.dag, job) for job in workflow.dag.jobs})
        return True

    try:
        with (
            mock.patch.object(Workflow, "execute", jobs),
            mock.patch.object(ModuleInfo, "use_rules"),
            contextlib.redirect_stdout(words),
            contextlib.redirect_stderr(words),
        ):
            cli.main([*targets, "-n", "-c1", "--configfile", file.name])
    except SystemExit as end:
        assert end.code == 0, words.getvalue()
    finally:
        file.unlink()
    return graph


def _name(job) -> str:
    return Path(job.log[0]).stem if job.log else job.rule.name


def _job(dag, job) -> Job:
    upstream, files = {_name(other) for other in dag.dependencies[job]}, (_files(job.input), _files(job.output))
    return Job(job.rule.name, dag.needrun(job), upstream, job.rule.script, *files, dict(job.params.items()))


def _files(files) -> dict:
    return {name: str(value) if isinstance(value, str) else list(map(str, value)) for name, value in files.items()}
