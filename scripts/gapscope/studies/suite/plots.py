"""Figures of the diagnosis suite: injected against diagnosed, and recognition by strength."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gapscope.reporting.plots.palette import DEEP, LIGHT, VERMILION
from gapscope.reporting.plots.style import mark_source, panels


def confusion(table: pd.DataFrame, expected: dict[str, str]) -> Figure:
    """Counts by injected defect (rows) and verdict (columns), shaded by row; a frame marks the right verdict."""
    figure, (axes,) = panels(1, 1, height=1.6 + 0.26 * len(table))
    shares = table.div(table.sum(axis=1), axis=0)
    _shade(axes, shares, table.map(lambda count: f"{count}" if count else ""), table.index.map(expected))
    axes.set(xlabel="diagnosed; framed: the right verdict", ylabel="injected, at full strength")
    return mark_source(figure, "simulated")


def detectable(shares: pd.DataFrame, limits: pd.DataFrame, least: float) -> Figure:
    """Share recognised by injected defect (rows) and strength (columns); a frame marks where detection begins."""
    table = shares.pivot(index="injected", columns="strength", values="recognised").loc[limits["injected"]]
    figure, (axes,) = panels(1, 1, height=1.2 + 0.26 * len(table))
    _shade(axes, table, table.map(lambda share: f"{share:.0%}", na_action="ignore"), limits["detectable_strength"])
    axes.set_xticklabels([f"{strength:g}" for strength in table.columns])
    axes.set(xlabel=f"strength; framed: the least from which on at least {least:.0%} are recognised", ylabel="injected")
    return mark_source(figure, "simulated")


def _shade(axes: Axes, shares: pd.DataFrame, texts: pd.DataFrame, framed) -> None:
    """Draw the shares as shaded cells with `texts`; in each row the column `framed` gets a frame."""
    axes.imshow(np.ma.masked_invalid(shares), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), share in np.ndenumerate(shares.to_numpy()):
        if np.isfinite(share) and texts.iat[row, column]:
            colour = LIGHT if share > 0.6 else DEEP
            axes.text(column, row, texts.iat[row, column], ha="center", va="center", fontsize=8, color=colour)
    for row, name in enumerate(framed):
        if name in shares:
            corner = (list(shares.columns).index(name) - 0.5, row - 0.5)
            axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=VERMILION, linewidth=1.6))
    axes.set_xticks(range(shares.shape[1]), shares.columns, rotation=40, ha="right")
    axes.set_yticks(range(len(shares)), shares.index)
    axes.grid(visible=False)
