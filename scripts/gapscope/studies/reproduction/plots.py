"""Figures of the reproduction page."""

from matplotlib.figure import Figure

from gapscope.reporting.plots.palette import BLUE, GREY, SEQUENCE, VERMILION
from gapscope.reporting.plots.style import panels

PUBLISHED = 0.0692  # test accuracy of 25280072


def preparation(records: list[dict]) -> Figure:
    """Test accuracy of each seed by preparation of the test set, beside the published figure."""
    groups = {}
    for record in records:
        groups.setdefault((record["scaling"], record["columns"]), []).append(record["test_accuracy"])
    figure, (axes,) = panels(1, 1, height=0.9 + 0.42 * len(groups))
    for place, ((scaling, _), accuracies) in enumerate(groups.items()):
        colour = BLUE if scaling == "fitted" else VERMILION
        axes.plot(accuracies, [place] * len(accuracies), "o", color=colour, alpha=0.7)
    axes.axvline(PUBLISHED, color=GREY, linestyle=":")
    note = {"xytext": (4, 0), "textcoords": "offset points", "fontsize": 8, "color": GREY, "va": "center"}
    axes.annotate(f"published {PUBLISHED}", (PUBLISHED, -0.6), **note)
    labels = [f"{'scaled' if scaling == 'fitted' else 'not scaled'}, columns {columns}" for scaling, columns in groups]
    axes.set_yticks(range(len(groups)), labels)
    axes.set(xlabel="test accuracy, one point per seed", xlim=(0, 1), ylim=(len(groups) - 0.5, -0.9))
    axes.grid(axis="y", visible=False)
    return figure


def curves_by_variant(curves: list[list[dict]], variants: list[str]) -> Figure:
    """Loss and validation accuracy of every network against the iteration, one row of panels per variant."""
    figure, axes = panels(len(variants), 2, height=2.1, sharex=True, sharey="col")
    for row, (name, colour) in enumerate(zip(variants, SEQUENCE)):
        for ax, column in zip(axes[2 * row : 2 * row + 2], ("loss", "validation_accuracy")):
            for states in curves:
                if states[0]["variant"] == name:
                    values = [state[column] for state in states]
                    ax.plot(range(len(values)), values, color=colour, linewidth=0.8, alpha=0.7)
            ax.set_title(f"{name}: {column.replace('_', ' ')}")
    for ax in axes[-2:]:
        ax.set_xlabel("iteration")
    return figure
