"""Figures of the shared bias: convergence of both networks, and the bias's derivative along its two paths."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gapscope.reporting.page.numbers import number
from gapscope.reporting.plots.palette import INK, OLIVE, ROSE, TEAL, WINE
from gapscope.reporting.plots.style import log_scale, mark_source, panels, touch

TOLD = 40  # iterations whose value a reader can touch
NETWORKS = {"shared": ("One shared bias", ROSE, "-"), "independent": ("Two biases", TEAL, "--")}
PATHS = {
    "hidden_path_norm": ("through the hidden layer", WINE, "-"),
    "output_path_norm": ("straight from the output", OLIVE, "--"),
}


def convergence(curves: list[dict], source: str) -> Figure:
    """Training loss and accuracy by iteration: a thin line for each seed, a thick one for their mean."""
    figure, (loss, accuracy) = panels(1, 2)
    for name, look in NETWORKS.items():
        _lines(loss, curves, name, "loss", *look)
        _lines(accuracy, curves, name, "accuracy", *look)
    loss.set(title="Training loss", ylabel="cross-entropy (nats)")
    log_scale(loss, "y")
    accuracy.set(title="Training accuracy", ylabel="accuracy")
    loss.legend()
    return mark_source(figure, source)


def paths(curves: list[dict], source: str) -> Figure:
    """Norms of the bias's derivative on each path, for both networks, and the cosine between the paths."""
    figure, (shared, independent, cosine) = panels(1, 3, width=9.0)
    for axes, name in ((shared, "shared"), (independent, "independent")):
        for column, look in PATHS.items():
            _lines(axes, curves, name, column, *look, logarithmic=True)
        axes.set_title(NETWORKS[name][0])
    shared.sharey(independent)
    log_scale(shared, "y")
    shared.set_ylabel("norm of the derivative")
    independent.tick_params(labelleft=False)
    independent.legend(loc="lower left")
    for name, look in NETWORKS.items():
        _lines(cosine, curves, name, "path_cosine", *look)
    cosine.axhline(0.0, color=INK, linewidth=0.6)
    cosine.set(
        title="Cosine of the two paths", ylabel="cosine", ylim=(-1.05, 1.75), yticks=[-1, -0.5, 0, 0.5, 1]
    )  # room for the legend
    cosine.legend(loc="upper left")
    return mark_source(figure, source)


def _lines(axes: Axes, curves: list[dict], network: str, column: str, label, colour, dashes, logarithmic=False) -> None:
    """Draw a thin line per seed of the network and their mean, the geometric mean if `logarithmic`."""
    values = _by_seed([record for record in curves if record["network"] == network], column)
    iterations = np.arange(len(values))
    drawn = axes.plot(iterations, values, color=colour, linewidth=0.6, alpha=0.5)
    mean = np.exp(np.ma.log(values).mean(axis=1)) if logarithmic else values.mean(axis=1)
    drawn += axes.plot(iterations, mean.filled(np.nan), color=colour, linestyle=dashes, label=label)
    told = np.unique(np.geomspace(1, len(values), TOLD).astype(int)) - 1
    words = [f"{label}, iteration {place}: {number(float(mean[place]))}" for place in told if not mean.mask[place]]
    touch(axes, told, mean.filled(np.nan)[told], words, label, drawn)
    axes.set_xscale("symlog", linthresh=1)  # most happens early, and iteration 0 is shown too
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set(xlabel="iteration", xlim=(0, max(iterations[-1], 1)))  # a run that diverges at once has one state


def _by_seed(records: list[dict], column: str) -> np.ma.MaskedArray:
    """Values (iterations, seeds), masked where a run has ended."""
    seeds = sorted({record["seed"] for record in records})
    values = np.ma.masked_all((1 + max(record["iteration"] for record in records), len(seeds)))
    for record in records:
        values[record["iteration"], seeds.index(record["seed"])] = record[column]
    return values
