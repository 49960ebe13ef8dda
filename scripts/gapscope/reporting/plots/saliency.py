"""Figures of the saliency: importance of encoded columns and of original features, by activation and method."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gapscope.reporting.plots.palette import GREY, INK
from gapscope.reporting.plots.style import all_shortened, colours, first_of, mark_source, nothing_to_show, panels

TITLES = {
    "winning_probability": "Winning class: mean |∂p/∂x|,\nrows classified right",
    "loss": "Loss: mean |∂L/∂x|,\nall rows",
    "gradient": "Gradient:\nchange of p",
    "integrated_gradients": "Integrated\ngradients: of p",
    "permutation_validation": "Accuracy lost,\nvalidation",
    "permutation_test": "Accuracy lost,\ntest",
}
MOST = 30  # bars that still read well


def columns(records: list[dict], source: str) -> Figure:
    """Bars per encoded column, in falling order of the largest importance; the first MOST of them.

    Args:
        records: of saliency.csv. source: where the data comes from; simulated data is marked.
    """
    own = [record for record in records if record["level"] == "column"]
    return _bars(own, own, source)


def features(records: list[dict], source: str) -> Figure:
    """Bars per original feature, in falling order of permutation importance, or of the last method where it is not."""
    own = [record for record in records if record["level"] == "feature"]
    methods = [name for name in _different(own, "method") if name != "permutation_test"]
    judge = "permutation_validation" if "permutation_validation" in methods else (methods or ["permutation_test"])[-1]
    return _bars(own, [record for record in own if record["method"] == judge], source)


def _bars(records: list[dict], judging: list[dict], source: str) -> Figure:
    """One panel per method, one colour per activation, one group of bars per feature, the most important on top.

    `judging`: the records by whose largest importance features are ordered.
    """
    if not records:
        return nothing_to_show("No such method in saliency.methods.")
    methods, activations = _different(records, "method"), _different(records, "activation")
    names = sorted(_different(judging, "feature"))
    most = [np.fmax.reduce([one["importance"] for one in judging if one["feature"] == name]) for name in names]
    order = [names[place] for place in np.argsort(-np.array(most), kind="stable")][:MOST][::-1]
    height = 0.9 + 0.11 * len(order) * (1 + len(activations))
    figure, axes = panels(1, len(methods), height=height, sharey=True)
    for ax, method in zip(axes, methods):
        _panel(ax, [record for record in records if record["method"] == method], order, activations)
        ax.set_title(TITLES[method], fontsize=9 if len(methods) < 3 else 8)
    axes[0].set_yticks(range(len(order)), all_shortened(order))
    axes[0].set_ylim(-0.6, len(order) - 0.4)
    first_of(figure, len(order), len(names), "by importance")
    figure.legend(*axes[0].get_legend_handles_labels(), ncols=len(activations), loc="outside upper left")
    return mark_source(figure, source)


def _different(records: list[dict], key: str) -> list[str]:
    return list(dict.fromkeys(record[key] for record in records))


def _panel(ax: Axes, records: list[dict], order: list[str], activations: list[str]) -> None:
    """Bars; with two standard errors to either side where they are known."""
    thickness = 0.8 / len(activations)
    for place, (name, colour) in enumerate(colours(activations).items()):
        own = {
            one["feature"]: (one["importance"], one["standard_error"]) for one in records if one["activation"] == name
        }
        importance, errors = np.array([own.get(feature, (np.nan, np.nan)) for feature in order]).T
        y = np.arange(len(order)) - (place - (len(activations) - 1) / 2) * thickness
        ax.barh(
            y,
            importance,
            thickness,
            xerr=None if np.isnan(errors).all() else 2 * errors,
            color=colour,
            label=name,
            error_kw={"elinewidth": 0.8, "ecolor": INK},
        )
    ax.xaxis.set_major_locator(MaxNLocator(3, prune="upper"))
    ax.grid(axis="y", visible=False)
    ax.axvline(0.0, color=GREY, linewidth=0.8)
