"""Which stages have to run before the results are those of the present settings, code and data, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gapscope.memory import Memory
from gapscope.records import key_of, read_record, record_path, recorded_key

NOT_RUN = "not run yet"


@dataclass(frozen=True)
class Step:
    """A rule as Snakemake would run it now."""

    rule: str
    settings: dict
    code: dict
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    log: Path

    @property
    def record(self) -> Path:
        return record_path(self.log)


@dataclass(frozen=True)
class Finding:
    """What a step's record says against it."""

    step: Step
    reasons: tuple[str, ...]  # its own
    behind: tuple[str, ...]  # rules whose results are new to it, made now or put back already
    key: str | None  # None while a job has still to write some input
    kept: bool  # its results can be taken from the cache

    @property
    def runs(self) -> bool:
        return bool(self.reasons or self.behind) and not self.kept

    @property
    def is_new(self) -> bool:
        return self.reasons == (NOT_RUN,)


def ordered(steps: list[Step]) -> list[Step]:
    """Each step after those that write its inputs."""
    producer = {name: step for step in steps for name in step.outputs}
    done: dict[str, Step] = {}

    def visit(step: Step) -> None:
        if step.rule not in done:
            for name in step.inputs:
                if name in producer:
                    visit(producer[name])
            done[step.rule] = step

    for step in steps:
        visit(step)
    return list(done.values())


def plan(
    steps: list[Step], memory: Memory, in_cache: Callable, forced: Callable, incomplete: set[str]
) -> list[Finding]:
    """One finding per step of `ordered(steps)`. Reads only.

    `in_cache(key)` tells whether results can be taken from there, `forced(rule)` whether the user wants the rule to run
    whatever there is, `incomplete` names outputs whose job was interrupted.
    """
    contents: dict[str, str | None] = {}  # of each file before any job runs; None: a job will write it
    writer = {name: step.rule for step in steps for name in step.outputs}
    findings = []
    for step in ordered(steps):
        for name in step.inputs:
            if name not in contents:
                contents[name] = memory.sha256(name) if Path(name).is_file() else "missing"
        inputs = {name: contents[name] for name in step.inputs}
        key = None
        if None not in inputs.values():
            key = key_of(step.rule, step.settings, step.code, inputs, list(step.outputs))
        record = read_record(step.record)
        reasons = ("asked for",) if forced(step.rule) else _reasons(step, inputs, record, memory, incomplete, writer)
        known = record["inputs"] if record else {}
        behind = tuple(
            dict.fromkeys(writer[name] for name in inputs if name in writer and inputs[name] != known.get(name))
        )
        if key and record and not (reasons or behind) and recorded_key(record) != key:
            reasons = ("the order of its settings or files changed",)
        entry = in_cache(key) if key and (reasons or behind) and not forced(step.rule) else None
        finding = Finding(step, reasons, behind, key, entry is not None)
        findings.append(finding)
        for name in step.outputs:
            contents[name] = None if finding.runs else (entry["record"] if entry else record)["outputs"][name]
    return findings


def _reasons(
    step: Step, inputs: dict, record: dict | None, memory: Memory, incomplete: set[str], writer: dict
) -> tuple[str, ...]:
    """Why the recorded run is not the one wanted now; empty when it is and its outputs are what it wrote."""
    if record is None:
        some = any(Path(name).is_file() for name in step.outputs)
        return ("interrupted, or its record is missing or damaged",) if some else (NOT_RUN,)
    changes = [*_value_changes(record["settings"], step.settings), *_code_changes(record["code"], step.code)]
    changes += _input_changes(record["inputs"], inputs, writer)
    if list(record["outputs"]) != list(step.outputs):
        changes.append("other output files")
    for name in step.outputs:
        if not Path(name).is_file():
            changes.append(f"{name} is missing")
        elif memory.sha256(name) != record["outputs"].get(name):
            changes.append(f"{name} is damaged or was changed by hand")
        elif name in incomplete:
            changes.append("interrupted")
    return tuple(dict.fromkeys(changes))


def _value_changes(old, new, key: str = "") -> list[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            text
            for name in sorted({*old, *new})
            for text in _value_changes(old.get(name, "(none)"), new.get(name, "(none)"), f"{key}.{name}".lstrip("."))
        ]
    return [] if old == new and type(old) is type(new) else [f"{key} {_short(old)} -> {_short(new)}"]


def _short(value) -> str:
    text = str(value)
    return text if len(text) <= 100 else f"{text[:48]} ... {text[-47:]}"


def _code_changes(old: dict, new: dict) -> list[str]:
    texts = []
    for name in sorted({*old, *new}):
        if old.get(name) == new.get(name):
            continue
        if "." in name:  # a file; packages have no dot
            path = f"scripts/{name}" if name.endswith(".py") else name
            texts.append(
                f"{path} {'changed' if name in old and name in new else 'added' if name in new else 'left out'}"
            )
        else:
            texts.append(f"{name} {old.get(name, '(none)')} -> {new.get(name, '(none)')}")
    return texts


def _input_changes(old: dict, new: dict, writer: dict) -> list[str]:
    """Of the files that no stage writes; and of the set of files."""
    texts = [f"{name} is no longer read" for name in old if name not in new]
    texts += [f"{name} is read too" for name in new if name not in old]
    return texts + [f"{name} changed" for name in new if name in old and name not in writer and new[name] != old[name]]
