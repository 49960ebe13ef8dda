"""Figure of the saliency: the columns' importance by activation and method."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gapscope.plots.style import colours, mark_source, panels

TITLES = {"winning_probability": "Winning class: mean |∂p/∂x|,\nrows classified right", "loss": "Loss: mean |∂L/∂x|,\nall rows"}


def saliency(table: pd.DataFrame, source: str) -> Figure:
    """Bars per encoded column, one panel per method, one colour per activation."""
    methods, activations = list(table["method"].unique()), list(table["activation"].unique())
    order = table.groupby("feature")["importance"].max().sort_values().index
    figure, axes = panels(1, len(methods), height=0.9 + 0.11 * len(order) * (1 + len(activations)), sharey=True)
    for ax, method in zip(axes, methods):
        for place, (name, colour) in enumerate(colours(activations).items()):
            part = table[(table["method"] == method) & (table["activation"] == name)].set_index("feature")["importance"].reindex(order)
            offset = (place - (len(activations) - 1) / 2) * 0.8 / len(activations)
            ax.barh([position - offset for position in range(len(order))], part, height=0.8 / len(activations), color=colour, label=name)
        ax.set_title(TITLES[method], fontsize=9)
        ax.xaxis.set_major_locator(MaxNLocator(4, prune="upper"))
        ax.grid(axis="y", visible=False)
    axes[0].set_yticks(range(len(order)), order)
    axes[0].legend(loc="lower right")
    return mark_source(figure, source)
