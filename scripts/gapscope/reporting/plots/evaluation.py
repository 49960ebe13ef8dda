"""Figures of the evaluation: accuracies of the networks and of the remedies."""

import numpy as np
from matplotlib.figure import Figure

from gapscope.evaluation.metrics import judged
from gapscope.reporting.page.numbers import share, span, spread
from gapscope.reporting.plots.palette import GREY, PARTITION
from gapscope.reporting.plots.style import all_of, all_shortened, mark_source, mark_value, panels, touch

JUDGED_BY_TEST = (
    ("test_accuracy", "o", PARTITION["test"], "test accuracy"),
    ("test_macro_f1", "D", GREY, "test macro F1"),
)
JUDGED_BY_FOLDS = (("cross_validated_accuracy", "o", PARTITION["train"], "cross-validated accuracy"),)


def gap(metrics: dict, source: str) -> Figure:
    """Accuracy of each network on each partition with its interval, and the share of the largest class.

    A partition without metrics, such as a test set without labels, is left out.

    `metrics`: content of metrics.json.
    """
    figure, (axes,) = panels(1, 1, height=1.0 + 0.62 * len(metrics))
    names, last = list(metrics), judged(metrics)
    beside = {"textcoords": "offset points", "va": "center", "fontsize": 7.5}
    for offset, (partition, colour) in zip((-0.26, 0.0, 0.26), PARTITION.items()):
        results = [metrics[name][partition] for name in names]
        if results[0] is None:
            continue
        values = np.array([result["accuracy"] for result in results])
        bounds = np.array([result["accuracy_interval"] for result in results])
        places = np.arange(len(names)) + offset
        # at an accuracy of 1 the rounded interval may end just below it
        widths = np.maximum([values - bounds[:, 0], bounds[:, 1] - values], 0)
        drawn = all_of(axes.errorbar(values, places, xerr=widths, fmt="o", color=colour, capsize=3, label=partition))
        for value, bound, place in zip(values, bounds[:, 1], places):
            drawn.append(axes.annotate(f"{value:.3f}", (bound, place), xytext=(5, 0), **beside))
        words = [
            f"{name}, {partition}: {share(result['accuracy'])} ({span(result['accuracy_interval'])})"
            for name, result in zip(names, results)
        ]
        touch(axes, values, places, words, partition, drawn)
    majority = metrics[names[0]][last]["majority_accuracy"]
    axes.axvline(majority, color=GREY, linestyle=":", linewidth=1.2)
    where = {"xytext": (4, 0), "ha": "left"} if majority < 0.6 else {"xytext": (-4, 0), "ha": "right"}
    label = f"always the largest class ({last}): {majority:.3f}"
    axes.annotate(label, (majority, -0.62), color=GREY, **where, **beside)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="accuracy", xlim=(0, 1.06), xticks=np.linspace(0, 1, 6), ylim=(len(names) - 0.45, -0.8))
    axes.grid(axis="y", visible=False)
    axes.legend(loc="lower left", ncols=3, bbox_to_anchor=(0, 1))
    return mark_source(figure, source)


def remedies(rows: list[dict], summary: dict, source: str) -> Figure:
    """Validation and test accuracy and test macro F1 of each remedy, with the deviation over the seeds.

    Without test labels, the cross-validated accuracy takes the place of the test's.

    Parameters
    ----------
    rows : records of mitigations.csv.
    summary : content of mitigate/summary.json; `majority` and `ceiling` are None without test labels, `ceiling` also
        where the test rows are of one group.
    """
    figure, (axes,) = panels(1, 1, height=1.4 + 0.3 * len(rows))
    places = np.arange(len(rows))
    for name, marker, colour, label in (
        ("validation_accuracy", "s", PARTITION["validation"], "validation accuracy"),
        *(JUDGED_BY_TEST if summary["majority"] is not None else JUDGED_BY_FOLDS),
    ):
        values, deviations = (np.array([row[column] for row in rows]) for column in (name, f"{name}_sd"))
        look = {"fmt": marker, "color": colour, "label": label, "capsize": 2}
        drawn = axes.errorbar(values, places, xerr=np.nan_to_num(deviations), **look)
        words = [
            f"{row['mitigation'].replace('_', ' ')}, {label}: {spread(*pair)}"
            for row, *pair in zip(rows, values, deviations)
        ]
        touch(axes, values, places, words, label, all_of(drawn))
    if summary["ceiling"]:
        lines = [(summary["majority"], "largest class"), (summary["ceiling"]["accuracy"], "ceiling")]
        lower, upper = sorted(lines, key=lambda line: line[0])
        mark_value(axes, *lower, align="right", shift=-3)
        mark_value(axes, *upper, align="left", shift=3)
    axes.set_yticks(places, all_shortened(row["mitigation"].replace("_", " ") for row in rows))
    for label, row in zip(axes.get_yticklabels(), rows):
        label.set_fontweight("bold" if row["recommended"] == "yes" else "normal")
    axes.set(xlabel="share", ylim=(len(rows) - 0.4, -0.6), xlim=(0, 1))
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside upper left", ncols=3)
    return mark_source(figure, source)
