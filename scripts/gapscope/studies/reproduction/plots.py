"""Figures of the reproduction page."""

from matplotlib.figure import Figure

from gapscope.reporting.plots.palette import BLUE, GREY, SEQUENCE, VERMILION
from gapscope.reporting.plots.style import panels

PUBLISHED_TEST_ACCURACY = 0.0692
LINE = {"linewidth": 0.8, "alpha": 0.7}


def test_preparation(records: list[dict]) -> Figure:
    """Test accuracy of each seed by how the test set was prepared, beside the published figure."""
    groups = {}
    for record in records:
        groups.setdefault((record["scaling"], record["columns"]), []).append(record["test_accuracy"])
    figure, (axes,) = panels(1, 1, height=0.9 + 0.42 * len(groups))
    for place, ((scaling, _), found) in enumerate(groups.items()):
        axes.plot(found, [place] * len(found), "o", color=BLUE if scaling == "fitted" else VERMILION, alpha=0.7)
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
    labels = [f"{'scaled' if scaling == 'fitted' else 'not scaled'}, columns {columns}" for scaling, columns in groups]
    axes.set_yticks(range(len(groups)), labels)
    axes.set(xlabel="test accuracy, one point per seed", xlim=(0, 1), ylim=(len(groups) - 0.5, -0.9))
    axes.grid(axis="y", visible=False)
    return figure


def curves_by_variant(curves: list[dict], variants: list[str]) -> Figure:
    """Loss and validation accuracy of every seed against the iteration, one row of panels per variant."""
    figure, axes = panels(len(variants), 2, height=2.1, sharex=True, sharey="col")
    for row, (name, colour) in enumerate(zip(variants, SEQUENCE)):
        for ax, column in zip(axes[2 * row : 2 * row + 2], ("loss", "validation_accuracy")):
            for seed in sorted({record["seed"] for record in curves if record["variant"] == name}):
                part = [record for record in curves if (record["variant"], record["seed"]) == (name, seed)]
                ax.plot(*([record[of] for record in part] for of in ("iteration", column)), color=colour, **LINE)
            ax.set_title(f"{name}: {column.replace('_', ' ')}")
    for ax in axes[-2:]:
        ax.set_xlabel("iteration")
    return figure
