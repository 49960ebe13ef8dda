"""Figure of the saliency: the columns' importance by activation and method."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gapscope.plots.style import colours, mark_source, panels

TITLES = {
    "winning_probability": "Winning class: mean |∂p/∂x|,\nrows classified right",
    "loss": "Loss: mean |∂L/∂x|,\nall rows",
}


def saliency(table: pd.DataFrame, source: str) -> Figure:
    """Bars per encoded column, one panel per method, one colour per activation."""
    methods, activations = list(table["method"].unique()), list(table["activation"].unique())
    order = table.groupby("feature")["importance"].max().sort_values().index
    thickness = 0.8 / len(activations)
    figure, axes = panels(1, len(methods), height=0.9 + 0.11 * len(order) * (1 + len(activations)), sharey=True)
    for ax, method in zip(axes, methods):
        for place, (name, colour) in enumerate(colours(activations).items()):
            own = table[(table["method"] == method) & (table["activation"] == name)]
            offset = (place - (len(activations) - 1) / 2) * thickness
            ax.barh(
                np.arange(len(order)) - offset,
                own.set_index("feature")["importance"].reindex(order),
                height=thickness,
                color=colour,
                label=name,
            )
        ax.set_title(TITLES[method], fontsize=9)
        ax.xaxis.set_major_locator(MaxNLocator(4, prune="upper"))
        ax.grid(axis="y", visible=False)
    axes[0].set_yticks(range(len(order)), order)
    figure.legend(*axes[0].get_legend_handles_labels(), ncols=len(activations), loc="outside lower center")
    return mark_source(figure, source)
