"""Writes docs/reruns.md: for every key the rules behind the page that read it, and those behind them. `make docs`."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from gapscope.config.defaults import SCHEMA  # noqa: E402

HEAD = (ROOT / "docs" / "reruns_head.md").read_text(encoding="utf-8")
FILES = {"data.train": ["clean", "report"], "data.test": ["clean", "report"]}  # inputs of the rules, not settings
PARAMS = {  # what a rule takes by another function than settings(...)
    "train_*": ["train", "models"],
    "mitigate_remedy": ["train", "mitigate.train", "mitigate.recommended", "mitigate.remedies"],
    "mitigate_ceiling": ["train", "mitigate.train"],
    "suite_cases": ["train", "encode", "suite"],
    "sweep_points": [
        "train",
        "split",
        *(f"sweep.{key}" for key in ("grid", "table", "seeds", "folds", "points_per_job")),
    ],
}
NOT_READ = {  # keys below these that are left out there
    "train.activations": ["train_*", "suite_cases"],
    "train.members": ["mitigate_remedy", "mitigate_ceiling", "suite_cases"],
    "train.seed": ["sweep_points"],
    "encode.transform": ["suite_cases"],
    "suite.detectable": ["suite_cases"],
}


def page() -> str:
    reads, behind = read_keys(), rules_behind()
    rows = ["| key | read by | rerun too, being behind these |", "|---|---|---|"]
    for key in leaves(SCHEMA):
        rules = FILES.get(key) or [rule for rule, keys in reads.items() if covered(key, keys)]
        rules = [rule for rule in rules if rule in behind and rule not in NOT_READ.get(key, [])]
        later = [name for name in behind if any(name in behind[rule] for rule in rules) and name not in rules]
        if rules:
            rows.append(f"| `{key}` | {', '.join(rules)} | {', '.join(later)} |")
    return HEAD + "\n".join(rows) + "\n"


def leaves(node: dict, key: str = ""):
    """Every key of the schema that has no keys of its own there, in the schema's order."""
    if "properties" not in node:
        yield key
    for name, below in node.get("properties", {}).items():
        yield from leaves(below, f"{key}.{name}".lstrip("."))


def covered(key: str, keys: tuple[set[str], set[str]]) -> bool:
    named, without = (any(f"{key}.".startswith(f"{name}.") for name in names) for names in keys)
    return named and not without


def read_keys() -> dict[str, tuple[set[str], set[str]]]:
    """Per rule the keys in its settings(...), and those that it leaves out, as the rule files have them."""
    reads = {}
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        for rule in re.split(r"^ *rule ?", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            name = "train_*" if rule.startswith(":") else rule.partition(":")[0]
            named, without = set(PARAMS.get(name, [])), set()
            for call in re.findall(r"\*\*settings\((.*?)\)", rule, flags=re.DOTALL):
                kept, _, left_out = call.partition("without=")
                named |= set(re.findall(r'"([\w.]+)"', kept))
                without |= set(re.findall(r'"([\w.]+)"', left_out))
            reads.setdefault(name, (named, without))  # of the networks' rule, not of that of models of your own
    return {
        name: keys for name, keys in reads.items() if keys[0] and not name.startswith(("sweep_clean", "sweep_encode"))
    }


def rules_behind() -> dict[str, set[str]]:
    """For each rule all that read its results, directly or not: from Snakemake's own graph of the rules."""
    edges: dict[str, set[str]] = {"fetch": {"clean", "report"}}  # takes simulate's place with source: download
    swept = ROOT / "workflow" / "presets" / "sweep.yaml"  # the sweep's rules are there only where there is one
    command = [sys.executable, "-m", "snakemake", "all", "diagnosis_suite", "--rulegraph", "--configfile", str(swept)]
    graph = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = {
        number: re.sub("^train_.*", "train_*", name) for number, name in re.findall(r'(\d+)\[label = "(\w+)"', graph)
    }
    edges |= {name: set() for name in names.values()}
    for first, second in re.findall(r"(\d+) -> (\d+)", graph):
        edges[names[first]].add(names[second])

    def behind(rule: str) -> set[str]:
        later = edges[rule] - {"all"}
        return later.union(*map(behind, later))

    found = {rule: behind(rule) for rule in edges if rule != "all"}
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


if __name__ == "__main__":
    (ROOT / "docs" / "reruns.md").write_text(page(), encoding="utf-8")
