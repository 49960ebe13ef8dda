"""Figures of the training: loss and accuracy, gradients of each layer, and how gradients change with depth."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogFormatter, LogLocator, MaxNLocator

from gapscope.evaluation.depth import curves as depth_curves
from gapscope.reporting.plots.palette import DASHES, GREY
from gapscope.reporting.plots.style import colours, grid, mark_source, name_lines, panels

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
DEPTH_ROWS = {
    "errors": "Errors dz, root mean square\n(first / last hidden layer)",
    "weights": "Weights’ gradients, mean |∂L/∂W|\n(first / last hidden layer)",
}


class Powers(LogFormatter):
    """Labels of a log axis in plain characters, such as 10⁻³; Matplotlib's own typesetting is off (style.STYLE)."""

    def __call__(self, x: float, pos=None) -> str:
        if not super().__call__(x, pos):
            return ""
        mantissa, exponent = f"{x:.0e}".split("e")
        power = "10" + str(int(exponent)).translate(SUPERSCRIPT)
        return power if mantissa == "1" else f"{mantissa}·{power}"


def curves(histories: dict[str, dict[str, np.ndarray]], source: str) -> Figure:
    """Training loss, and training and validation accuracy, against the iteration, one colour per activation.

    `histories`: each activation's columns of history/<activation>.csv.
    """
    figure, (left, right) = panels(1, 2, height=2.8)
    colour_of = colours(list(histories))
    for name, history in histories.items():
        left.plot(history["iteration"], history["loss"], color=colour_of[name])
        right.plot(history["iteration"], history["train_accuracy"], color=colour_of[name])
        right.plot(history["iteration"], history["validation_accuracy"], color=colour_of[name], linestyle="--")
    left.set(title="Loss on the training part", xlabel="iteration", ylabel="cross-entropy (nats)")
    right.set(title="Accuracy: training (lines),\nvalidation (dashes)", xlabel="iteration", ylabel="share of rows")
    for axes, column in ((left, "loss"), (right, "validation_accuracy")):
        ends = [(history[column][-1], name) for name, history in histories.items()]
        name_lines(axes, ends, list(colour_of.values()))
    return mark_source(figure, source)


def gradients(histories: dict[str, dict[str, np.ndarray]], source: str) -> Figure:
    """Mean absolute gradient of each layer's weights on a log scale: a panel per activation, a dash style per layer.

    `histories`: each activation's columns of history/<activation>.csv.
    """
    figure, axes_of_activations = grid(len(histories), 2, height=2.8, sharey=True)
    colour_of = colours(list(histories))
    drawn = []
    for axes, (name, history) in zip(axes_of_activations, histories.items()):
        layers = [history[column] for column in history if column.startswith("grad_")]
        for place, values in enumerate(layers):
            positive = np.where(values > 0, values, np.nan)
            axes.plot(history["iteration"], positive, color=colour_of[name], linestyle=DASHES[place % len(DASHES)])
        axes.set(title=name, xlabel="iteration", yscale="log")
        axes.yaxis.set_major_formatter(Powers())
        axes.yaxis.set_minor_formatter(Powers())
        drawn.append((axes, colour_of[name], [values[values > 0] for values in layers]))
    for axes, colour, layers in drawn:  # once all limits are known, since the panels share them
        names = [f"layer {place}" for place in range(1, len(layers))] + ["output"]
        ends = [(values[-1], name) for values, name in zip(layers, names) if len(values)]
        name_lines(axes, ends, [colour] * len(ends))
    axes_of_activations[0].set_ylabel("mean |∂L/∂W|")
    return mark_source(figure, source)


def depth(sweep: list[dict], source: str) -> Figure:
    """First hidden layer over last, by number of hidden layers: errors above, weights' gradients below.

    There is a column of panels for each initialisation and a colour for each activation.

    `sweep`: records of `evaluation.depth.sweep`.
    """
    curve_of = depth_curves(sweep)
    starts, activations = (list(dict.fromkeys(names)) for names in zip(*curve_of))
    colour_of = colours(activations)
    figure, axes_of_panels = panels(2, len(starts), width=9.0, height=2.9, sharex=True, sharey="row")
    for place, axes in enumerate(axes_of_panels):
        name, start = list(DEPTH_ROWS)[place // len(starts)], starts[place % len(starts)]
        for activation, colour in colour_of.items():
            curve = {key: np.array([record[key] for record in curve_of[start, activation]]) for key in sweep[0]}
            _depth_lines(axes, curve, name, colour)
            if name == "errors" and activation == "sigmoid":
                axes.plot(curve["depth"], curve["errors_bound"], color=colour, linestyle=":", linewidth=1.2)
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(numticks=8))
        axes.yaxis.set_major_formatter(Powers())
        axes.minorticks_off()
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.axhline(1.0, color=GREY, linewidth=0.6)
        axes.set(**{"title": f"Start weights: {start}"} if name == "errors" else {"xlabel": "hidden layers"})
        if place % len(starts) == 0:
            axes.set_ylabel(DEPTH_ROWS[name])
    figure.legend(handles=_depth_legend(colour_of), loc="outside upper left", ncols=6, fontsize=8)
    return mark_source(figure, source)


def _depth_lines(axes: Axes, curve: dict[str, np.ndarray], name: str, colour: str) -> None:
    """Mean over the seeds as points, their range as a band, theory as a line; a log axis has no place for zeros."""
    columns = (name, f"{name}_least", f"{name}_most", f"{name}_theory")
    mean, least, most, theory = (np.where(curve[column] > 0, curve[column], np.nan) for column in columns)
    axes.fill_between(curve["depth"], least, most, color=colour, alpha=0.18, linewidth=0)
    axes.plot(curve["depth"], mean, color=colour, marker="o", markersize=4, linestyle="none")
    axes.plot(curve["depth"], theory, color=colour, linewidth=1.0)


def _depth_legend(colour_of: dict[str, str]) -> list[Line2D]:
    lines = [Line2D([], [], color=colour, linewidth=3, label=name) for name, colour in colour_of.items()]
    lines.append(Line2D([], [], color=GREY, marker="o", markersize=4, linestyle="none", label="measured"))
    lines.append(Line2D([], [], color=GREY, linewidth=1.0, label="theory"))
    if "sigmoid" in colour_of:
        lines.append(
            Line2D([], [], color=colour_of["sigmoid"], linestyle=":", linewidth=1.2, label="bound for sigmoid")
        )
    return lines
