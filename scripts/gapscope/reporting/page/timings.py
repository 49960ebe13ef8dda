"""What each job of a run took, from Snakemake's benchmark files and from what each job's log says at its end."""

import csv
import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

from gapscope.reporting.page.provenance import versions
from gapscope.reporting.page.stages import Graph, Note, families

SPENT = re.compile(r"^([\d.]+) s of processor time", re.MULTILINE)  # exact: Snakemake looks every half second or 30 s
HELD = re.compile(r", (\d+) MiB of memory at most$", re.MULTILINE)
SPEED = re.compile(r"^(\S+) rows/s$", re.MULTILINE)


@dataclass(frozen=True)
class Times:
    """`wall` and `processor` in seconds, `peak` memory in MiB, `share` of the wall time of all jobs.

    `rows` is a training's rows per second. None where nothing was measured.
    """

    wall: float | None = None
    processor: float | None = None
    peak: float | None = None
    share: float | None = None
    rows: float | None = None


def times(logs: Path, jobs: list[str]) -> dict[str, Times]:
    """Of each job by its name, the longest first, from <logs>/timings/<job>.tsv and <logs>/<job>.log.

    A job whose results were kept from an earlier run has no time; its log was kept too.
    """
    walls = {job: _wall(logs / "timings" / f"{job}.tsv") for job in jobs}
    total, found = sum(wall or 0 for wall in walls.values()), {}
    for job, wall in sorted(walls.items(), key=lambda item: -(item[1] or 0)):
        path = logs / f"{job}.log"
        log = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        share = None if wall is None else wall / total
        found[job] = Times(wall, *(_last(said, log) for said in (SPENT, HELD)), share, _last(SPEED, log))
    return found


def _wall(path: Path) -> float | None:
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        return float(next(csv.DictReader(file, delimiter="\t"))["s"])


def _last(said: re.Pattern, log: str) -> float | None:
    found = said.findall(log)
    return float(found[-1]) if found else None


def notes(reads: Graph, found: dict[str, Times]) -> dict[str, Note]:
    """What the drawing of the stages says of each: the seconds of its jobs together, the most memory of one."""
    boxes: dict[str, list[str]] = {}
    for job, box in families(reads).items():
        boxes.setdefault(box, []).append(job)
    wall = {box: sum(found[job].wall or 0 for job in jobs) for box, jobs in boxes.items()}
    most = max(wall.values())
    result = {}
    for box, jobs in boxes.items():
        peak = max((found[job].peak for job in jobs if found[job].peak is not None), default=None)
        words = [f"{wall[box]:.1f} s"] if any(found[job].wall is not None for job in jobs) else ["not run"]
        words += [] if peak is None else [f"{peak:.0f} MiB"]
        result[box] = Note(", ".join(words), wall[box] / most if most else 0.0, f"job-{jobs[0]}")
    return result


def records(found: dict[str, Times]) -> list[dict]:
    """The rows of timings.csv."""
    return [
        {
            "job": job,
            "wall_seconds": one.wall,
            "processor_seconds": one.processor,
            "peak_mebibytes": one.peak,
            "share_of_wall": one.share,
            "rows_per_second": one.rows,
        }
        for job, one in found.items()
    ]


def machine() -> dict[str, str | int]:
    """This machine, and the versions of what the stages run on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"Cores": cores, "System": f"{platform.uname().system} on {platform.machine()}", **versions()}
