"""Figures of the reproduction page."""

import pandas as pd
from matplotlib.figure import Figure

from gapscope.plots.palette import BLUE, GREY, SEQUENCE, VERMILION
from gapscope.plots.style import panels

PUBLISHED_TEST_ACCURACY = 0.0692


def test_preparation(table: pd.DataFrame) -> Figure:
    """Test accuracy of each seed by how the test set was prepared, beside the published figure."""
    groups = list(table.groupby(["scaling", "columns"], sort=False))
    figure, (axes,) = panels(1, 1, height=0.9 + 0.42 * len(groups))
    for place, ((scaling, _), part) in enumerate(groups):
        axes.plot(
            part["test_accuracy"], [place] * len(part), "o", color=BLUE if scaling == "fitted" else VERMILION, alpha=0.7
        )
    axes.axvline(PUBLISHED_TEST_ACCURACY, color=GREY, linestyle=":")
    axes.annotate(
        f"published {PUBLISHED_TEST_ACCURACY}",
        (PUBLISHED_TEST_ACCURACY, -0.6),
        xytext=(4, 0),
        textcoords="offset points",
        fontsize=8,
        color=GREY,
        va="center",
    )
    labels = [
        f"{'scaled' if scaling == 'fitted' else 'not scaled'}, columns {columns}" for (scaling, columns), _ in groups
    ]
    axes.set_yticks(range(len(groups)), labels)
    axes.set(xlabel="test accuracy, one point per seed", xlim=(0, 1), ylim=(len(groups) - 0.5, -0.9))
    axes.grid(axis="y", visible=False)
    return figure


def curves_by_variant(curves: pd.DataFrame, variants: list[str]) -> Figure:
    """Loss and validation accuracy of every seed against the iteration, one row of panels per variant."""
    figure, axes = panels(len(variants), 2, height=2.1, sharex=True, sharey="col")
    for row, (name, colour) in enumerate(zip(variants, SEQUENCE)):
        for ax, column in zip(axes[2 * row : 2 * row + 2], ("loss", "validation_accuracy")):
            for _, part in curves[curves["variant"] == name].groupby("seed"):
                ax.plot(part["iteration"], part[column], color=colour, linewidth=0.8, alpha=0.7)
            ax.set_title(f"{name}: {column.replace('_', ' ')}")
    for ax in axes[-2:]:
        ax.set_xlabel("iteration")
    return figure
