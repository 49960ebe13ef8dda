"""Writes docs/scale.md and its figures: the text of benchmarks/costs/page.md with the measurements in tables."""

import csv
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "benchmarks" / "costs"
sys.path.insert(0, str(ROOT / "scripts"))

PLAIN = {  # tables whose cells stand as they were measured: headings, and columns of the measurements
    "slurm": (
        ["cores of the cluster", "points", "wall time, s", "points a minute"],
        ["cores", "trained", "wall_s", "per_minute"],
    ),
    "waits": (
        ["what", "jobs that run", "wall time, s", "CPU time, s", "times the CPU time of jobs that do nothing"],
        ["what", "jobs", "wall_s", "cpu_s", "ratio"],
    ),
    "notebooks": (
        ["system", "its notebook, s", "gapscope: wall time, s", "CPU time, s", "of the notebook's time"],
        ["system", "notebook_s", "wall_s", "cpu_s", "share"],
    ),
}


def record(name: str, key: str, rows: list[dict], folder: Path = FOLDER) -> None:
    """Writes rows to benchmarks/costs/<name>.csv, ordered by `key`; they replace rows with the same value of it."""
    new = {str(row[key]) for row in rows}
    every = [*(row for row in measured(name, folder) if row[key] not in new), *rows]
    every.sort(key=lambda row: int(row[key]) if str(row[key]).isdigit() else 0)
    fields = list(dict.fromkeys(field for row in every for field in row))
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(every)


def measured(name: str, folder: Path = FOLDER) -> list[dict]:
    path = folder / f"{name}.csv"
    return list(csv.DictReader(path.open(encoding="utf-8"))) if path.exists() else []


def renew() -> None:
    """Draws the figures and writes docs/scale.md from the measurements so far."""
    from gapscope.reporting.plots.style import write_figure
    from plots import stages_figure, sweep_figure

    stages, sweep = measured("stages"), measured("sweep")
    if stages:
        write_figure(FOLDER / "stages.svg", stages_figure(stages))
    if sweep:
        write_figure(FOLDER / "sweep.svg", sweep_figure(sweep))
    (ROOT / "docs" / "scale.md").write_text(page(), encoding="utf-8")


def page() -> str:
    text = (FOLDER / "page.md").read_text(encoding="utf-8")
    tables = {"whole": whole_runs(), "stages": stages_table(), "sweep": sweep_table(), "jobs": jobs_table()}
    for name, (head, columns) in PLAIN.items():
        tables[name] = [head, *([row[column] for column in columns] for row in measured(name))]
    for name, rows in tables.items():
        text = text.replace(f"[{name}]", markdown(rows) if len(rows) > 1 else "Not measured yet.")
    return text


def markdown(rows: list[list]) -> str:
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"rows of different lengths under {rows[0]}")
    lines = [rows[0], ["---", *["--:"] * (len(rows[0]) - 1)], *rows[1:]]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def whole_runs() -> list[list]:
    """One row per size."""
    found = [row for row in measured("stages") if row["stage"] == "whole run"]
    head = ["rows", "settings", "jobs", "wall time, s", "CPU time, s", "of it to start, s", "µs a row", "peak, MiB"]
    keys = ["settings", "jobs", "wall_s", "cpu_s", "start_s"]
    rows = []
    for row in found:
        each = 1e6 * float(row["cpu_s"]) / int(row["rows"])
        rows.append([spaced(row["rows"]), *(row[key] for key in keys), f"{each:.0f}", row["peak_mib"]])
    return [head, *rows]


def stages_table() -> list[list]:
    """One row per stage, two columns per size: CPU seconds, and peak memory of the largest job."""
    found = [row for row in measured("stages") if row["stage"] != "whole run"]
    sizes = list(dict.fromkeys(row["rows"] for row in found))
    cells = {(row["stage"], row["rows"]): [f"{float(row['cpu_s']):.1f}", row["peak_mib"]] for row in found}
    heads = [f"{spaced(size)}: {what}" for size in sizes for what in ("CPU s", "MiB")]
    rows = [
        [f"`{stage}`", *(text for size in sizes for text in cells.get((stage, size), ["no such job"] * 2))]
        for stage in dict.fromkeys(row["stage"] for row in found)
    ]
    return [["stage", *heads], *rows]


def sweep_table() -> list[list]:
    head = ["cores", "points", "wall, s", "points a minute", "CPU, s", "on points", "to start", "trained of 10 new"]
    rows = []
    for row in measured("sweep"):
        shares = [f"{float(row[name]) / float(row['cpu_s']):.0%}" for name in ("computing_s", "starting_s")]
        first = [row[key] for key in ("cores", "trained", "wall_s", "per_minute", "cpu_s")]
        rows.append([*first, *shares, row["of_10_more"]])
    return [head, *rows]


def jobs_table() -> list[list]:
    head = ["a job that does nothing", "wall time, s", "CPU time, s", "CPU time to start the run, s"]
    return [head, *([f"`{row['kind']}`", row["wall_s"], row["cpu_s"], row["start_cpu_s"]] for row in measured("jobs"))]


def spaced(number: str) -> str:
    """40000 as 40 000."""
    return f"{int(number):,}".replace(",", " ")
