"""Figures of the exploration: classes, features by class, correlations."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gapscope.reporting.plots.palette import DEEP, INK, LIGHT
from gapscope.reporting.plots.style import (
    all_shortened,
    class_colours,
    first_of,
    mark_source,
    nothing_to_show,
    panels,
    shortened,
)

BOXES, CATEGORIES, LEVELS, WRITTEN, CELLS = 12, 6, 15, 12, 40  # most that still read well
EDGE = {"edgecolor": INK, "linewidth": 0.4}


def classes(distribution: dict, source: str) -> Figure:
    """Rows per class as bars, or their weights, with their shares."""
    counts, weighted = list(distribution["counts"].values()), distribution.get("weights")
    sums = list(weighted.values()) if weighted else counts
    figure, (axes,) = panels(1, 1, width=6.0, height=0.9 + 0.27 * len(counts))
    bars = axes.barh(range(len(counts)), sums, color=class_colours(len(counts)), height=0.72, **EDGE)
    labels = [f"{count:,} ({share:.1%})" for count, share in zip(counts, distribution["shares"].values())]
    axes.bar_label(bars, labels, fontsize=8, padding=3)
    axes.set_yticks(range(len(counts)), all_shortened(distribution["counts"]))
    label = "rows of the cleaned training table" + (", each by its weight" if weighted else "")
    axes.set(xlabel=label, xlim=(0, 1.22 * max(sums)))
    axes.xaxis.set_major_formatter("{x:,g}" if weighted else "{x:,.0f}")
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    return mark_source(figure, source)


def boxplots(found: dict[str, dict[int, dict]], data: dict, source: str) -> Figure:
    """Numeric features by class: median, quartiles, whiskers to the 5th and 95th percentile.

    Args:
        found: `boxes_by_class` of the first BOXES of data's numeric features.
    """
    if not found:
        return nothing_to_show("The data has no numeric feature.")
    present = list(next(iter(found.values())))
    looks = class_colours(len(data["classes"]))
    figure, axes = panels(-(-len(found) // 2), min(2, len(found)), height=0.8 + 0.24 * len(present), sharey=True)
    for ax, (name, own) in zip(axes, found.items()):
        boxes = ax.bxp(
            list(own.values()),
            orientation="horizontal",
            showfliers=False,
            widths=0.6,
            patch_artist=True,
            manage_ticks=False,
            medianprops={"linewidth": 2},
            **{part: {"color": INK} for part in ("whiskerprops", "capprops")},
        )
        for box, code in zip(boxes["boxes"], present):
            box.set(facecolor=looks[code], edgecolor=INK, linewidth=0.6)
        for line, code in zip(boxes["medians"], present):
            line.set_color(LIGHT if code < len(looks) / 2 else DEEP)
        ax.set_title(shortened(name, 25))
        ax.grid(axis="y", visible=False)
    axes[0].set_yticks(range(1, len(present) + 1), all_shortened([data["classes"][code] for code in present], 25))
    axes[0].set_ylim(len(present) + 0.5, 0.5)
    for ax in axes[len(found) :]:
        ax.set_visible(False)
    first_of(figure, len(found), len(data["numeric"]), "numeric features")
    return mark_source(figure, source)


def shares(tables: dict[str, pd.DataFrame], source: str) -> Figure:
    """Stacked shares of the classes within each level of each categorical feature."""
    names = list(tables)[:CATEGORIES]
    if not names:
        return nothing_to_show("The data has no categorical feature.")
    parts = {name: tables[name].iloc[:LEVELS] for name in names}
    labels = all_shortened(next(iter(parts.values())).columns)
    columns = max(1, min(len(labels), 90 // (6 + max(map(len, labels)))))
    heights = [0.75 + 0.24 * len(part) for part in parts.values()]
    height = (sum(heights) + 0.2 * (len(labels) // columns)) / len(names)  # with the legend's lines
    figure, axes = panels(len(names), 1, height=height, gridspec_kw={"height_ratios": heights})
    looks = class_colours(len(labels))
    for ax, (name, part) in zip(axes, parts.items()):
        left, places = np.zeros(len(part)), range(len(part))
        bars = []
        for colour, share in zip(looks, part.to_numpy().T):
            bars.append(ax.barh(places, share, left=left, color=colour, **EDGE))
            left += share
        ax.set_yticks(places, all_shortened(part.index))
        more = f", the {LEVELS} commonest of {len(tables[name])} levels" if len(tables[name]) > LEVELS else ""
        ax.set(title=shortened(name) + more, xlim=(0, 1), xlabel="share of rows" if ax is axes[-1] else "")
        ax.grid(visible=False)
        ax.invert_yaxis()
    # labels are given here, since one of a bar's own that begins with "_" would be left out
    figure.legend(bars, labels, ncols=columns, loc="outside upper left")
    first_of(figure, len(names), len(tables), "categorical features")
    return mark_source(figure, source)


def correlation_matrix(matrix: pd.DataFrame, source: str) -> Figure:
    """Pearson correlations as a coloured table, with the figures written in where there is room.

    Of many features, those that go most with the class, which is the last row.
    """
    features, target = matrix.iloc[:-1, -1].abs(), matrix.columns[-1]
    kept = [*features.index[features.rank(method="first", ascending=False, na_option="bottom") < CELLS], target]
    shown = matrix.loc[kept, kept]
    written = len(shown) <= WRITTEN
    side = min(1.2 + 0.62 * len(shown), 7.0)
    figure, (axes,) = panels(1, 1, width=side + 1.0, height=side)
    image = axes.imshow(shown, cmap="RdBu_r", vmin=-1, vmax=1)
    for (row, column), value in np.ndenumerate(shown.to_numpy() if written else np.empty((0, 0))):
        label = "–" if np.isnan(value) else f"{value:.2f}".replace("-", "−")
        colour = LIGHT if abs(value) > 0.6 else DEEP
        axes.text(column, row, label, ha="center", va="center", color=colour, fontsize=9 if len(shown) < 9 else 7)
    size, names = 8 if len(shown) <= 20 else 6, all_shortened(shown.columns, 25)
    axes.set_xticks(range(len(shown)), names, rotation=90 if len(shown) > 20 else 40, fontsize=size)
    for label in axes.get_xticklabels():
        label.set(ha="center" if len(shown) > 20 else "right", rotation_mode="default" if len(shown) > 20 else "anchor")
    axes.set_yticks(range(len(shown)), names, fontsize=size)
    axes.grid(visible=False)
    figure.colorbar(image, ax=axes, label="Pearson r", shrink=0.7)
    first_of(figure, len(shown), len(matrix), "columns")
    return mark_source(figure, source)
