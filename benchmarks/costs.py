"""Measures time and memory of gapscope on this machine, and Snakemake's share of them; renews docs/scale.md.

    python benchmarks/costs.py tables 40000 400000     the whole run on simulated tables of so many rows, stage by stage
    python benchmarks/costs.py sweep                   200 points on one and two cores; with --slurm on a Slurm
    python benchmarks/costs.py jobs                    Snakemake itself: jobs that do nothing
    python benchmarks/costs.py waits                   what people wait for, beside jobs that do nothing
    python benchmarks/costs.py notebooks               the published systems beside their notebooks; needs data/airbnb
    python benchmarks/costs.py page                    the page and its pictures from earlier measurements

Measurements go to benchmarks/costs/*.csv; a new measurement of a size or a place replaces the old one.
Linux only. CPU time is user and system time of Snakemake and all its jobs, as the kernel counts it.
"""

import argparse
import csv
import itertools
import json
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from costs_page import ROOT, record, renew
from timed_runs import Spent, snakemake, trivial, workspace

SMALL = "workflow/presets/small.yaml"
OWN = re.compile(
    r"^([\d.]+) s of processor time, ([\d.]+) s of it to start, ([\d.]+) s in all, (\d+) MiB of memory", re.MULTILINE
)
COMPUTING = re.compile(r"^([\d.]+) s of processor time on training and judging points", re.MULTILINE)
TIMES = ("wall_s", "cpu_s", "start_s")  # of a stage's jobs together
WAITS = [  # what people do, one after the other: name, arguments, changes of the config
    ("the first run", [], {}),
    ("nothing to do", [], {}),
    ("`snakemake -n`", ["-n"], {}),
    ("another title of the page", [], {"report": {"title": "Another title"}}),
    (
        "another learning rate of one activation",
        [],
        {"train": {"per_activation": {"sigmoid": {"learning_rate": 0.03}}}},
    ),
    ("another threshold of the diagnosis", [], {"diagnose": {"least_part": 0.11}}),
    ("one remedy more", [], {"mitigate": {"remedies": {"l1": {"train": {"l1": 1e-5}}}}}),
    ("another comment in the code", [], {}),
]

# The points of the sweep: 200, and ten more.
RATES = [0.001, 0.002, 0.004, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05, 0.08]
POINTS = list(itertools.product(RATES, [[8], [16], [16, 8], [24, 12]], [0.0, 0.0003, 0.001, 0.003, 0.01]))
TEN_MORE = list(itertools.product(RATES, [[8]], [0.03]))

# What the published notebooks do, by our stages, and the seconds that each notebook took on two cores.
NOTEBOOK_STAGES = ["clean", "encode", "split", "train_relu", "train_sigmoid", "gradients", "saliency", "test_eval"]
NOTEBOOKS = {"25280022": 51, "25280072": 193}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["tables", "sweep", "jobs", "waits", "notebooks", "page"])
    parser.add_argument(
        "rows", type=int, nargs="*", help="tables: rows of the training table; the test table has a sixth"
    )
    parser.add_argument("--iterations", type=int, help="tables: of every training, in place of the shipped settings")
    parser.add_argument("--slurm", metavar="OPTIONS", help="sweep: on Slurm, with these further options (or '')")
    parser.add_argument("--folder", type=Path, help="where to run; kept; without it a temporary one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        if given.what == "tables":
            for rows in given.rows:
                measure_tables(folder / f"rows_{rows}", rows, given.iterations)
        elif given.what == "sweep" and given.slurm is not None:
            measure_slurm(folder, given.slurm)
        elif given.what == "sweep":
            measure_sweep(folder)
        elif given.what == "jobs":
            measure_jobs(folder)
        elif given.what == "waits":
            measure_waits(folder)
        elif given.what == "notebooks":
            measure_notebooks(folder)
    renew()


def measure_tables(folder: Path, rows: int, iterations: int | None) -> None:
    """Measures the whole run on simulated tables, one job at a time."""
    overlay: dict = {"simulate": {"train_rows": rows, "test_rows": rows // 6}, "results": "results"}
    if iterations:
        few = {"iterations": iterations}
        overlay |= {"train": few, "mitigate": {"train": few, "recommended": {"train": few}}}
    spent = snakemake(workspace(folder), "-c1", overlay=overlay)
    setting = f"{iterations} iterations" if iterations else "as shipped"
    stages = by_stage(folder / "results" / "logs")
    jobs, peak = sum(one["jobs"] for one in stages), max(one["peak_mib"] for one in stages)
    times = dict(zip(TIMES, (round(spent.wall, 1), round(spent.cpu, 1), round(starting(spent, stages), 1))))
    stages += [{"stage": "whole run", "jobs": jobs, **times, "peak_mib": peak}]
    record("stages", "rows", [{"rows": rows, "settings": setting, **one} for one in stages])


def by_stage(logs: Path) -> list[dict]:
    """One record per stage, in the order of the run: jobs, their seconds together, and the memory of the largest."""
    stages: dict[str, dict] = {}
    for log in sorted(logs.glob("*.log"), key=lambda path: path.stat().st_mtime_ns):
        spent = OWN.findall(log.read_text())
        if not spent:
            continue
        cpu, start, wall, peak = spent[-1]
        name = re.sub("^(train|mitigate)_.*", r"\1_*", log.stem)
        stage = stages.setdefault(name, {"stage": name, "jobs": 0, **dict.fromkeys(TIMES, 0.0), "peak_mib": 0})
        stage["jobs"] += 1
        for key, seconds in zip(TIMES, map(float, (wall, cpu, start))):
            stage[key] = round(stage[key] + seconds, 2)
        stage["peak_mib"] = max(stage["peak_mib"], int(peak))
    return list(stages.values())


def starting(spent: Spent, stages: list[dict]) -> float:
    """CPU seconds of Snakemake itself, of each job's start (Python, Snakemake's part in it, imports) and of its end."""
    return spent.cpu - sum(one["cpu_s"] - one["start_s"] for one in stages)


def measure_sweep(folder: Path) -> None:
    """Measures 200 points on small tables and the share of CPU time that trains and judges them; then ten more."""
    for cores in (1, 2):
        own = workspace(folder / f"cores_{cores}")
        found, spent = swept(own, POINTS, f"-c{cores}")
        logs = own / "results" / "logs"
        computing = sum(float(one) for log in logs.glob("*.log") for one in COMPUTING.findall(log.read_text()))
        start = starting(spent, by_stage(logs))
        times = {"cpu_s": round(spent.cpu, 1), "computing_s": round(computing, 1), "starting_s": round(start, 1)}
        more, _ = swept(own, [*TEN_MORE, *POINTS], f"-c{cores}")
        record("sweep", "cores", [{"cores": cores, **found, **times, "of_10_more": more["trained"]}])
        shares = f"{computing / spent.cpu:.1%} on training and judging points, {start / spent.cpu:.1%} on starting"
        told = f"{spent.cpu:.1f} s of CPU time: {shares}; with 10 points more, {more['trained']} were trained"
        print(f"-c{cores}: {told}")


def measure_slurm(folder: Path, options: str) -> None:
    """Measures the same 200 points on a Slurm, whose jobs' CPU time cannot be counted from here."""
    nodes = subprocess.run(["sinfo", "-h", "-N", "-o", "%n %c"], capture_output=True, text=True, check=True).stdout
    cores = sum(int(line.split()[1]) for line in set(nodes.splitlines()))
    found, _ = swept(workspace(folder / "slurm"), POINTS, "--profile", "profiles/slurm", *shlex.split(options))
    record("slurm", "cores", [{"cores": cores, **found}])


def swept(folder: Path, points: list, *arguments: str) -> tuple[dict, Spent]:
    """Runs the sweep; returns how many points it trained, and how fast."""
    header = ["train.learning_rate", "train.hidden", "train.l2"]
    with (folder / "points.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *([json.dumps(cell) for cell in point] for point in points)])
    before = point_files(folder)
    overlay = {"results": "results", "sweep": {"table": "points.csv"}}
    spent = snakemake(folder, "sweep", *arguments, overlay=overlay, preset=SMALL)
    trained = len(point_files(folder) - before)
    found = {"trained": trained, "wall_s": round(spent.wall, 1), "per_minute": round(60 * trained / spent.wall)}
    return found, spent


def point_files(folder: Path) -> set[tuple[str, int]]:
    """The results of points, each with the time when it was written."""
    return {(path.name, path.stat().st_mtime_ns) for path in (folder / "results/sweep/points").glob("*.json")}


def measure_jobs(folder: Path) -> None:
    """Measures Snakemake itself: the difference between 120 and 20 jobs that do nothing, one at a time."""
    few, many = 20, 120
    for kind, body in (("shell", 'shell: "touch {output}"'), ("script", 'script: "nothing.py"')):
        spent = [snakemake(trivial(folder / f"{kind}_{jobs}", jobs, body), "-c1") for jobs in (few, many)]
        wall, cpu = ((getattr(spent[1], name) - getattr(spent[0], name)) / (many - few) for name in ("wall", "cpu"))
        start = round(spent[0].cpu - few * cpu, 2)
        record("jobs", "kind", [{"kind": kind, "wall_s": round(wall, 3), "cpu_s": round(cpu, 3), "start_cpu_s": start}])


def measure_waits(folder: Path) -> None:
    """Measures what people wait for, each beside a workflow with as many jobs that do nothing: medians of three."""
    rows, all_jobs = {}, 0
    for turn in range(3):
        own, overlay = workspace(folder / f"waits_{turn}"), {"results": "results"}
        for name, arguments, change in WAITS:
            overlay |= change
            if "comment" in name:
                with (own / "scripts/gapscope/network/mlp.py").open("a") as module:
                    module.write("# The end.\n")
            spent = snakemake(own, "-c2", *arguments, overlay=overlay)
            jobs = int((re.findall(r"of (\d+) steps", (own / "words").read_text()) or [0])[-1])
            all_jobs = all_jobs or jobs
            beside = trivial(folder / f"{turn}_{name}", jobs or all_jobs, 'script: "nothing.py"')
            if not jobs:
                snakemake(beside, "-c2")
            rows.setdefault(name, []).append((jobs, spent, snakemake(beside, "-c2", *arguments)))
    for name, runs in rows.items():
        wall, cpu, trivial_cpu = (
            statistics.median(values)
            for values in zip(*((spent.wall, spent.cpu, nothing.cpu) for _, spent, nothing in runs))
        )
        times = {"wall_s": round(wall, 1), "cpu_s": round(cpu, 1), "ratio": round(cpu / trivial_cpu, 2)}
        record("waits", "what", [{"what": name, "jobs": runs[0][0], **times}])


def measure_notebooks(folder: Path) -> None:
    """Measures the stages of the published systems that do what their notebooks do, cold, without the studies."""
    tables = [ROOT / "data/airbnb" / name for name in ("train.csv", "test.csv")]
    if not all(table.is_file() for table in tables):
        sys.exit("error: data/airbnb/train.csv and test.csv are missing; `snakemake reproduce` downloads them")
    for system, notebook in NOTEBOOKS.items():
        own = workspace(folder / f"notebook_{system}")
        (own / "data/airbnb").mkdir(parents=True)
        for table in tables:
            shutil.copy(table, own / "data/airbnb")
        preset = f"workflow/presets/{system}.yaml"
        spent = snakemake(own, "-c2", *NOTEBOOK_STAGES, overlay={}, preset=preset)
        times = {"wall_s": round(spent.wall, 1), "cpu_s": round(spent.cpu, 1), "share": round(spent.wall / notebook, 2)}
        record("notebooks", "system", [{"system": system, "notebook_s": notebook, **times}])


if __name__ == "__main__":
    main()
