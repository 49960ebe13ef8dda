"""Figures of the evaluation: accuracies with their intervals, confusion matrices."""

import numpy as np
from matplotlib.figure import Figure

from gapscope.evaluation.metrics import judged, ratio
from gapscope.reporting.plots.palette import DEEP, GREY, LIGHT, PARTITION
from gapscope.reporting.plots.style import all_shortened, mark_source, panels

WIDE, WRITTEN = 6, 14  # classes from which on a matrix takes the whole width, and up to which its counts fit


def gap(metrics: dict, source: str) -> Figure:
    """Accuracy of each activation on each part of the data, with intervals, beside the majority class's share.

    A part that is None, as the test set without classes, is left out; the share is then that of the validation part.
    """
    figure, (axes,) = panels(1, 1, height=1.0 + 0.62 * len(metrics))
    names = list(metrics)
    last = judged(metrics)
    for offset, (part, colour) in zip((-0.26, 0.0, 0.26), PARTITION.items()):
        if metrics[names[0]][part] is None:
            continue
        results = [metrics[name][part] for name in names]
        values = np.array([result["accuracy"] for result in results])
        bounds = np.array([result["accuracy_interval"] for result in results])
        places = np.arange(len(names)) + offset
        # at an accuracy of 1 the rounded interval may end just below it
        widths = np.maximum([values - bounds[:, 0], bounds[:, 1] - values], 0)
        axes.errorbar(values, places, xerr=widths, fmt="o", color=colour, capsize=3, label=part)
        for value, bound, place in zip(values, bounds[:, 1], places):
            axes.annotate(
                f"{value:.3f}", (bound, place), xytext=(5, 0), textcoords="offset points", va="center", fontsize=7.5
            )
    majority = metrics[names[0]][last]["majority_accuracy"]
    axes.axvline(majority, color=GREY, linestyle=":", linewidth=1.2)
    axes.annotate(
        f"always the largest class ({last}): {majority:.3f}",
        (majority, -0.62),
        xytext=(4 if majority < 0.6 else -4, 0),
        textcoords="offset points",
        color=GREY,
        fontsize=7.5,
        va="center",
        ha="left" if majority < 0.6 else "right",
    )
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="accuracy", xlim=(0, 1.06), xticks=np.linspace(0, 1, 6), ylim=(len(names) - 0.45, -0.8))
    axes.grid(axis="y", visible=False)
    axes.legend(loc="lower left", ncols=3, bbox_to_anchor=(0, 1))
    return mark_source(figure, source)


def confusion(metrics: dict, classes: list[str], source: str) -> Figure:
    """Confusion matrices of the part that `judged` names: rows as shares of their true class, counts where they fit.

    Rows that count differently are there as sums of weights.
    """
    size, part = len(classes), judged(metrics)
    columns = 1 if size > WIDE else min(2, len(metrics))
    figure, axes = panels(-(-len(metrics) // columns), columns, height=1.2 + min(6.0, 0.34 * size + 0.4))
    names = all_shortened(classes, 19)
    for ax, (name, result) in zip(axes, metrics.items()):
        matrix = np.array(result[part]["confusion_matrix"])
        shares = ratio(matrix, matrix.sum(axis=1, keepdims=True))
        form = "," if matrix.dtype.kind == "i" else ",.0f" if matrix.sum() >= 100 else ".2g"
        ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for (row, column), count in np.ndenumerate(matrix if size <= WRITTEN else np.empty((0, 0))):
            colour = LIGHT if shares[row, column] > 0.6 else DEEP
            ax.text(column, row, f"{count:{form}}", ha="center", va="center", fontsize=8, color=colour)
        ax.set_xticks(range(size), names, rotation=35, ha="right", rotation_mode="anchor")
        ax.set_yticks(range(size), names)
        ax.set(title=name, xlabel="predicted class", ylabel="true class")
        ax.grid(visible=False)
    for ax in axes[len(metrics) :]:
        ax.set_visible(False)
    return mark_source(figure, source)
