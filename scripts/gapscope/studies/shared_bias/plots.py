"""Figures on the shared bias: how both networks converge, and what reaches the bias on either of its paths."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from gapscope.reporting.plots.palette import GREY, INK, OLIVE, WINE
from gapscope.reporting.plots.style import mark_source, panels

NETWORKS = {"shared": ("One shared bias", INK, "-"), "independent": ("Two biases", GREY, "--")}
PATHS = {
    "hidden_path_norm": ("through the hidden layer", WINE, "-"),
    "output_path_norm": ("straight from the output", OLIVE, "--"),
}


def convergence(curves: list[dict], source: str) -> Figure:
    """Training loss and accuracy by iteration: a thin line for each seed, a thick one for their mean.

    Args:
        curves: records of network, seed, iteration, loss, accuracy.
        source: where the data comes from; simulated data is marked.
    """
    figure, (loss, accuracy) = panels(1, 2)
    for name, look in NETWORKS.items():
        own = _of(curves, name)
        _lines(loss, own, "loss", *look)
        _lines(accuracy, own, "accuracy", *look)
    loss.set(title="Training loss", ylabel="cross-entropy (nats)", yscale="log")
    loss.yaxis.set_minor_locator(LogLocator(subs=(2, 3, 4, 5, 6, 8)))
    loss.yaxis.set_major_formatter("{x:g}")
    loss.yaxis.set_minor_formatter("{x:g}")
    accuracy.set(title="Training accuracy", ylabel="share of rows classified rightly")
    loss.legend()
    return mark_source(figure, source)


def paths(curves: list[dict], source: str) -> Figure:
    """Norms of the bias's derivative on either path, for both networks, and the cosine between the paths.

    Args:
        curves: records of network, seed, iteration, hidden_path_norm, output_path_norm, path_cosine.
        source: where the data comes from; simulated data is marked.
    """
    figure, (shared, independent, cosine) = panels(1, 3, width=9.0)
    for axes, name in ((shared, "shared"), (independent, "independent")):
        for column, look in PATHS.items():
            _lines(axes, _of(curves, name), column, *look, logarithmic=True)
        axes.set(title=NETWORKS[name][0], yscale="log")
    shared.sharey(independent)
    shared.yaxis.set_major_formatter("{x:g}")
    shared.set_ylabel("norm of the derivative")
    independent.tick_params(labelleft=False)
    independent.legend(loc="lower left")
    for name, look in NETWORKS.items():
        _lines(cosine, _of(curves, name), "path_cosine", *look)
    cosine.axhline(0.0, color=INK, linewidth=0.6)
    cosine.set(title="Cosine of the two paths", ylabel="-1: they cancel")
    cosine.set(ylim=(-1.05, 1.75), yticks=[-1, -0.5, 0, 0.5, 1])  # room for the legend
    cosine.legend(loc="upper left")
    return mark_source(figure, source)


def _of(curves: list[dict], network: str) -> list[dict]:
    return [record for record in curves if record["network"] == network]


def _lines(
    axes: Axes, records: list[dict], column: str, label: str, colour: str, dashes: str, logarithmic: bool = False
) -> None:
    """A thin line per seed and their mean (the geometric mean, of logarithmic figures) over the iterations."""
    wide = _by_seed(records, column)
    iterations = np.arange(len(wide))
    axes.plot(iterations, wide, color=colour, linewidth=0.6, alpha=0.5)
    mean = np.exp(_mean(np.log(np.where(wide > 0, wide, np.nan)))) if logarithmic else _mean(wide)
    axes.plot(iterations, mean, color=colour, linestyle=dashes, label=label)
    axes.set_xscale("symlog", linthresh=1)  # most happens early, and iteration 0 is shown too
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set(xlabel="iteration", xlim=(0, max(iterations[-1], 1)))  # one state is left of runs that diverge at once


def _by_seed(records: list[dict], column: str) -> np.ndarray:
    """Its values (iterations, seeds), NaN after a run that diverged."""
    place = {seed: place for place, seed in enumerate(sorted({record["seed"] for record in records}))}
    wide = np.full((1 + max(record["iteration"] for record in records), len(place)), np.nan)
    for record in records:
        wide[record["iteration"], place[record["seed"]]] = record[column]
    return wide


def _mean(wide: np.ndarray) -> np.ndarray:
    """Over the seeds that have a value; NaN where none has."""
    present = np.isfinite(wide)
    number = present.sum(axis=1)
    return np.where(number > 0, np.where(present, wide, 0.0).sum(axis=1) / np.maximum(number, 1), np.nan)
