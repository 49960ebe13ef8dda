"""Last lines of a run: the verdict and the path of the page, or the errors that ended it."""

import json
from pathlib import Path


def verdict(results: str, start: float) -> list[str]:
    """The verdict's sentence and the page's path, if they were written after `start`, the time the run began (s)."""
    diagnosis, page = Path(results, "diagnosis.json"), Path(results, "report.html")
    lines = []
    if _written(diagnosis, start):
        lines.append(f"Verdict: {json.loads(diagnosis.read_text(encoding='utf-8'))['verdict']['sentence']}")
    if _written(page, start):
        lines.append(f"Page: {page}")
    return lines


def errors(logs: str, start: float) -> list[str]:
    """The error line and path of each log written after `start` (seconds), the start of the run."""
    lines = []
    for log in sorted(Path(logs).glob("*.log")):
        if _written(log, start):
            text = log.read_text(encoding="utf-8", errors="replace").splitlines()
            lines += [f"{line}\n(log: {log})" for line in text if line.startswith("error: ")]
    return lines


def _written(path: Path, start: float) -> bool:
    return path.is_file() and path.lstat().st_mtime >= start  # lstat: the time at which a link was made
