"""The remedies beside each other, by test accuracy, between the largest class's share and the ceiling."""

import numpy as np
from matplotlib.figure import Figure

from gapscope.reporting.plots.palette import GREY, INK, PARTITION
from gapscope.reporting.plots.style import all_shortened, mark_source, panels

JUDGED_BY_TEST = (
    ("test_accuracy", "o", PARTITION["test"], "test accuracy"),
    ("test_macro_f1", "D", GREY, "test macro F1"),
)
JUDGED_BY_FOLDS = (("cross_validated_accuracy", "o", PARTITION["train"], "cross-validated accuracy"),)


def remedies(rows: list[dict], found: dict, source: str) -> Figure:
    """Per remedy: validation and test accuracy and test macro F1, with their deviations over the seeds.

    Without test classes: validation and cross-validated accuracy.

    Args:
        rows: of mitigations.csv. found: `majority` and `ceiling`, as in mitigate/summary.json; None where not known.
    """
    figure, (axes,) = panels(1, 1, height=1.4 + 0.3 * len(rows))
    places = np.arange(len(rows))
    for name, marker, colour, label in (
        ("validation_accuracy", "s", PARTITION["validation"], "validation accuracy"),
        *(JUDGED_BY_TEST if found["ceiling"] else JUDGED_BY_FOLDS),
    ):
        values, deviations = (np.array([row[column] for row in rows]) for column in (name, f"{name}_sd"))
        spread = np.where(np.isnan(deviations), 0.0, deviations)
        axes.errorbar(values, places, xerr=spread, fmt=marker, color=colour, label=label, capsize=2)
    lines = {"largest class": found["majority"], "ceiling": found["ceiling"]["accuracy"]} if found["ceiling"] else {}
    for place, (label, value) in enumerate(sorted(lines.items(), key=lambda item: item[1])):
        axes.axvline(value, color=INK, linewidth=1.0, linestyle=":")
        axes.annotate(
            f"{label} {value:.3f}",
            (value, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-3 + 6 * place, 3),
            textcoords="offset points",
            ha="left" if place else "right",
            fontsize=8,
        )
    names = all_shortened(name.replace("_", " ") for name in (row["mitigation"] for row in rows))
    axes.set_yticks(places, names)
    for label, row in zip(axes.get_yticklabels(), rows):
        label.set_fontweight("bold" if row["recommended"] == "yes" else "normal")
    axes.set(xlabel="share", ylim=(len(rows) - 0.4, -0.6), xlim=(0, 1))
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside upper left", ncols=3)
    return mark_source(figure, source)
