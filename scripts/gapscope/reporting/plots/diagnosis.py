"""Figures of the diagnosis: the counterfactual proof, and what each feature tells about the class."""

import numpy as np
from matplotlib.figure import Figure

from gapscope.reporting.plots.palette import GREY, INK, PARTITION
from gapscope.reporting.plots.style import all_shortened, first_of, mark_source, panels

MOST = 15  # features in a figure: those with the largest shares of the gap


def largest(found: dict) -> list[dict]:
    """The features with the largest shares of the gap, in their order."""
    kept = sorted(found["features"], key=lambda record: -abs(record["gap_share"]))[:MOST]
    return [record for record in found["features"] if record in kept]


def counterfactual(found: dict, source: str) -> Figure:
    """Per feature: test accuracy once it is repaired, validation accuracy once broken, beside both as they are.

    Where a change was undone without looking at the other rows' values, the accuracy that this brings is marked too.
    """
    records, gap = largest(found), found["gap"]
    figure, (axes,) = panels(1, 1, height=1.2 + 0.36 * len(records))
    places = np.arange(len(records))
    for key, part, other, verb, marker, offset in (
        ("repaired_accuracy", "test", "validation", "repaired", "o", -0.12),
        ("broken_accuracy", "validation", "test", "broken", "s", 0.12),
    ):
        value, ends = gap[part], [record[key] for record in records]
        axes.axvline(value, color=PARTITION[part], linewidth=1.0, linestyle=":")
        axes.hlines(places + offset, value, ends, color=PARTITION[part], linewidth=1.2, alpha=0.5)
        axes.plot(ends, places + offset, marker, color=PARTITION[part], label=f"{part} with this feature {verb}")
        # the two values' names point away from each other, so that they never overlap
        axes.annotate(
            f"{part} {value:.3f}",
            (value, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="right" if value < gap[other] else "left",
            fontsize=8,
        )
    undone = [(place, record["undone"]) for place, record in zip(places, records) if record["undone"]]
    if undone:
        ends = [gap["test"] + one["gain"] for _, one in undone]
        axes.plot(ends, [place for place, _ in undone], "D", color=INK, ms=4, label="test with the change undone")
    axes.set_yticks(places, all_shortened(record["feature"] for record in records))
    axes.set(xlabel="accuracy", ylim=(len(records) - 0.4, -0.6), xlim=(0, 1))
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside upper left", ncols=3 if undone else 2)
    first_of(figure, len(records), len(found["features"]), "features, those with the largest shares of the gap")
    return mark_source(figure, source)


def features(found: dict, source: str) -> Figure:
    """Per feature: information about the class in validation and test, and its share of the gap."""
    records = largest(found)
    places = np.arange(len(records))
    figure, (left, right) = panels(1, 2, height=0.9 + 0.36 * len(records), sharey=True)
    for offset, part in ((-0.18, "validation"), (0.18, "test")):
        told = np.array([record[f"information_{part}"] for record in records])
        ends = np.array([record[f"information_{part}_interval"] for record in records])
        errors = np.maximum([told - ends[:, 0], ends[:, 1] - told], 0.0)
        looks = {"color": PARTITION[part], "label": part, "error_kw": {"ecolor": INK, "elinewidth": 0.8}}
        left.barh(places + offset, told, height=0.34, xerr=errors, **looks)
    left.set(title="Information about the class", xlabel="share of the class's entropy")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    shares = np.array([record["gap_share"] for record in records])
    right.barh(
        places,
        shares,
        color=GREY,
        height=0.5,
        xerr=np.abs(np.array([record["gap_share_interval"] for record in records]) - shares[:, None]).T,
        ecolor=INK,
        capsize=2,
    )
    right.set(title="Share of the gap (Shapley)", xlabel="accuracy")
    left.set_yticks(places, all_shortened(record["feature"] for record in records))
    left.invert_yaxis()
    for ax in (left, right):
        ax.grid(axis="y", visible=False)
    return mark_source(figure, source)
