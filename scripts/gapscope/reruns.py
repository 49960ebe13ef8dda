"""What happens around a run of Snakemake: damaged and outdated results found, kept ones put back, the reasons told.

Snakemake compares params, sets of inputs and times. It does not see a damaged file, a data file with an older time, a
missing intermediate file, or that `.snakemake` was deleted. The records of the stages show all of these, so before each
run the stages that they show to be outdated are handed to Snakemake as forced ones.
"""

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path

from snakemake.io import IOFile
from snakemake.persistence import MetadataRecord
from snakemake.persistence.file import FilePersistence

from gapscope.cache import Cache
from gapscope.locks import HOME, only_run
from gapscope.memory import Memory
from gapscope.plan import Finding, Step, plan
from gapscope.reasons import left_over, told
from gapscope.records import read_record

NOT_KEPT = {"benchmark"}  # its times are of this machine at one moment


def attach(workflow, results: str, megabytes: float, memory: Memory) -> None:
    """Puts `around` around the execution of `workflow`, dry runs included.

    --touch, single jobs, and results that lie in an object store are left alone.
    """
    execute = workflow.execute

    def execute_with_records(executor_plugin, **more):
        stored = workflow.storage_settings.default_storage_provider  # away from here: Snakemake alone knows of them
        if executor_plugin.common_settings.touch_exec or not workflow.is_main_process or stored:
            return execute(executor_plugin, **more)
        with around(
            workflow, results, Cache(HOME / "cache", megabytes, memory), executor_plugin.common_settings.dryrun_exec
        ):
            return execute(executor_plugin, **more)

    workflow.execute = execute_with_records


@contextmanager
def around(workflow, results: str, cache: Cache, dry: bool):
    steps = steps_of(workflow)
    rest = left_over(Path(results), {rule.name for rule in workflow.rules})
    if dry:
        prepare(workflow, steps, results, cache, dry)
        print(*rest, sep="\n", end="\n" if rest else "", flush=True)
        yield
        return
    with only_run():
        prepare(workflow, steps, results, cache, dry)
        try:
            yield
        finally:
            keep(steps, cache)
            print(*rest, sep="\n", end="\n" if rest else "", file=sys.stderr)


def steps_of(workflow) -> list[Step]:
    """The rules that run a stage's script, as they would run now; those with wildcards are left to Snakemake alone."""
    steps = []
    for rule in workflow.rules:
        if rule.script and rule.log and not rule.has_wildcards():
            settings, code = (json.loads(json.dumps(rule.params.get(name))) for name in ("settings", "code"))
            inputs, outputs = tuple(map(str, rule.input)), tuple(map(str, rule.output))
            steps.append(Step(rule.name, settings, code, inputs, outputs, Path(str(rule.log[0]))))
    return steps


def prepare(workflow, steps: list[Step], results: str, cache: Cache, dry: bool) -> None:
    """Tells what runs and why, puts kept results back, and forces the stages that Snakemake would hold up to date."""
    asked, persistence = workflow.dag_settings, FilePersistence()
    files = {name for step in steps for name in step.outputs}
    if asked.until or asked.omit_from or asked.allowed_rules or asked.target_jobs or asked.batch:
        return  # a part of the graph, picked by hand
    if any(name in files for _, name in persistence._read_locks()):
        return  # Snakemake is about to stop, and says what to do
    fresh = not any(step.record.is_file() for step in steps if step.record.is_relative_to(results))

    def find(key):
        return None if fresh else cache.find(key)

    def forced(rule):
        return asked.forceall or rule in asked.forcerun or (asked.forcetargets and rule in asked.targets)

    def findings() -> list[Finding]:
        return plan(needed(workflow, steps), cache.memory, find, forced, persistence._filter_incomplete_keys(files))

    if not dry:
        keep(steps, cache)
    found = findings()
    print(told(found, dry), end="", file=sys.stdout if dry else sys.stderr, flush=True)
    while not dry and any(finding.kept for finding in found):
        for finding in found:
            if finding.kept and not restore(finding, cache, persistence):
                break  # damaged since it was found: what depends on it is planned anew
        persistence._clear_cache()
        found = findings()
    force(workflow, found, dry)


def needed(workflow, steps: list[Step]) -> list[Step]:
    """The steps that the targets of this call depend on."""
    by_rule = {step.rule: step for step in steps}
    producer = {os.path.normpath(name): step for step in steps for name in step.outputs}
    asked = workflow.dag_settings
    chosen: dict[str, Step] = {}
    waiting = [*(asked.targets or [workflow.default_target]), *asked.forcerun]
    while waiting:
        name = waiting.pop()
        step = by_rule.get(name) or producer.get(os.path.normpath(name))
        if step and step.rule not in chosen:
            chosen[step.rule] = step
            waiting += step.inputs
        elif not step and workflow.is_rule(name):
            waiting += map(str, workflow.get_rule(name).input)
    return [step for step in steps if step.rule in chosen]


def restore(finding: Finding, cache: Cache, persistence: FilePersistence) -> bool:
    """The results and what Snakemake knew of them."""
    entry = cache.restore(finding.key, finding.step.record, finding.step.log)
    if entry is None:
        return False
    for name in finding.step.outputs:
        persistence.cleanup_metadata(IOFile(name))
        if name in entry["metadata"]:
            persistence._write_record(name, MetadataRecord(**entry["metadata"][name]))
    return True


def keep(steps: list[Step], cache: Cache) -> None:
    """Stores the results that lie in their places, whole and as their records say."""
    persistence = FilePersistence()
    for step in steps:
        record = read_record(step.record)
        if record and step.rule not in NOT_KEPT and all(Path(name).is_file() for name in record["outputs"]):
            known = {name: persistence._read_record(name) for name in record["outputs"]}
            log = step.log.read_text(encoding="utf-8", errors="replace") if step.log.is_file() else ""
            cache.keep(record, log, {name: dict(found.items()) for name, found in known.items() if found})
    cache.shrink()


def force(workflow, found: list[Finding], dry: bool) -> None:
    """Makes Snakemake run what the plan says, also where it sees no reason itself."""
    asked = workflow.dag_settings
    unseen = {finding.step.rule for finding in found if finding.runs and not _seen_by_snakemake(finding, found)}
    asked.forcerun = frozenset({*asked.forcerun, *unseen})
    kept = [finding.step for finding in found if finding.kept]
    if dry and kept and all(Path(name).is_file() for step in kept for name in step.outputs):
        idle = {finding.step.rule for finding in found if not finding.runs}
        asked.allowed_rules = frozenset(rule.name for rule in workflow.rules if rule.name not in idle)


def _seen_by_snakemake(finding: Finding, found: list[Finding]) -> bool:
    """Runs after a job that writes its inputs; or all is new, from here to the target."""
    if not finding.reasons:
        return finding.key is None
    users = [other for other in found if set(other.step.inputs) & set(finding.step.outputs)]
    return finding.is_new and all(other.is_new for other in users)
