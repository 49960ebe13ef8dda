"""Time and memory of each job in its last run, from what its log says at its end."""

import re
from pathlib import Path

SPENT = re.compile(
    r"^([\d.]+) s of processor time.*, ([\d.]+) s in all(?:, (\d+) MiB of memory at most)?$", re.MULTILINE
)
SPEED = re.compile(r"^(\S+) rows/s$", re.MULTILINE)


def times(logs: Path, jobs: list[str]) -> list[dict]:
    """One record per job from <logs>/<job>.log, the longest first; None for what was not measured."""
    records = []
    for job in jobs:
        file = logs / f"{job}.log"
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        (processor, wall, peak), speed = ([("", "", ""), *SPENT.findall(text)][-1], ["", *SPEED.findall(text)][-1])
        cells = {"wall_seconds": wall, "processor_seconds": processor, "peak_mebibytes": peak}
        cells |= {"share_of_wall": wall, "rows_per_second": speed}
        records.append({"job": job, **{name: float(cell) if cell else None for name, cell in cells.items()}})
    total = sum(record["wall_seconds"] or 0 for record in records)
    for record in records:
        record["share_of_wall"] = record["wall_seconds"] and record["wall_seconds"] / total
    return sorted(records, key=lambda record: -(record["wall_seconds"] or 0))
