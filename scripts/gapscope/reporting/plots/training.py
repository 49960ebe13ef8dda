"""Figures of the training: loss and accuracy, gradients of each layer, and how gradients change with depth."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter, LogLocator, MaxNLocator

from gapscope.evaluation.depth import curves as depth_curves
from gapscope.reporting.page.numbers import SUPERSCRIPT, number, share
from gapscope.reporting.plots.palette import DASHES, GREY
from gapscope.reporting.plots.style import colours, grid, legend_of, log_scale, mark_source, panels, touch

PARTS = (("training", "-"), ("validation", "--"))
CURVES = {  # title, columns of the history with part and dashes of each
    "Loss": dict(zip(("loss", "validation_loss"), PARTS)),
    "Accuracy": dict(zip(("train_accuracy", "validation_accuracy"), PARTS)),
}
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
    """Loss and accuracy on training and validation part against the iteration, one colour per activation.

    The loss has a log scale, and the axis of the accuracy leaves iteration 0 out, so that the ends can be told apart.

    `histories`: each activation's columns of history/<activation>.csv.
    """
    figure, both = panels(1, 2, height=2.8)
    colour_of = colours(list(histories))
    for axes, (title, columns) in zip(both, CURVES.items()):
        for name, history in histories.items():
            for column, (part, dashes) in columns.items():
                x, y = history["iteration"], history[column]
                line = axes.plot(x, y, color=colour_of[name], linestyle=dashes)
                words = [f"{name}, {part}, iteration {at:.0f}: {share(value)}" for at, value in zip(x, y)]
                touch(axes, x, y, words, f"{name}, {part}", line)
        axes.set(title=title, xlabel="iteration")
    loss, accuracy = both
    loss.set_ylabel("nats")
    log_scale(loss, "y")
    later = np.concatenate([line.get_ydata()[1:] for line in accuracy.lines])
    if len(later) and np.ptp(later):
        accuracy.set_ylim(later.min() - 0.05 * np.ptp(later), later.max() + 0.05 * np.ptp(later))
    legend_of(figure, colour_of, {part: {"linestyle": dashes} for part, dashes in PARTS})
    return mark_source(figure, source)


def gradients(histories: dict[str, dict[str, np.ndarray]], source: str) -> Figure:
    """Mean absolute gradient of each layer's weights on a log scale: a panel per activation, a dash style per layer.

    `histories`: each activation's columns of history/<activation>.csv.
    """
    figure, axes_of_activations = grid(len(histories), 2, height=2.8, sharey=True)
    colour_of, looks = colours(list(histories)), {}
    for axes, (name, history) in zip(axes_of_activations, histories.items()):
        layers = [history[column] for column in history if column.startswith("grad_")]
        for place, values in enumerate(layers):
            positive = np.where(values > 0, values, np.nan)
            layer = f"layer {place + 1}" if place + 1 < len(layers) else "output"
            looks[layer] = {"linestyle": DASHES[place % len(DASHES)]}
            line = axes.plot(history["iteration"], positive, color=colour_of[name], **looks[layer])
            words = [
                f"{name}, {layer}, iteration {at:.0f}: {number(value)}"
                for at, value in zip(history["iteration"], values)
            ]
            touch(axes, history["iteration"], positive, words, layer, line)
        axes.set(title=name, xlabel="iteration", yscale="log")
        axes.yaxis.set_major_formatter(Powers())
        axes.yaxis.set_minor_formatter(Powers())
    axes_of_activations[0].set_ylabel("mean |∂L/∂W|")
    legend_of(figure, {}, looks)
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
            _depth_lines(axes, curve, name, activation, colour)
            if name == "errors" and activation == "sigmoid":
                bound = axes.plot(curve["depth"], curve["errors_bound"], color=colour, linestyle=":", linewidth=1.2)
                touch(axes, [], [], [], activation, bound)
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(numticks=8))
        axes.yaxis.set_major_formatter(Powers())
        axes.minorticks_off()
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.axhline(1.0, color=GREY, linewidth=0.6)
        axes.set(**{"title": f"Start weights: {start}"} if name == "errors" else {"xlabel": "hidden layers"})
        if place % len(starts) == 0:
            axes.set_ylabel(DEPTH_ROWS[name])
    looks = {"measured": {"marker": "o", "markersize": 4, "linestyle": "none"}, "theory": {"linewidth": 1.0}}
    if "sigmoid" in colour_of:
        looks["bound for sigmoid"] = {"color": colour_of["sigmoid"], "linestyle": ":", "linewidth": 1.2}
    legend_of(figure, colour_of, looks)
    return mark_source(figure, source)


def _depth_lines(axes: Axes, curve: dict[str, np.ndarray], name: str, activation: str, colour: str) -> None:
    """Mean over the seeds as points, their range as a band, theory as a line; a log axis has no place for zeros."""
    columns = (name, f"{name}_least", f"{name}_most", f"{name}_theory")
    mean, least, most, theory = (np.where(curve[column] > 0, curve[column], np.nan) for column in columns)
    band = axes.fill_between(curve["depth"], least, most, color=colour, alpha=0.18, linewidth=0)
    drawn = axes.plot(curve["depth"], mean, color=colour, marker="o", markersize=4, linestyle="none")
    drawn += axes.plot(curve["depth"], theory, color=colour, linewidth=1.0)
    rows = zip(curve["depth"], mean, theory)
    words = [f"{activation}, {at:.0f} hidden layers: {number(a)} measured, {number(b)} in theory" for at, a, b in rows]
    touch(axes, curve["depth"], mean, words, activation, [band, *drawn])
