"""Figures of the saliency: importance of encoded columns and of original features, by activation and method."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gapscope.plots.palette import GREY, INK
from gapscope.plots.style import all_shortened, colours, first_of, mark_source, nothing_to_show, panels

TITLES = {
    "winning_probability": "Winning class: mean |∂p/∂x|,\nrows classified right",
    "loss": "Loss: mean |∂L/∂x|,\nall rows",
    "gradient": "Gradient:\nchange of p",
    "integrated_gradients": "Integrated\ngradients: of p",
    "permutation_validation": "Accuracy lost,\nvalidation",
    "permutation_test": "Accuracy lost,\ntest",
}
MOST = 30  # bars that still read well


def columns(table: pd.DataFrame, source: str) -> Figure:
    """Bars per encoded column, in falling order of the largest importance; the first MOST of them."""
    own = table[table["level"] == "column"]
    return _bars(own, own.groupby("feature")["importance"].max(), source)


def features(table: pd.DataFrame, source: str) -> Figure:
    """Bars per original feature, in falling order of permutation importance, or of the last method where it is not."""
    own = table[table["level"] == "feature"]
    methods = [name for name in own["method"].unique() if name != "permutation_test"]
    judge = "permutation_validation" if "permutation_validation" in methods else (methods or ["permutation_test"])[-1]
    return _bars(own, own[own["method"] == judge].groupby("feature")["importance"].max(), source)


def _bars(table: pd.DataFrame, importance: pd.Series, source: str) -> Figure:
    """One panel per method, one colour per activation, one group of bars per feature, the most important on top."""
    if table.empty:
        return nothing_to_show("No such method in saliency.methods.")
    methods, activations = list(table["method"].unique()), list(table["activation"].unique())
    order = importance.sort_values(ascending=False, kind="stable").index[:MOST][::-1]
    height = 0.9 + 0.11 * len(order) * (1 + len(activations))
    figure, axes = panels(1, len(methods), height=height, sharey=True)
    for ax, method in zip(axes, methods):
        _panel(ax, table[table["method"] == method], order, activations)
        ax.set_title(TITLES[method], fontsize=9 if len(methods) < 3 else 8)
    axes[0].set_yticks(range(len(order)), all_shortened(order))
    axes[0].set_ylim(-0.6, len(order) - 0.4)
    first_of(figure, len(order), len(importance), "by importance")
    figure.legend(*axes[0].get_legend_handles_labels(), ncols=len(activations), loc="outside upper left")
    return mark_source(figure, source)


def _panel(ax: Axes, table: pd.DataFrame, order: pd.Index, activations: list[str]) -> None:
    """Bars; with two standard errors to either side where they are known."""
    thickness = 0.8 / len(activations)
    for place, (name, colour) in enumerate(colours(activations).items()):
        own = table[table["activation"] == name].set_index("feature").reindex(order)
        y = np.arange(len(order)) - (place - (len(activations) - 1) / 2) * thickness
        errors = None if own["standard_error"].isna().all() else 2 * own["standard_error"]
        ax.barh(
            y,
            own["importance"],
            thickness,
            xerr=errors,
            color=colour,
            label=name,
            error_kw={"elinewidth": 0.8, "ecolor": INK},
        )
    ax.xaxis.set_major_locator(MaxNLocator(3, prune="upper"))
    ax.grid(axis="y", visible=False)
    ax.axvline(0.0, color=GREY, linewidth=0.8)
