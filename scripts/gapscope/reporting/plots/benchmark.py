"""The benchmark's figure."""

import pandas as pd
from matplotlib.figure import Figure

from gapscope.benchmark.products import BOUND
from gapscope.reporting.plots.palette import BLUE, GREY, ORANGE
from gapscope.reporting.plots.style import panels


def comparison(table: pd.DataFrame) -> Figure:
    """Median time of each contender, one panel per work; `table` has the columns work, contender, median_ms, ratio.

    The first contender of a work is ours. Where there is a bound, its line says what share of its rate ours reaches.
    """
    works = [part for _, part in table.groupby("work", sort=False)]
    heights = [len(part) + 1.5 for part in works]
    figure, axes = panels(
        len(works), 1, height=0.24 * sum(heights) / len(works), gridspec_kw={"height_ratios": heights}
    )
    for ax, part in zip(axes, works):
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
