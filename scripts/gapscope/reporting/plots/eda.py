"""Figures of the exploration: classes, and features by class."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gapscope.reporting.page.numbers import number, percent
from gapscope.reporting.plots import style
from gapscope.reporting.plots.palette import DEEP, INK, LIGHT

BOXES, CATEGORIES, LEVELS = 12, 6, 15  # the most of each that a reader can still make out
EDGE = {"edgecolor": INK, "linewidth": 0.4}


def classes(distribution: dict, source: str) -> Figure:
    """Bars of the rows in each class, or of their weights, with each class's share.

    `distribution`: result of `exploration.class_distribution`.
    """
    counts, weights = list(distribution["counts"].values()), distribution.get("weights")
    sums = list(weights.values()) if weights else counts
    figure, (axes,) = style.panels(1, 1, width=6.0, height=0.9 + 0.27 * len(counts))
    bars = axes.barh(range(len(counts)), sums, color=style.class_colours(len(counts)), height=0.72, **EDGE)
    labels = [f"{count:,} ({share:.1%})" for count, share in zip(counts, distribution["shares"].values())]
    axes.bar_label(bars, labels, fontsize=8, padding=3)
    style.touch(axes, sums, range(len(counts)), [": ".join(one) for one in zip(distribution["counts"], labels)])
    axes.set_yticks(range(len(counts)), style.all_shortened(distribution["counts"]))
    label = "rows of the cleaned training table" + (", each by its weight" if weights else "")
    axes.set(xlabel=label, xlim=(0, 1.22 * max(sums)))
    axes.xaxis.set_major_formatter("{x:,g}" if weights else "{x:,.0f}")
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    return style.mark_source(figure, source)


def boxplots(boxes: dict[str, dict[int, dict]], data: dict, source: str) -> Figure:
    """Numeric features by class: median, quartiles, whiskers to the 5th and 95th percentile.

    Parameters
    ----------
    boxes : result of `exploration.boxes_by_class` for the first BOXES numeric features of `data`.
    data : the configuration's block of that name.
    """
    if not boxes:
        return style.nothing_to_show("The data has no numeric feature.")
    codes = list(next(iter(boxes.values())))
    colours = style.class_colours(len(data["classes"]))
    figure, panels = style.grid(len(boxes), 2, height=0.8 + 0.24 * len(codes), sharey=True)
    for axes, (name, by_class) in zip(panels, boxes.items()):
        drawn = axes.bxp(
            list(by_class.values()),
            orientation="horizontal",
            showfliers=False,
            widths=0.6,
            patch_artist=True,
            manage_ticks=False,
            medianprops={"linewidth": 2},
            whiskerprops={"color": INK},
            capprops={"color": INK},
        )
        for box, median, code in zip(drawn["boxes"], drawn["medians"], codes):
            box.set(facecolor=colours[code], edgecolor=INK, linewidth=0.6)
            median.set_color(LIGHT if code < len(colours) / 2 else DEEP)
        words = [
            f"{data['classes'][code]}: median {number(box['med'])}, quartiles {number(box['q1'])} and "
            f"{number(box['q3'])}, whiskers {number(box['whislo'])} and {number(box['whishi'])}"
            for code, box in by_class.items()
        ]
        style.touch(axes, [box["med"] for box in by_class.values()], range(1, len(codes) + 1), words)
        axes.set_title(style.shortened(name, 25))
        axes.grid(axis="y", visible=False)
    panels[0].set_yticks(range(1, len(codes) + 1), style.all_shortened([data["classes"][code] for code in codes], 25))
    panels[0].set_ylim(len(codes) + 0.5, 0.5)
    style.note_omitted(figure, len(boxes), len(data["numeric"]), "numeric features")
    return style.mark_source(figure, source)


def shares(tables: dict[str, pd.DataFrame], source: str) -> Figure:
    """Stacked shares of the classes within each level of each categorical feature.

    `tables`: result of `exploration.level_shares` for each feature.
    """
    shown = {name: table.iloc[:LEVELS] for name, table in list(tables.items())[:CATEGORIES]}
    if not shown:
        return style.nothing_to_show("The data has no categorical feature.")
    labels = style.all_shortened(next(iter(shown.values())).columns)
    columns = max(1, min(len(labels), 90 // (6 + max(map(len, labels)))))
    heights = [0.75 + 0.24 * len(table) for table in shown.values()]
    height = (sum(heights) + 0.2 * (len(labels) // columns)) / len(shown)  # with the legend's lines
    figure, panels = style.panels(len(shown), 1, height=height, gridspec_kw={"height_ratios": heights})
    for axes, (name, table) in zip(panels, shown.items()):
        left, places, bars = np.zeros(len(table)), range(len(table)), []
        for colour, label, share in zip(style.class_colours(len(labels)), table, table.to_numpy().T):
            bars.append(axes.barh(places, share, left=left, color=colour, **EDGE))
            words = [f"{level}, {label}: {percent(value)}" for level, value in zip(table.index, share)]
            style.touch(axes, left + share / 2, places, words, label, bars[-1])
            left += share
        axes.set_yticks(places, style.all_shortened(table.index))
        more = f", the {LEVELS} commonest of {len(tables[name])} levels" if len(tables[name]) > LEVELS else ""
        axes.set(title=style.shortened(name) + more, xlim=(0, 1), xlabel="share of rows" if axes is panels[-1] else "")
        axes.grid(visible=False)
        axes.invert_yaxis()
    # Matplotlib leaves a label that begins with "_" out of the legend, unless it is given here
    figure.legend(bars, labels, ncols=columns, loc="outside upper left")
    style.note_omitted(figure, len(shown), len(tables), "categorical features")
    return style.mark_source(figure, source)
