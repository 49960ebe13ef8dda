"""Figures of the saliency: importance of encoded columns and of original features, by activation and method."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gapscope.reporting.page.numbers import number
from gapscope.reporting.plots import style
from gapscope.reporting.plots.palette import GREY, INK

TITLES = {
    "winning_probability": "Winning class: mean |∂p/∂x|,\nrows classified right",
    "loss": "Loss: mean |∂L/∂x|,\nall rows",
    "gradient": "Gradient:\nchange of p",
    "integrated_gradients": "Integrated\ngradients: of p",
    "permutation_validation": "Accuracy lost,\nvalidation",
    "permutation_test": "Accuracy lost,\ntest",
}
MOST = 30  # features in a figure


def columns(records: list[dict], source: str) -> Figure:
    """Bars for the MOST encoded columns with the largest importance, in falling order.

    `records`: rows of saliency.csv.
    """
    of_columns = [record for record in records if record["level"] == "column"]
    return _bars(of_columns, of_columns, source)


def features(records: list[dict], source: str) -> Figure:
    """Bars for the MOST original features, in falling order of permutation importance or else of the last method.

    `records`: rows of saliency.csv.
    """
    of_features = [record for record in records if record["level"] == "feature"]
    methods = [name for name in _distinct(of_features, "method") if name != "permutation_test"]
    judge = "permutation_validation" if "permutation_validation" in methods else (methods or ["permutation_test"])[-1]
    return _bars(of_features, [record for record in of_features if record["method"] == judge], source)


def _bars(records: list[dict], judging: list[dict], source: str) -> Figure:
    """One panel per method, one group of bars per feature, ordered by the largest importance among `judging`."""
    if not records:
        return style.nothing_to_show("No such method in saliency.methods.")
    methods, activations = _distinct(records, "method"), _distinct(records, "activation")
    names = sorted(_distinct(judging, "feature"))
    largest = [np.fmax.reduce([row["importance"] for row in judging if row["feature"] == name]) for name in names]
    order = [names[place] for place in np.argsort(-np.array(largest), kind="stable")][:MOST][::-1]
    height = 0.9 + 0.11 * len(order) * (1 + len(activations))
    figure, axes_of_methods = style.panels(1, len(methods), height=height, sharey=True)
    for axes, method in zip(axes_of_methods, methods):
        _panel(axes, [record for record in records if record["method"] == method], order, activations)
        axes.set_title(TITLES[method], fontsize=9 if len(methods) < 3 else 8)
    first = axes_of_methods[0]
    first.set_yticks(range(len(order)), style.all_shortened(order))
    first.set_ylim(-0.6, len(order) - 0.4)
    style.note_omitted(figure, len(order), len(names), "by importance")
    figure.legend(*first.get_legend_handles_labels(), ncols=len(activations), loc="outside upper left")
    return style.mark_source(figure, source)


def _distinct(records: list[dict], key: str) -> list[str]:
    return list(dict.fromkeys(record[key] for record in records))


def _panel(axes: Axes, records: list[dict], order: list[str], activations: list[str]) -> None:
    """Bars of one method, with two standard errors to either side where these are known."""
    thickness = 0.8 / len(activations)
    known = {(row["activation"], row["feature"]): (row["importance"], row["standard_error"]) for row in records}
    for place, (name, colour) in enumerate(style.colours(activations).items()):
        importance, errors = np.array([known.get((name, feature), (np.nan, np.nan)) for feature in order]).T
        y = np.arange(len(order)) - (place - (len(activations) - 1) / 2) * thickness
        xerr = None if np.isnan(errors).all() else 2 * errors
        error_look = {"elinewidth": 0.8, "ecolor": INK}
        bars = axes.barh(y, importance, thickness, xerr=xerr, color=colour, label=name, error_kw=error_look)
        words = [f"{feature}, {name}: {number(value)}" for feature, value in zip(order, importance)]
        style.touch(axes, importance, y, words, name, style.all_of(bars))
    axes.xaxis.set_major_locator(MaxNLocator(2, prune="upper"))
    axes.grid(axis="y", visible=False)
    axes.axvline(0.0, color=GREY, linewidth=0.8)
