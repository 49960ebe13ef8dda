"""What Snakemake would run, asked hundreds of times: in forks of this process, in which Snakemake is loaded already.

This is `snakemake -n`, with the profile and all; in place of printing the jobs that would run it hands the graph over.
The modules of the published systems are not read, which nothing asked here runs and which take a third of the time.
"""

import contextlib
import importlib
import io
import multiprocessing
import multiprocessing.connection
import os
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
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

from gapscope.common import fingerprint as tracking
from runs import ROOT

cli.get_argument_parser()  # finds Snakemake's plugins, here once too


@dataclass(frozen=True)
class Job:
    """One job of the graph: whether it would run, the jobs it waits for, and its files (name -> path or paths)."""

    runs: bool
    upstream: set[str]
    script: str | None
    input: dict
    output: dict
    settings: dict


def plans(questions: Iterable[tuple[Path, dict]]) -> list[dict[str, Job]]:
    """Per question (folder, overlay), every job by its rule's name. Each reads the library anew from its folder."""
    parsed()  # once, before the forks
    return in_forks(lambda question: _plan(*question), questions)


def would_run(plan: dict[str, Job]) -> set[str]:
    return {name for name, job in plan.items() if job.runs}


def downstream(plan: dict[str, Job], names: Iterable[str]) -> set[str]:
    """Those of `names` that are in the graph, and all jobs behind them."""
    found = set(names) & set(plan)
    while more := {name for name, job in plan.items() if job.upstream & found} - found:
        found |= more
    return found


def in_forks(function: Callable, tasks: Iterable, at_once: int = os.cpu_count()) -> list:
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
    for place, (fine, answer) in sorted(answers.items()):
        assert fine, f"{tasks[place]}:\n{answer}"
    return [answers[place][1] for place in range(len(tasks))]


def _answer(sender, function, task) -> None:
    try:
        sender.send((True, function(task)))
    except BaseException:
        sender.send((False, traceback.format_exc()))


@cache
def parsed() -> dict[bytes, list]:
    """What code tracking reads in each of the repository's modules, by the module's bytes."""
    return {path.read_bytes(): tracking._parsed(path) for path in (ROOT / "scripts").rglob("*.py")}


def _plan(folder: Path, overlay: dict) -> dict[str, Job]:
    library_of(folder)
    reread = importlib.import_module("gapscope.tracking")
    read, known = reread._parsed, parsed()
    reread._parsed = lambda path: known.get(path.read_bytes()) or read(path)  # of an edited module alone, not of 160
    os.chdir(folder)
    file = folder / f".overlay.{os.getpid()}.yaml"
    file.write_text(yaml.safe_dump(overlay), encoding="utf-8")
    plan, words = {}, io.StringIO()

    def jobs(workflow, *_, **__):
        workflow._prepare_dag(forceall=False, ignore_incomplete=True, lock_warn_only=True)
        workflow._build_dag()
        plan.update({job.rule.name: _job(workflow.dag, job) for job in workflow.dag.jobs})
        return True

    try:
        with (
            mock.patch.object(Workflow, "execute", jobs),
            mock.patch.object(ModuleInfo, "use_rules"),
            contextlib.redirect_stdout(words),
            contextlib.redirect_stderr(words),
        ):
            cli.main(["-n", "-c1", "--configfile", file.name])
    except SystemExit as end:
        assert end.code == 0, words.getvalue()
    finally:
        file.unlink()
    return plan


def _job(dag, job) -> Job:
    upstream = {other.rule.name for other in dag.dependencies[job]}
    settings = dict(job.params.items()).get("settings", {})
    return Job(dag.needrun(job), upstream, job.rule.script, _files(job.input), _files(job.output), settings)


def _files(files) -> dict:
    return {name: str(value) if isinstance(value, str) else list(map(str, value)) for name, value in files.items()}


def library_of(folder: Path) -> None:
    """As in a process that has imported nothing of gapscope yet and would find it in `folder`."""
    for name in [name for name in sys.modules if name.split(".")[0] == "gapscope"]:
        del sys.modules[name]
    sys.path[:] = [place for place in sys.path if not Path(place, "gapscope").is_dir()] + [str(folder / "scripts")]
