"""Figure of the depth sweep: first hidden layer over last, against the number of hidden layers."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator

from gapscope.evaluation.depth import curves
from gapscope.reporting.plots.palette import GREY
from gapscope.reporting.plots.style import colours, mark_source, panels
from gapscope.reporting.plots.training import Powers

ROWS = {
    "errors": "Errors dz, root mean square\n(first / last hidden layer)",
    "weights": "Weights’ gradients, mean |∂L/∂W|\n(first / last hidden layer)",
}


def depth(sweep: list[dict], source: str) -> Figure:
    """Errors above, weights' gradients below, one column per initialisation, one colour per activation.

    Args:
        sweep: as analysis.depth.sweep gives it.
        source: where the data comes from; simulated data is marked.
    """
    found = curves(sweep)
    starts, activations = (list(dict.fromkeys(names)) for names in zip(*found))
    looks = colours(activations)
    figure, axes = panels(2, len(starts), width=9.0, height=2.9, sharex=True, sharey="row")
    for place, ax in enumerate(axes):
        name, start = list(ROWS)[place // len(starts)], starts[place % len(starts)]
        for activation, colour in looks.items():
            own = {figure: np.array([record[figure] for record in found[start, activation]]) for figure in sweep[0]}
            _lines(ax, own, name, colour)
            if name == "errors" and activation == "sigmoid":
                ax.plot(own["depth"], own["errors_bound"], color=colour, linestyle=":", linewidth=1.2)
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(numticks=8))
        ax.yaxis.set_major_formatter(Powers())
        ax.minorticks_off()
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.axhline(1.0, color=GREY, linewidth=0.6)
        if name == "errors":
            ax.set_title(f"Start weights: {start}")
        else:
            ax.set_xlabel("hidden layers")
        if place % len(starts) == 0:
            ax.set_ylabel(ROWS[name])
    figure.legend(handles=_legend(looks), loc="outside upper left", ncols=6, fontsize=8)
    return mark_source(figure, source)


def _lines(ax: Axes, own: dict[str, np.ndarray], name: str, colour: str) -> None:
    """Mean over the seeds and the span of single ones, and theory as a line; a log axis has no place for zeros."""
    columns = (name, f"{name}_least", f"{name}_most", f"{name}_theory")
    mean, least, most, theory = (np.where(own[column] > 0, own[column], np.nan) for column in columns)
    ax.fill_between(own["depth"], least, most, color=colour, alpha=0.18, linewidth=0)
    ax.plot(own["depth"], mean, color=colour, marker="o", markersize=4, linestyle="none")
    ax.plot(own["depth"], theory, color=colour, linewidth=1.0)


def _legend(looks: dict[str, str]) -> list[Line2D]:
    lines = [Line2D([], [], color=colour, linewidth=3, label=name) for name, colour in looks.items()]
    lines.append(Line2D([], [], color=GREY, marker="o", markersize=4, linestyle="none", label="measured"))
    lines.append(Line2D([], [], color=GREY, linewidth=1.0, label="theory"))
    if "sigmoid" in looks:
        lines.append(Line2D([], [], color=looks["sigmoid"], linestyle=":", linewidth=1.2, label="bound for sigmoid"))
    return lines
