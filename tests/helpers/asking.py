"""The jobs that Snakemake would run, asked many times: in forks of this process, in which Snakemake is loaded already.

This is `snakemake -n` with the profile and all, but it returns the graph instead of printing it. The modules of the
published systems are left out: no job asked for here needs them, and they take a third of the time.
"""

import contextlib
import io
import multiprocessing
import multiprocessing.connection
import os
import sys
import traceback
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
    return in_forks(lambda question: _graph(*question, targets), questions)


def would_run(graph: dict[str, Job]) -> set[str]:
    return {name for name, job in graph.items() if job.runs}


def downstream(graph: dict[str, Job], names: Iterable[str]) -> set[str]:
    """Those of `names` that are in the graph, and all jobs behind them."""
    reached = set(names) & set(graph)
    while more := {name for name, job in graph.items() if job.upstream & reached} - reached:
        reached |= more
    return reached


def in_forks(function: Callable, tasks: Iterable, at_once: int = 2) -> list:
    """[function(task) for task in tasks], each in a process of its own, `at_once` of them at a time."""
    context, tasks = multiprocessing.get_context("fork"), list(tasks)
    answers, running, started = {}, {}, 0
    while len(answers) < len(tasks):
        while started < len(tasks) and len(running) < at_once:
            receiver, sender = context.Pipe(duplex=False)
            context.Process(target=_answer, args=(sender, function, tasks[started])).start()
            sender.close()
            running[receiver], started = started, started + 1
        for receiver in multiprocessing.connection.wait(running):
            answers[running.pop(receiver)] = receiver.recv()
    for place, (succeeded, answer) in sorted(answers.items()):
        assert succeeded, f"{tasks[place]}:\n{answer}"
    return [answers[place][1] for place in range(len(tasks))]


def library_of(folder: Path) -> None:
    """Make imports of gapscope find the library in `folder`, as in a new process there."""
    for name in [name for name in sys.modules if name.split(".")[0] == "gapscope"]:
        del sys.modules[name]
    sys.path[:] = [place for place in sys.path if not Path(place, "gapscope").is_dir()] + [str(folder / "scripts")]


def _answer(sender, function, task) -> None:
    try:
        sender.send((True, function(task)))
    except BaseException:
        sender.send((False, traceback.format_exc()))


def _graph(folder: Path, overlay: dict, targets: Iterable[str]) -> dict[str, Job]:
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
    upstream = {_name(other) for other in dag.dependencies[job]}
    params = dict(job.params.items())
    return Job(
        job.rule.name, dag.needrun(job), upstream, job.rule.script, _files(job.input), _files(job.output), params
    )


def _files(files) -> dict:
    return {name: str(value) if isinstance(value, str) else list(map(str, value)) for name, value in files.items()}
