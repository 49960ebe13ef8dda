"""What a run shows on the screen: each rule that runs, how many are done, and at the end the verdict, or what failed.

Snakemake's own words are in .snakemake/log, all of them. `--verbose`, and any `--quiet` but that of profiles/default,
bring them back to the screen.
"""

import atexit
import json
import logging
import os
import re
import sys
import textwrap
import time
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.common import LogEvent

SPARED = re.compile(
    "Assuming unrestricted|Building DAG|Using shell|Conda environments: ignored|Select jobs|Shutting down|Complete log"
    "|Exiting because|Elapsed time|Reasons:|Some jobs were triggered by provenance|Rules with provenance triggered"
    "|\\d+ jobs have .* provenance|RuleException:\nCalledProcessError|WorkflowError:\nAt least one job did not complete"
)
SPARED_EVENTS = {
    LogEvent.RESOURCES_INFO,
    LogEvent.JOB_INFO,
    LogEvent.JOB_STARTED,
    LogEvent.JOB_FINISHED,
    LogEvent.JOB_ERROR,
    LogEvent.SHELLCMD,
}


def attach(workflow) -> None:
    """A quiet screen for this run, its last words included; jobs that run in processes of their own have none."""
    if not workflow.is_main_process:
        return
    settings, logger = workflow.output_settings, logging.getLogger("snakemake.logging")
    if not (settings.verbose or settings.debug_dag or set(settings.quiet or ()) - {Quietness.HOST}):
        for handler in [handler for handler in logger.handlers if handler.name == "DefaultStreamHandler"]:
            logger.removeHandler(handler)
            logger.addHandler(Screen(handler, settings.dryrun))
    execute, start = workflow.execute, time.time()

    def execute_and_tell(executor_plugin, **more):
        plain = executor_plugin.common_settings.dryrun_exec or executor_plugin.common_settings.touch_exec
        try:
            execute(executor_plugin, **more)
        except WorkflowError:
            for job in workflow.scheduler.failed if workflow.scheduler else []:
                atexit.register(print, failure(job.rule.name, Path(str(job.log[0])), start), file=sys.stderr)
            raise
        if not plain:
            print(*last_words(workflow), sep="\n", file=sys.stderr)

    workflow.execute = execute_and_tell


class Screen(logging.Handler):
    """In the place of Snakemake's handler for the screen, to which it passes on what it does not leave out."""

    def __init__(self, own: logging.StreamHandler, dry: bool):
        super().__init__()
        self.name, self.own, self.dry, self.tables = own.name, own, dry, 0

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._show(record)
        except BrokenPipeError:  # `snakemake -n | head`: nobody reads on
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.own.stream.fileno())

    def _show(self, record: logging.LogRecord) -> None:
        event = getattr(record, "event", None)
        if event == LogEvent.JOB_INFO and (record.log or self.dry):  # what only names other rules' files is not work
            self._print(f"rule {record.rule_name}:")
            if self.dry:
                self._print("    reason: " + textwrap.shorten(record.reason, 150, placeholder=" ..."))
        elif event == LogEvent.RUN_INFO:  # the table of jobs; a dry run has it at its beginning and at its end
            self.tables += 1
            if self.dry and self.tables == 2:
                self.own.handle(record)
        elif event not in SPARED_EVENTS and not SPARED.match(record.getMessage().lstrip()):
            self.own.handle(record)

    def _print(self, words: str) -> None:
        print(words, file=self.own.stream, flush=True)


def failure(rule: str, log: Path, start: float) -> str:
    """What a failed job's log says, in one line, and where the log is."""
    if not log.is_file() or log.stat().st_mtime < start:
        return f"error: {rule} failed before it could write its log."
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    said = [line for line in lines if line.startswith("error: ")]
    if not said and any(line.startswith("Traceback") for line in lines):
        said = [f"error: {rule}: {lines[-1]}"]  # it failed before gapscope could catch it
    said = said or [f"error: {rule} ended without a message: killed, perhaps for want of memory."]
    return f"{said[0]}\n(log: {log})"


def last_words(workflow) -> list[str]:
    """The verdict, if the run is about it, and where the results are."""
    lines, files, asked = [], [], workflow.dag_settings
    if asked.until or asked.omit_from or asked.batch:
        return []  # a part of the graph: its end was not reached
    path = Path(str(workflow.get_rule("diagnose").output.diagnosis))
    if path.is_file() and any(job.rule.name == "diagnose" for job in workflow.dag.jobs):
        lines.append(f"Verdict: {json.loads(path.read_text(encoding='utf-8'))['verdict']['sentence']}")
    for target in asked.targets or [workflow.default_target]:
        rule = workflow.get_rule(target) if workflow.is_rule(target) else None
        files += map(str, (rule.output or rule.input) if rule else [target])
    return [*lines, f"Results: {files[0] if len(files) == 1 else os.path.commonpath(files)}"] if files else lines
