"""What a run costs (docs/costs.py): time and memory of each stage against rows, a sweep's points against cores."""

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from gapscope.reporting.plots.palette import BLUE, DASHES, GREY, SEQUENCE
from gapscope.reporting.plots.style import panels


def stages_figure(rows: list[dict]) -> Figure:
    """CPU time and peak memory of each stage against the rows of the training table.

    Args:
        rows: the records of docs/costs/stages.csv (texts): rows, stage, cpu_s, peak_mib.
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

    Args:
        rows: the records of docs/costs/sweep.csv (texts): cores, per_minute.
    """
    figure, (axes,) = panels(1, 1, width=4.0)
    cores, speeds = [int(row["cores"]) for row in rows], [float(row["per_minute"]) for row in rows]
    ideal = [speeds[0] * count / cores[0] for count in cores]
    axes.plot(cores, ideal, "--", color=GREY, label="in proportion to the cores")
    axes.plot(cores, speeds, "-o", color=BLUE, label="measured")
    axes.set(xlabel="cores", ylabel="points per minute", xticks=cores, ylim=(0, None))
    axes.legend()
    return figure
