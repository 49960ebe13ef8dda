"""Figures of the training: loss, accuracy, gradients of each layer."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from gapscope.plots.style import SEQUENCE, colours, mark_source, panels

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Powers(LogFormatter):
    """Ticks of a log axis as 10⁻³ in plain characters; Matplotlib's own typesetting is off (style.STYLE)."""

    def __call__(self, x: float, pos=None) -> str:
        if not super().__call__(x, pos):
            return ""
        mantissa, exponent = f"{x:.0e}".split("e")
        power = "10" + str(int(exponent)).translate(SUPERSCRIPT)
        return power if mantissa == "1" else f"{mantissa}·{power}"


def curves(histories: dict[str, pd.DataFrame], source: str) -> Figure:
    """Loss, and training (line) and validation accuracy (dashes), against the iteration, one colour per activation."""
    figure, (left, right) = panels(1, 2, height=2.8)
    for name, colour in colours(list(histories)).items():
        history = histories[name]
        left.plot(history["iteration"], history["loss"], color=colour, label=name)
        right.plot(history["iteration"], history["train_accuracy"], color=colour, label=f"{name}, training")
        right.plot(
            history["iteration"],
            history["validation_accuracy"],
            color=colour,
            linestyle="--",
            label=f"{name}, validation",
        )
    left.set(title="Loss on the training part", xlabel="iteration", ylabel="cross-entropy (nats)")
    right.set(title="Accuracy", xlabel="iteration", ylabel="share of rows classified right")
    for ax in (left, right):
        ax.legend(fontsize=8)
    return mark_source(figure, source)


def gradients(histories: dict[str, pd.DataFrame], source: str) -> Figure:
    """Mean absolute gradient of each layer's weights on a log scale, one panel per activation."""
    figure, axes = panels(-(-len(histories) // 2), min(2, len(histories)), height=2.8, sharey=True)
    for ax, (name, history) in zip(axes, histories.items()):
        layers = [column for column in history if column.startswith("grad_")]
        for place, column in enumerate(layers):
            positive = history[column].where(history[column] > 0)
            ax.plot(
                history["iteration"],
                positive,
                color=SEQUENCE[place % len(SEQUENCE)],
                label=f"layer {place + 1}" + (" (output)" if place == len(layers) - 1 else ""),
            )
        ax.set(title=name, xlabel="iteration", yscale="log")
        ax.yaxis.set_major_formatter(Powers())
        ax.yaxis.set_minor_formatter(Powers())
        ax.legend(fontsize=8)
    axes[0].set_ylabel("mean |∂L/∂W|")
    for ax in axes[len(histories) :]:
        ax.set_visible(False)
    return mark_source(figure, source)
