"""What each job took in its last run, from what its log says at its end."""

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

from gapscope.reporting.page.provenance import versions
from gapscope.reporting.page.stages import Graph, Note, families

SPENT = re.compile(r"^([\d.]+) s of processor time", re.MULTILINE)
WALL = re.compile(r", ([\d.]+) s in all", re.MULTILINE)
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
    """Times of each job by its name, the longest first, from <logs>/<job>.log."""
    texts = {
        job: path.read_text(encoding="utf-8", errors="replace")
        for job in jobs
        if (path := logs / f"{job}.log").is_file()
    }
    walls = {job: _last(WALL, texts.get(job, "")) for job in jobs}
    total, found = sum(wall or 0 for wall in walls.values()), {}
    for job, wall in sorted(walls.items(), key=lambda item: -(item[1] or 0)):
        share = None if wall is None else wall / total
        processor, peak, rows = (_last(said, texts.get(job, "")) for said in (SPENT, HELD, SPEED))
        found[job] = Times(wall, processor, peak, share, rows)
    return found


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
