"""Figures of the diagnosis: the picture that proves the verdict, the counterfactual, what each feature tells."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gapscope.reporting.page.numbers import number, percent, share, signed, span
from gapscope.reporting.plots import style
from gapscope.reporting.plots.palette import GREY, INK, LIGHT, PARTITION

MOST = 15  # features in a figure: those with the largest shares of the gap
TABLES = {"train": "training table", "test": "test table"}


def picture(shown: dict | None, classes: list[str], source: str) -> Figure:
    """The picture that proves the verdict, training rows beside test rows.

    `shown`: as diagnosis/picture.py makes it; `classes`: names by code.
    """
    if shown is None:
        return style.nothing_to_show("No cause is to be shown.")
    if shown["form"] == "histogram":
        return style.mark_source(_histogram(shown), source)
    figure, (axes,) = style.panels(1, 1, width=5.0, height=0.6 + 0.45 * len(shown["rows"]))
    names = [classes[row["name"]] if isinstance(row["name"], int) else row["name"] for row in shown["rows"]]
    for part, offset in zip(TABLES, (-0.2, 0.2)):
        for place, (name, row) in enumerate(zip(names, shown["rows"])):
            values = [] if row[part] is None else np.atleast_1d(row[part]).tolist()
            middle, words = _row(axes, shown["form"], values, place + offset, PARTITION[part], classes)
            style.touch(axes, [middle], [place + offset], [f"{name}, {part}: {words}"])
        axes.plot([], [], "s", color=PARTITION[part], label=TABLES[part])
    axes.set_yticks(range(len(names)), style.all_shortened(names, 14))
    axes.set(ylim=(len(names) - 0.5, -0.5))
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside upper left", ncols=2)
    return style.mark_source(figure, source)


def _row(axes: Axes, form: str, values: list[float], y: float, colour: str, classes: list[str]) -> tuple[float, str]:
    """Draw one table's values in a row; return the place to touch, and what it says."""
    if not values:
        axes.annotate(
            "too few rows", (0, y), (4, 0), ("axes fraction", "data"), "offset points", va="center", fontsize=8
        )
        return np.nan, ""
    if form == "quantiles_by_class":
        low, first, middle, third, high = values
        axes.plot([low, high], [y, y], color=colour)
        axes.barh(y, third - first, 0.36, first, color=colour)
        axes.plot([middle, middle], [y - 0.18, y + 0.18], color=LIGHT, linewidth=2)
        half, most = (f"{number(a)} to {number(b)}" for a, b in ((first, third), (low, high)))
        return middle, f"median {number(middle)}, half of the rows {half}, nine in ten {most}"
    for left, width, shade in zip(np.cumsum([0.0, *values]), values, np.linspace(0.2, 1.0, len(values))):
        axes.barh(y, width, 0.36, left, color=colour, alpha=shade if form == "classes_by_level" else 1.0)
    shares = map(percent, values)
    return sum(values) / 2, ", ".join(map(" ".join, zip(classes, shares)) if form == "classes_by_level" else shares)


def _histogram(shown: dict) -> Figure:
    figure, (axes,) = style.panels(1, 1, width=5.0, height=2.4)
    edges = np.array(shown["edges"])
    ranges = [f"{number(low)} to {number(high)}" for low, high in zip(edges, edges[1:])]
    for part, label in TABLES.items():
        axes.stairs(shown[part], edges, fill=True, color=PARTITION[part], alpha=0.3)
        axes.stairs(shown[part], edges, color=PARTITION[part], linewidth=1.4, label=label)
        words = [f"{part}, {within}: {percent(value)} of the rows" for within, value in zip(ranges, shown[part])]
        style.touch(axes, (edges[1:] + edges[:-1]) / 2, shown[part], words)
    axes.set(ylabel="share of rows", ylim=(0, None))
    figure.legend(loc="outside upper left", ncols=2)
    return figure


def counterfactual(diagnosis: dict, source: str) -> Figure:
    """Test accuracy with each feature repaired and validation accuracy with it broken, beside both as measured.

    Where a change can be undone without the values of other rows, the accuracy with the change undone is marked too.

    `diagnosis`: content of diagnosis.json.
    """
    records, gap = _largest(diagnosis), diagnosis["gap"]
    figure, (axes,) = style.panels(1, 1, height=1.2 + 0.36 * len(records))
    places = np.arange(len(records))
    for key, partition, other, verb, marker, offset in (
        ("repaired_accuracy", "test", "validation", "repaired", "o", -0.12),
        ("broken_accuracy", "validation", "test", "broken", "s", 0.12),
    ):
        value, ends, colour = gap[partition], np.array([record[key] for record in records], float), PARTITION[partition]
        # the two labels point away from each other, so that they never overlap
        style.mark_value(axes, value, partition, colour, align="right" if value < gap[other] else "left")
        label = f"{partition} with this feature {verb}"
        drawn = [axes.hlines(places + offset, value, ends, color=colour, linewidth=1.2, alpha=0.5)]
        drawn += axes.plot(ends, places + offset, marker, color=colour, label=label)
        words = [f"{record['feature']}, {verb}: {partition} accuracy {share(record[key])}" for record in records]
        style.touch(axes, ends, places + offset, words, label, drawn)
    undone = [
        (gap["test"] + record["undone"]["gain"], place)
        for place, record in enumerate(records)
        if record["undone"] and record["undone"]["gain"] is not None
    ]
    if undone:
        drawn = axes.plot(*zip(*undone), "D", color=INK, ms=4, label="test with the change undone")
        words = [f"{records[place]['feature']}, change undone: test accuracy {share(value)}" for value, place in undone]
        style.touch(axes, *zip(*undone), words, "test with the change undone", drawn)
    axes.set_yticks(places, style.all_shortened(record["feature"] for record in records))
    axes.set(xlabel="accuracy", ylim=(len(records) - 0.4, -0.6), xlim=(0, 1))
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside upper left", ncols=3 if undone else 2)
    what = "features, those with the largest shares of the gap"
    style.note_omitted(figure, len(records), len(diagnosis["features"]), what)
    return style.mark_source(figure, source)


def features(diagnosis: dict, source: str) -> Figure:
    """Each feature's information about the class in validation and test, and its share of the gap.

    `diagnosis`: content of diagnosis.json.
    """
    records = _largest(diagnosis)
    places = np.arange(len(records))
    figure, (left, right) = style.panels(1, 2, height=0.9 + 0.36 * len(records), sharey=True)
    for offset, partition in ((-0.18, "validation"), (0.18, "test")):
        information, errors = _with_errors(records, f"information_{partition}")
        look = {"color": PARTITION[partition], "label": partition, "error_kw": {"ecolor": INK, "elinewidth": 0.8}}
        bars = left.barh(places + offset, information, height=0.34, xerr=np.maximum(errors, 0.0), **look)
        words = _told(records, f"information_{partition}", f"information, {partition}", share)
        style.touch(left, information, places + offset, words, partition, style.all_of(bars))
    left.set(title="Information about the class", xlabel="share of the class's entropy")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    shares, errors = _with_errors(records, "gap_share")
    right.barh(places, shares, color=GREY, height=0.5, xerr=np.abs(errors), ecolor=INK, capsize=2)
    style.touch(right, shares, places, _told(records, "gap_share", "share of the gap", signed))
    right.set(title="Share of the gap (Shapley)", xlabel="accuracy")
    left.set_yticks(places, style.all_shortened(record["feature"] for record in records))
    left.invert_yaxis()
    for axes in (left, right):
        axes.locator_params(axis="x", nbins=5)  # numbers of three digits and a sign keep apart
        axes.grid(axis="y", visible=False)
    return style.mark_source(figure, source)


def _largest(diagnosis: dict) -> list[dict]:
    """Records of the features with the largest shares of the gap, in the order in which they come."""
    kept = sorted(diagnosis["features"], key=lambda record: -abs(record["gap_share"] or 0.0))[:MOST]
    return [record for record in diagnosis["features"] if record in kept]


def _told(records: list[dict], key: str, name: str, form) -> list[str]:
    return [f"{one['feature']}, {name}: {form(one[key])} ({span(one[f'{key}_interval'], form)})" for one in records]


def _with_errors(records: list[dict], key: str) -> tuple[np.ndarray, np.ndarray]:
    """Values (k,), and their distances (2, k) from the lower and the upper end of their intervals."""
    values = np.array([record[key] for record in records], float)
    low, high = np.array([record[f"{key}_interval"] for record in records], float).T
    return values, np.array([values - low, high - values])
