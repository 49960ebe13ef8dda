"""Figures of the comparison with other libraries and of what a run costs."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from gapscope.reporting.plots.palette import BLUE, DASHES, GREY, ORANGE, SEQUENCE
from gapscope.reporting.plots.style import panels
from problem import BOUND


def comparison(table: pd.DataFrame) -> Figure:
    """Median time of each contender, one panel per task; the first contender of a task is ours.

    `table` has the columns work (the task), contender, median_ms and ratio.
    """
    tasks = [part for _, part in table.groupby("work", sort=False)]
    heights = [len(part) + 1.5 for part in tasks]
    figure, axes = panels(
        len(tasks), 1, height=0.24 * sum(heights) / len(tasks), gridspec_kw={"height_ratios": heights}
    )
    for ax, part in zip(axes, tasks):
        _bars(ax, part)
    axes[-1].set_xlabel("median CPU time in milliseconds, one core")
    return figure


def _bars(ax, part: pd.DataFrame) -> None:
    places = range(len(part))
    ax.barh(places, part["median_ms"], color=[_colour(name) for name in part["contender"]], height=0.7)
    for place, row in zip(places, part.itertuples()):
        ax.annotate(
            _label(row), (row.median_ms, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8
        )
    ax.set(title=part["work"].iloc[0], xlim=(0, 1.45 * part["median_ms"].max()))
    ax.set_yticks(places, part["contender"])
    ax.invert_yaxis()
    ax.grid(axis="y", visible=False)


def _colour(contender: str) -> str:
    return GREY if contender == BOUND else BLUE if contender.startswith("NumPy") else ORANGE


def _label(row) -> str:
    if row.contender == BOUND:
        return f"{row.median_ms:.1f} ms: the bound; ours reaches {row.ratio:.0%} of its rate"
    return f"{row.median_ms:.1f} ms" + ("" if row.ratio == 1 else f", {row.ratio:.2g} times ours")


def stages_figure(rows: list[dict]) -> Figure:
    """CPU time and peak memory of each stage against the rows of the training table.

    `rows`: the records of benchmarks/costs/stages.csv (texts).
    """
    figure, (time, memory) = panels(1, 2, height=3.8)
    for place, stage in enumerate(dict.fromkeys(row["stage"] for row in rows)):
        own = [row for row in rows if row["stage"] == stage]
        look = {"color": SEQUENCE[place % len(SEQUENCE)], "linestyle": DASHES[place // len(SEQUENCE)], "lw": 1.2}
        sizes = [int(row["rows"]) for row in own]
        for axes, figures in ((time, "cpu_s"), (memory, "peak_mib")):
            axes.plot(sizes, [float(row[figures]) for row in own], ".", label=stage, **look)
    sizes = sorted({int(row["rows"]) for row in rows})
    for axes, what in ((time, "CPU time, s"), (memory, "peak memory, MiB")):
        axes.set(xscale="log", xlabel="rows of the training table", ylabel=what)
        axes.set_xticks(sizes, [f"{size:,}".replace(",", " ") for size in sizes], rotation=30, ha="right", fontsize=8)
        axes.xaxis.set_minor_formatter(NullFormatter())
    time.set_yscale("log")
    time.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    time.yaxis.set_minor_formatter(NullFormatter())
    memory.set_ylim(bottom=0)
    figure.legend(*time.get_legend_handles_labels(), loc="outside right center", fontsize=7)
    return figure


def sweep_figure(rows: list[dict]) -> Figure:
    """Points per minute against cores, beside what as many cores could do at most.

    `rows`: the records of benchmarks/costs/sweep.csv (texts).
    """
    figure, (axes,) = panels(1, 1, width=4.0)
    cores, speeds = [int(row["cores"]) for row in rows], [float(row["per_minute"]) for row in rows]
    ideal = [speeds[0] * count / cores[0] for count in cores]
    axes.plot(cores, ideal, "--", color=GREY, label="in proportion to the cores")
    axes.plot(cores, speeds, "-o", color=BLUE, label="measured")
    axes.set(xlabel="cores", ylabel="points per minute", xticks=cores, ylim=(0, None))
    axes.legend()
    return figure
