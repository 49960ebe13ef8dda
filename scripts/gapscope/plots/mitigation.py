"""The remedies beside each other, by test accuracy, between the largest class's share and the ceiling."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gapscope.plots.style import GREY, INK, PARTITION, all_shortened, mark_source, panels

JUDGED_BY_TEST = (
    ("test_accuracy", "o", PARTITION["test"], "test accuracy"),
    ("test_macro_f1", "D", GREY, "test macro F1"),
)
JUDGED_BY_FOLDS = (("cross_validated_accuracy", "o", PARTITION["train"], "cross-validated accuracy"),)


def remedies(table: pd.DataFrame, found: dict, source: str) -> Figure:
    """Per remedy: validation and test accuracy and test macro F1, with their deviations over the seeds.

    Without test classes: validation and cross-validated accuracy.

    Args:
        table: mitigations.csv. found: `majority` and `ceiling`, as in mitigate/summary.json; None where not known.
    """
    figure, (axes,) = panels(1, 1, height=1.4 + 0.3 * len(table))
    places = np.arange(len(table))
    for name, marker, colour, label in (
        ("validation_accuracy", "s", PARTITION["validation"], "validation accuracy"),
        *(JUDGED_BY_TEST if found["ceiling"] else JUDGED_BY_FOLDS),
    ):
        axes.errorbar(
            table[name], places, xerr=table[f"{name}_sd"].fillna(0.0), fmt=marker, color=colour, label=label, capsize=2
        )
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
    names = all_shortened(name.replace("_", " ") for name in table["mitigation"])
    axes.set_yticks(places, names)
    for label, name in zip(axes.get_yticklabels(), table["recommended"]):
        label.set_fontweight("bold" if name == "yes" else "normal")
    axes.set(xlabel="share", ylim=(len(table) - 0.4, -0.6), xlim=(0, 1))
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside upper left", ncols=3)
    return mark_source(figure, source)
