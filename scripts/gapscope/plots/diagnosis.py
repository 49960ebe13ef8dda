"""Figures of the diagnosis: the counterfactual proof, and what each feature tells about the class."""

import numpy as np
from matplotlib.figure import Figure

from gapscope.plots.style import GREY, PARTITION, mark_source, panels


def counterfactual(found: dict, source: str) -> Figure:
    """Per feature: test accuracy once it is repaired, validation accuracy once it is broken, beside the two as they are."""
    records, gap = found["features"], found["gap"]
    figure, (axes,) = panels(1, 1, height=1.2 + 0.36 * len(records))
    places = np.arange(len(records))
    for key, value, part in (("repaired_accuracy", gap["test"], "test"), ("broken_accuracy", gap["validation"], "validation")):
        axes.axvline(value, color=PARTITION[part], linewidth=1.0, linestyle=":")
        ends = [record[key] for record in records]
        axes.hlines(places, value, ends, color=PARTITION[part], linewidth=1.2, alpha=0.5)
        verb = "repaired" if part == "test" else "broken"
        axes.plot(ends, places, "o" if part == "test" else "s", color=PARTITION[part], label=f"{part} with this feature {verb}")
        axes.annotate(f"{part} {value:.3f}", (value, -0.75), ha="center", fontsize=8, color=PARTITION[part])
    axes.set_yticks(places, [record["feature"] for record in records])
    axes.set(xlabel="accuracy", ylim=(len(records) - 0.4, -1.0), xlim=(0, 1))
    axes.grid(axis="y", visible=False)
    axes.legend(loc="lower left", ncols=2, bbox_to_anchor=(0, 1))
    return mark_source(figure, source)


def features(found: dict, source: str) -> Figure:
    """Per feature: information about the class in validation and test, and its share of the gap."""
    records = found["features"]
    places = np.arange(len(records))
    figure, (left, right) = panels(1, 2, height=0.9 + 0.36 * len(records), sharey=True)
    for offset, part in ((-0.18, "validation"), (0.18, "test")):
        left.barh(places + offset, [record[f"information_{part}"] for record in records], height=0.34, color=PARTITION[part], label=part)
    left.set(title="Information about the class", xlabel="share of the class's entropy")
    left.legend()
    right.barh(places, [record["gap_share"] for record in records], color=GREY, height=0.5,
               xerr=[1.96 * record["gap_share_error"] for record in records], ecolor="black", capsize=2)
    right.set(title="Share of the gap (Shapley)", xlabel="accuracy")
    left.set_yticks(places, [record["feature"] for record in records])
    left.invert_yaxis()
    for ax in (left, right):
        ax.grid(axis="y", visible=False)
    return mark_source(figure, source)
