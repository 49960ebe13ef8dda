"""Time and memory of each job in its last run, from what its log says at its end."""

import os
import platform
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from gapscope.reporting.page.provenance import versions
from gapscope.reporting.page.stages import Graph, Note, families

SPENT = re.compile(
    r"^([\d.]+) s of processor time.*, ([\d.]+) s in all(?:, (\d+) MiB of memory at most)?$", re.MULTILINE
)
SPEED = re.compile(r"^(\S+) rows/s$", re.MULTILINE)


@dataclass(frozen=True)
class Times:
    """Times of one job, and a training's speed; None where nothing was measured."""

    wall_seconds: float | None
    processor_seconds: float | None
    peak_mebibytes: float | None
    share_of_wall: float | None
    rows_per_second: float | None


def times(logs: Path, jobs: list[str]) -> dict[str, Times]:
    """Times of each job by its name, the longest first, from <logs>/<job>.log."""
    read = {}
    for job in jobs:
        file = logs / f"{job}.log"
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        (processor, wall, peak), speed = ([("", "", ""), *SPENT.findall(text)][-1], ["", *SPEED.findall(text)][-1])
        read[job] = [float(cell) if cell else None for cell in (wall, processor, peak, speed)]
    total = sum(wall or 0 for wall, *_ in read.values())
    longest_first = sorted(read.items(), key=lambda item: -(item[1][0] or 0))
    return {
        job: Times(wall, processor, peak, None if wall is None else wall / total, speed)
        for job, (wall, processor, peak, speed) in longest_first
    }


def notes(reads: Graph, measured: dict[str, Times]) -> dict[str, Note]:
    """Each stage's note in the drawing: the seconds of its jobs together, the most memory of one.

    Parameters
    ----------
    reads : the stages.
    measured : result of `times`.
    """
    stages: dict[str, list[str]] = {}
    for job, stage in families(reads).items():
        stages.setdefault(stage, []).append(job)
    walls = {stage: sum(measured[job].wall_seconds or 0 for job in jobs) for stage, jobs in stages.items()}
    longest = max(walls.values())
    notes = {}
    for stage, jobs in stages.items():
        run = any(measured[job].wall_seconds is not None for job in jobs)
        peaks = [measured[job].peak_mebibytes for job in jobs if measured[job].peak_mebibytes is not None]
        words = [f"{walls[stage]:.1f} s" if run else "not run", *([f"{max(peaks):.0f} MiB"] if peaks else [])]
        notes[stage] = Note(", ".join(words), walls[stage] / longest if longest else 0.0, f"job-{jobs[0]}")
    return notes


def records(measured: dict[str, Times]) -> list[dict]:
    """The rows of timings.csv."""
    return [{"job": job, **asdict(times)} for job, times in measured.items()]


def machine() -> dict[str, str | int]:
    """Cores and system of this machine, and the versions of what the stages run on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"Cores": cores, "System": f"{platform.uname().system} on {platform.machine()}", **versions()}
