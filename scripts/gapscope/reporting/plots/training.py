"""Figures of the training: loss, accuracy, gradients of each layer."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from gapscope.reporting.plots.palette import DASHES
from gapscope.reporting.plots.style import colours, mark_source, name_lines, panels

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Powers(LogFormatter):
    """Ticks of a log axis as 10⁻³ in plain characters; Matplotlib's own typesetting is off (style.STYLE)."""

    def __call__(self, x: float, pos=None) -> str:
        if not super().__call__(x, pos):
            return ""
        mantissa, exponent = f"{x:.0e}".split("e")
        power = "10" + str(int(exponent)).translate(SUPERSCRIPT)
        return power if mantissa == "1" else f"{mantissa}·{power}"


def curves(histories: dict[str, dict[str, np.ndarray]], source: str) -> Figure:
    """Loss, and training (line) and validation accuracy (dashes), against the iteration, one colour per activation.

    `histories`: of each activation the columns of its history/<activation>.csv.
    """
    figure, (left, right) = panels(1, 2, height=2.8)
    looks = colours(list(histories))
    for name, history in histories.items():
        left.plot(history["iteration"], history["loss"], color=looks[name])
        right.plot(history["iteration"], history["train_accuracy"], color=looks[name])
        right.plot(history["iteration"], history["validation_accuracy"], color=looks[name], linestyle="--")
    left.set(title="Loss on the training part", xlabel="iteration", ylabel="cross-entropy (nats)")
    right.set(title="Accuracy: training (lines),\nvalidation (dashes)", xlabel="iteration", ylabel="share of rows")
    for ax, column in ((left, "loss"), (right, "validation_accuracy")):
        ends = [(history[column][-1], name) for name, history in histories.items()]
        name_lines(ax, ends, list(looks.values()))
    return mark_source(figure, source)


def gradients(histories: dict[str, dict[str, np.ndarray]], source: str) -> Figure:
    """Mean absolute gradient of each layer's weights on a log scale: a panel per activation, dashes per layer."""
    figure, axes = panels(-(-len(histories) // 2), min(2, len(histories)), height=2.8, sharey=True)
    looks = colours(list(histories))
    drawn = []
    for ax, (name, history) in zip(axes, histories.items()):
        layers = [column for column in history if column.startswith("grad_")]
        for place, column in enumerate(layers):
            positive = np.where(history[column] > 0, history[column], np.nan)
            ax.plot(history["iteration"], positive, color=looks[name], linestyle=DASHES[place % len(DASHES)])
        ax.set(title=name, xlabel="iteration", yscale="log")
        ax.yaxis.set_major_formatter(Powers())
        ax.yaxis.set_minor_formatter(Powers())
        drawn.append((ax, name, [history[layer][history[layer] > 0] for layer in layers]))
    for ax, name, positive in drawn:  # once all limits are known, since the panels share them
        names = [f"layer {place}" for place in range(1, len(positive))] + ["output"]
        ends = [(values[-1], own) for values, own in zip(positive, names) if len(values)]
        name_lines(ax, ends, [looks[name]] * len(ends))
    axes[0].set_ylabel("mean |∂L/∂W|")
    for ax in axes[len(histories) :]:
        ax.set_visible(False)
    return mark_source(figure, source)
