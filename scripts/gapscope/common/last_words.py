"""Last lines of a run: the verdict and the path of the page, or the mistakes that ended it."""

import json
from pathlib import Path


def verdict(results: str, start: float) -> list[str]:
    """The verdict's sentence and the page's path, each if this run, which began at `start` (s), has written it."""
    diagnosis, page = Path(results, "diagnosis.json"), Path(results, "report.html")
    lines = []
    if _written(diagnosis, start):
        lines.append(f"Verdict: {json.loads(diagnosis.read_text(encoding='utf-8'))['verdict']['sentence']}")
    if _written(page, start):
        lines.append(f"Page: {page}")
    return lines


def errors(logs: str, start: float) -> list[str]:
    """The error line of each log that this run, which began at `start` (s), has written, and the log's path."""
    lines = []
    for log in sorted(Path(logs).glob("*.log")):
        if _written(log, start):
            text = log.read_text(encoding="utf-8", errors="replace").splitlines()
            lines += [f"{line}\n(log: {log})" for line in text if line.startswith("error: ")]
    return lines


def _written(path: Path, start: float) -> bool:
    return path.is_file() and path.lstat().st_mtime >= start  # a link into a cache is as old as its making
