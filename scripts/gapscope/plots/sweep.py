"""A sweep: its best points with their intervals, what each setting does, and accuracy against the cost of training."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gapscope.plots.palette import BLUE, GREEN, GREY, VERMILION
from gapscope.plots.style import mark_source, panels

SHOWN = 15  # points in the first figure
LONGEST = 60  # characters of a point's label


def best(table: pd.DataFrame, knobs: list[str], source: str) -> Figure:
    """The first points of sweep.csv: validation accuracy with its interval; those as good as the winner in colour."""
    top = table.head(SHOWN)
    figure, (axes,) = panels(1, 1, height=1.1 + 0.26 * len(top))
    for place, row in enumerate(top.itertuples()):
        colour = {"winner": VERMILION, "yes": BLUE}.get(row.as_good_as_winner, GREY)
        if pd.notna(row.validation_accuracy_low):
            axes.plot([row.validation_accuracy_low, row.validation_accuracy_high], [place] * 2, color=colour, lw=1.2)
        axes.plot(row.validation_accuracy, place, "o", color=colour)
    axes.set_yticks(range(len(top)), [_label(row, knobs) for _, row in top.iterrows()], fontsize=7.5)
    axes.set(xlabel="validation accuracy", ylim=(len(top) - 0.4, -0.6))
    axes.grid(axis="y", visible=False)
    return mark_source(figure, source)


def sensitivity(table: pd.DataFrame, effects: pd.DataFrame, source: str) -> Figure:
    """One panel per setting, the one that decides most first: each point's accuracy, and the mean of each value."""
    by_share = effects.groupby("setting", sort=False)["share"].first().sort_values(ascending=False, kind="stable")
    columns = min(len(by_share), 3)
    figure, every = panels(-(-len(by_share) // columns), columns, sharey=True)
    for axes, (knob, share) in zip(every, by_share.items()):
        own = effects[effects["setting"] == knob]
        places = {value: place for place, value in enumerate(own["value"])}
        axes.plot(table[knob].map(places), table["validation_accuracy"], ".", color=GREY, alpha=0.4, markersize=4)
        axes.plot(range(len(own)), own["mean_accuracy"], "-o", color=BLUE, markersize=4, label="mean")
        axes.plot(range(len(own)), own["best_accuracy"], "--", color=GREEN, label="best")
        every_so = -(-len(own) // 8)
        axes.set_xticks(
            range(0, len(own), every_so), own["value"].iloc[::every_so], rotation=30, ha="right", fontsize=7
        )
        axes.set_title(f"{_short(knob)}: {share:.0%}")
    for axes in every[len(by_share) :]:
        axes.set_axis_off()
    for axes in every[::columns]:
        axes.set_ylabel("validation accuracy")
    figure.legend(*every[0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return mark_source(figure, source)


def cost(table: pd.DataFrame, source: str) -> Figure:
    """Accuracy of each point against what training one network costs, with the points that no cheaper one equals."""
    figure, (axes,) = panels(1, 1, height=3.0)
    axes.plot(table["gigaflop"], table["validation_accuracy"], "o", color=GREY, alpha=0.6, markersize=4)
    front = frontier(table)
    axes.step(
        front["gigaflop"], front["validation_accuracy"], where="post", color=BLUE, label="no cheaper point is as good"
    )
    axes.plot(*table.iloc[0][["gigaflop", "validation_accuracy"]], "o", color=VERMILION, label="winner")
    lowest, highest = table["gigaflop"].min(), table["gigaflop"].max()
    if lowest > 0 and highest > 5 * lowest:
        axes.set_xscale("log")
    axes.set(xlabel="training one network, 10⁹ operations", ylabel="validation accuracy")
    axes.legend()
    return mark_source(figure, source)


def frontier(table: pd.DataFrame) -> pd.DataFrame:
    """The points that are more accurate than every cheaper one, the cheapest first."""
    by_cost = table.sort_values(["gigaflop", "validation_accuracy"], ascending=[True, False], kind="stable")
    best_before = np.maximum.accumulate([-1.0, *by_cost["validation_accuracy"]])[:-1]
    return by_cost[by_cost["validation_accuracy"].to_numpy() > best_before]


def _short(knob: str) -> str:
    return knob.rpartition(".")[2]


def _label(row: pd.Series, knobs: list[str]) -> str:
    text = ", ".join(f"{_short(knob)} {row[knob]}" for knob in knobs if pd.notna(row[knob]))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2]} …"
