"""Two runs side by side, each read from its results folder."""

from pathlib import Path

from gapscope.common.errors import UserError
from gapscope.common.files import read_json
from gapscope.config.defaults import read_yaml
from gapscope.diagnosis.estimates import Estimate
from gapscope.remedies.recommendation import because
from gapscope.reporting.page.summary import PARTITIONS, state

FILES = {"diagnosis": "diagnosis.json", "metrics": "metrics.json", "settings": "settings.yaml"}
SAME = ("kind", "features", "without")  # what two verdicts must have in common
USAGE = "expected `snakemake compare --config first=results/x second=results/y`, the results folders of two runs."


def read_run(name: str, folder: str | None) -> dict:
    """Read what a run left behind: diagnosis, metrics and settings; `name` is the key that gives the folder."""
    if not folder:
        raise UserError(f"{name}: no folder to compare; {USAGE}")
    paths = {key: Path(folder) / file for key, file in FILES.items()}
    missing = [path.name for path in paths.values() if not path.is_file()]
    if missing:
        why = f"no {' and no '.join(missing)} there" if Path(folder).is_dir() else "there is no such folder"
        raise UserError(f"{name}: {folder}: {why}; let that run end first: {USAGE}")
    diagnosis, metrics = read_json(paths["diagnosis"]), read_json(paths["metrics"])
    return {
        "folder": str(folder),
        "diagnosis": diagnosis,
        "metrics": metrics[diagnosis["activation"]],
        "state": state(diagnosis["verdict"]),
        "next": because(diagnosis["verdict"]),
        "settings": flat(read_yaml(paths["settings"])),
    }


def content(a: dict, b: dict) -> dict:
    """Content of the page, by the names that its template uses."""
    return {
        "runs": [a, b],
        "same": len({str([run["diagnosis"]["verdict"][key] for key in SAME]) for run in (a, b)}) == 1,
        "accuracies": [
            {
                "name": name,
                "runs": [a["metrics"][part], b["metrics"][part]],
                "difference": less([run["metrics"][part] for run in (a, b)], "accuracy"),
            }
            for part, name in PARTITIONS.items()
        ],
        "shares": _shares(a, b),
        "hypotheses": _hypotheses(a, b),
        "changed": [
            {"key": key, "values": [a["settings"].get(key), b["settings"].get(key)]}
            for key in sorted({**a["settings"], **b["settings"]})
            if a["settings"].get(key) != b["settings"].get(key)
        ],
    }


def less(both: list[dict | None], name: str) -> Estimate | None:
    """The figure of the second record less that of the first; None where one of them lacks it."""
    if any(record is None or record[name] is None for record in both):
        return None
    first, second = (Estimate(record[name], *record[f"{name}_interval"]) for record in both)
    return second.minus(first)


def flat(settings: dict, prefix: str = "") -> dict:
    """The settings by their full keys."""
    leaves = {}
    for key, value in settings.items():
        leaves |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) and value else {f"{prefix}{key}": value}
    return leaves


def _shares(a: dict, b: dict) -> list[dict]:
    """Each feature's record of either run, None where it has none; the largest share of the gap first."""
    by_run = [{one["feature"]: one for one in run["diagnosis"]["features"]} for run in (a, b)]
    both = {name: [run.get(name) for run in by_run] for name in {**by_run[0], **by_run[1]}}
    largest = {name: max(abs(one["gap_share"] or 0.0) for one in runs if one) for name, runs in both.items()}
    ordered = sorted(both, key=lambda name: -largest[name])
    return [{"feature": name, "runs": both[name], "difference": less(both[name], "gap_share")} for name in ordered]


def _hypotheses(a: dict, b: dict) -> list[dict]:
    """Hypotheses that the runs decide differently, or that one of them does not weigh."""
    by_run = [{one["hypothesis"]: one["decision"] for one in run["diagnosis"]["hypotheses"]} for run in (a, b)]
    return [
        {"hypothesis": name, "decisions": [run.get(name) for run in by_run]}
        for name in {**by_run[0], **by_run[1]}
        if by_run[0].get(name) != by_run[1].get(name)
    ]
