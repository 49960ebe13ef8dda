"""Figures of the exploration: classes, features by class, correlations."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gapscope.plots.style import BLUE, SEQUENCE, mark_source, nothing_to_show, panels


def classes(distribution: dict, source: str) -> Figure:
    """Rows per class as bars, with their shares."""
    names, counts = list(distribution["counts"]), list(distribution["counts"].values())
    figure, (axes,) = panels(1, 1, width=5.0, height=2.4)
    bars = axes.bar(names, counts, color=BLUE, width=0.65)
    labels = [f"{count:,}\n{share:.1%}" for count, share in zip(counts, distribution["shares"].values())]
    axes.bar_label(bars, labels, fontsize=8, padding=2)
    axes.set(ylabel="rows", title="Classes in the cleaned training table", ylim=(0, 1.22 * max(counts)))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="x", visible=False)
    return mark_source(figure, source)


def boxplots(table: pd.DataFrame, data: dict, source: str) -> Figure:
    """Each numeric feature by class: median, quartiles, whiskers to the 5th and 95th percentile."""
    names = data["numeric"]
    if not names:
        return nothing_to_show("The data has no numeric feature.")
    figure, axes = panels(-(-len(names) // 2), min(2, len(names)), height=2.3)
    codes = table[data["target"]].to_numpy()
    present = np.unique(codes)
    for ax, name in zip(axes, names):
        values = table[name].to_numpy()
        ax.boxplot(
            [values[codes == code] for code in present],
            orientation="horizontal",
            whis=(5, 95),
            showfliers=False,
            widths=0.55,
            patch_artist=True,
            tick_labels=[str(data["classes"][code]) for code in present],
            boxprops={"facecolor": "#CFE3F1", "edgecolor": BLUE},
            medianprops={"color": BLUE, "linewidth": 2},
        )
        ax.set_title(name)
        ax.invert_yaxis()
        ax.grid(axis="y", visible=False)
    for ax in axes[len(names) :]:
        ax.set_visible(False)
    return mark_source(figure, source)


def shares(tables: dict[str, pd.DataFrame], source: str) -> Figure:
    """Stacked shares of the classes within each level of each categorical feature."""
    names = list(tables)
    if not names:
        return nothing_to_show("The data has no categorical feature.")
    figure, axes = panels(len(names), 1, height=0.7 + 0.26 * max(len(table) for table in tables.values()))
    for ax, name in zip(axes, names):
        left, levels = np.zeros(len(tables[name])), [str(level) for level in tables[name].index]
        for place, (label, share) in enumerate(tables[name].items()):
            ax.barh(levels, share, left=left, label=label, color=SEQUENCE[place % len(SEQUENCE)])
            left += share.to_numpy()
        ax.set(title=name, xlim=(0, 1), xlabel="share of rows")
        ax.grid(visible=False)
        ax.invert_yaxis()
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, ncols=min(4, len(labels)), loc="outside lower center")
    return mark_source(figure, source)


def correlation_matrix(matrix: pd.DataFrame, source: str) -> Figure:
    """Pearson correlations as a coloured table with the figures written in."""
    figure, (axes,) = panels(1, 1, width=1.8 + 0.85 * len(matrix), height=0.9 + 0.6 * len(matrix))
    image = axes.imshow(matrix, cmap="RdBu_r", vmin=-1, vmax=1)
    for (row, column), value in np.ndenumerate(matrix.to_numpy()):
        axes.text(
            column,
            row,
            "–" if np.isnan(value) else f"{value:.2f}",
            ha="center",
            va="center",
            color="white" if abs(value) > 0.6 else "black",
        )
    axes.set_xticks(range(len(matrix)), matrix.columns, rotation=30, ha="right")
    axes.set_yticks(range(len(matrix)), matrix.index)
    axes.grid(visible=False)
    figure.colorbar(image, ax=axes, label="Pearson r", shrink=0.8)
    return mark_source(figure, source)
