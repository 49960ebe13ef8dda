"""Figures of the diagnosis suite: injected against diagnosed, and recognition by strength."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gapscope.reporting.plots.palette import DEEP, LIGHT, VERMILION
from gapscope.reporting.plots.style import mark_source, panels


def confusion(table: pd.DataFrame, expected: dict[str, str]) -> Figure:
    """Counts by injected break (rows) and verdict (columns), shaded by row; the right verdict framed."""
    shares = table.div(table.sum(axis=1), axis=0).to_numpy()
    figure, (axes,) = panels(1, 1, height=1.6 + 0.26 * len(table))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for place, count in np.ndenumerate(table.to_numpy()):
        if count:
            _write(axes, place, f"{count}", shares[place])
    for row, name in enumerate(table.index):
        if expected[name] in table:
            _frame(axes, row, list(table.columns).index(expected[name]))
    _name(axes, list(table.columns), list(table.index))
    axes.set(xlabel="diagnosed; framed: the right verdict", ylabel="injected, at full strength")
    return mark_source(figure, "simulated")


def detectable(shares: pd.DataFrame, limits: pd.DataFrame, least: float) -> Figure:
    """Share recognised by injected break (rows) and strength (columns); a frame marks where detection begins."""
    table = shares.pivot(index="injected", columns="strength", values="recognised").loc[limits["injected"]]
    figure, (axes,) = panels(1, 1, height=1.2 + 0.26 * len(table))
    axes.imshow(np.ma.masked_invalid(table.to_numpy()), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for place, share in np.ndenumerate(table.to_numpy()):
        if np.isfinite(share):
            _write(axes, place, f"{share:.0%}", share)
    for row, strength in enumerate(limits["detectable_strength"]):
        if np.isfinite(strength):
            _frame(axes, row, list(table.columns).index(strength))
    _name(axes, [f"{strength:g}" for strength in table.columns], list(table.index))
    axes.set(xlabel=f"strength; framed: the least from which on at least {least:.0%} are recognised", ylabel="injected")
    return mark_source(figure, "simulated")


def _write(axes, place: tuple[int, int], text: str, share: float) -> None:
    row, column = place
    axes.text(column, row, text, ha="center", va="center", fontsize=8, color=LIGHT if share > 0.6 else DEEP)


def _frame(axes, row: int, column: int) -> None:
    axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor=VERMILION, linewidth=1.6))


def _name(axes, columns: list[str], rows: list[str]) -> None:
    axes.set_xticks(range(len(columns)), columns, rotation=40, ha="right")
    axes.set_yticks(range(len(rows)), rows)
    axes.grid(visible=False)
