"""Figures of the diagnosis: the counterfactual proof, and what each feature tells about the class."""

import numpy as np
from matplotlib.figure import Figure

from gapscope.reporting.page.numbers import share, signed, span
from gapscope.reporting.plots.palette import GREY, INK, PARTITION
from gapscope.reporting.plots.style import all_of, all_shortened, mark_source, mark_value, note_omitted, panels, touch

MOST = 15  # features in a figure: those with the largest shares of the gap


def counterfactual(diagnosis: dict, source: str) -> Figure:
    """Test accuracy with each feature repaired and validation accuracy with it broken, beside both as measured.

    Where a change can be undone without the values of other rows, the accuracy with the change undone is marked too.

    `diagnosis`: content of diagnosis.json.
    """
    records, gap = _largest(diagnosis), diagnosis["gap"]
    figure, (axes,) = panels(1, 1, height=1.2 + 0.36 * len(records))
    places = np.arange(len(records))
    for key, partition, other, verb, marker, offset in (
        ("repaired_accuracy", "test", "validation", "repaired", "o", -0.12),
        ("broken_accuracy", "validation", "test", "broken", "s", 0.12),
    ):
        value, ends, colour = gap[partition], np.array([record[key] for record in records], float), PARTITION[partition]
        # the two labels point away from each other, so that they never overlap
        mark_value(axes, value, partition, colour, align="right" if value < gap[other] else "left")
        label = f"{partition} with this feature {verb}"
        drawn = [axes.hlines(places + offset, value, ends, color=colour, linewidth=1.2, alpha=0.5)]
        drawn += axes.plot(ends, places + offset, marker, color=colour, label=label)
        words = [f"{record['feature']}, {verb}: {partition} accuracy {share(record[key])}" for record in records]
        touch(axes, ends, places + offset, words, label, drawn)
    undone = [
        (gap["test"] + record["undone"]["gain"], place)
        for place, record in enumerate(records)
        if record["undone"] and record["undone"]["gain"] is not None
    ]
    if undone:
        drawn = axes.plot(*zip(*undone), "D", color=INK, ms=4, label="test with the change undone")
        words = [f"{records[place]['feature']}, change undone: test accuracy {share(value)}" for value, place in undone]
        touch(axes, *zip(*undone), words, "test with the change undone", drawn)
    axes.set_yticks(places, all_shortened(record["feature"] for record in records))
    axes.set(xlabel="accuracy", ylim=(len(records) - 0.4, -0.6), xlim=(0, 1))
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside upper left", ncols=3 if undone else 2)
    what = "features, those with the largest shares of the gap"
    note_omitted(figure, len(records), len(diagnosis["features"]), what)
    return mark_source(figure, source)


def features(diagnosis: dict, source: str) -> Figure:
    """Each feature's information about the class in validation and test, and its share of the gap.

    `diagnosis`: content of diagnosis.json.
    """
    records = _largest(diagnosis)
    places = np.arange(len(records))
    figure, (left, right) = panels(1, 2, height=0.9 + 0.36 * len(records), sharey=True)
    for offset, partition in ((-0.18, "validation"), (0.18, "test")):
        information, errors = _with_errors(records, f"information_{partition}")
        look = {"color": PARTITION[partition], "label": partition, "error_kw": {"ecolor": INK, "elinewidth": 0.8}}
        bars = left.barh(places + offset, information, height=0.34, xerr=np.maximum(errors, 0.0), **look)
        words = _told(records, f"information_{partition}", f"information, {partition}", share)
        touch(left, information, places + offset, words, partition, all_of(bars))
    left.set(title="Information about the class", xlabel="share of the class's entropy")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    shares, errors = _with_errors(records, "gap_share")
    right.barh(places, shares, color=GREY, height=0.5, xerr=np.abs(errors), ecolor=INK, capsize=2)
    touch(right, shares, places, _told(records, "gap_share", "share of the gap", signed))
    right.set(title="Share of the gap (Shapley)", xlabel="accuracy")
    left.set_yticks(places, all_shortened(record["feature"] for record in records))
    left.invert_yaxis()
    for axes in (left, right):
        axes.grid(axis="y", visible=False)
    return mark_source(figure, source)


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
