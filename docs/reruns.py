"""Writes docs/reruns.md: for every key of config.yaml the stages that read it, and those behind them. `make docs`."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from gapscope.config.check import SCHEMA  # noqa: E402

FILES = dict.fromkeys(("data.train", "data.test"), ["clean", "report"])  # paths: the rules' inputs, not settings
# stages named otherwise
RULES = {"train": "train_*", "remedy": "mitigate_*", "ceiling": "mitigate_ceiling", "sweep_points": "sweep_points_*"}
HEAD = (ROOT / "docs" / "reruns_head.md").read_text(encoding="utf-8")


def page() -> str:
    behind = stages_behind()
    rows = ["| key | read by | rerun too, being behind these |", "|---|---|---|"]
    for key, stages in leaves(SCHEMA):
        stages = FILES.get(key, stages)
        later = [name for name in behind if any(name in behind[stage] for stage in stages) and name not in stages]
        rows.append(f"| `{key}` | {written(stages) or 'no stage'} | {written(later)} |")
    return HEAD + "\n".join(rows) + "\n"


def written(stages: list[str]) -> str:
    return ", ".join(RULES.get(name, name) for name in stages)


def stage_of(rule: str) -> str:
    """The stage that a rule of the graph belongs to: train for train_relu, remedy for mitigate_l2."""
    rule = re.sub("^sweep_points_.*", "sweep_points", re.sub("^train_.*", "train", rule))
    return "ceiling" if rule == RULES["ceiling"] else re.sub("^mitigate_.*", "remedy", rule)


def leaves(node: dict, key: str = "", inherited: tuple = ()):
    """(key, stages) of every key of the schema that has no keys of its own there, in the schema's order."""
    stages = node.get("stages", inherited)
    if "properties" not in node:
        yield key, list(stages)
    for name, below in node.get("properties", {}).items():
        yield from leaves(below, f"{key}.{name}".lstrip("."), stages)


def stages_behind() -> dict[str, set[str]]:
    """For each stage all that read its results, directly or not: from Snakemake's own graph of the rules."""
    edges: dict[str, set[str]] = {"fetch": {"clean", "report"}}  # takes simulate's place with source: download
    swept = ROOT / "workflow" / "presets" / "sweep.yaml"  # the sweep's rules are there only where there is one
    command = [sys.executable, "-m", "snakemake", "all", "diagnosis_suite", "--rulegraph", "--configfile", str(swept)]
    graph = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    labels = re.findall(r'(\d+)\[label = "(\w+)"', graph)
    names = {number: stage_of(name) for number, name in labels}
    for number in sorted(names, key=int, reverse=True):
        edges.setdefault(names[number], set())
    for first, second in re.findall(r"(\d+) -> (\d+)", graph):
        edges[names[first]].add(names[second])
    del edges["all"]
    found = {stage: set() for stage in edges}
    for stage in edges:
        waiting = [stage]
        while waiting:
            new = edges.get(waiting.pop(), set()) - found[stage] - {"all"}
            found[stage] |= new
            waiting += new
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


if __name__ == "__main__":
    (ROOT / "docs" / "reruns.md").write_text(page(), encoding="utf-8")
