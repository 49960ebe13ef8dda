"""The look that all figures share: size and type; the colours are in palette."""

from collections.abc import Iterable

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gapscope.reporting.plots.palette import ACTIVATION, GRID, INK, MARK, PAPER, SEQUENCE

LONGEST = 29  # letters of a name

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "svg.fonttype": "path",
    "text.parse_math": False,  # a "$" in a column or category name is a dollar sign
}
matplotlib.rcParams.update(STYLE)


def panels(rows: int, columns: int, width: float = 7.2, height: float = 2.6, **options) -> tuple[Figure, list[Axes]]:
    """A figure of `width` inches with rows x columns panels of `height` inches each, and its axes, row by row."""
    figure = Figure(figsize=(width, height * rows), layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False, **options).flat)


def mark_source(figure: Figure, source: str) -> Figure:
    """Says on the figure itself that its data is simulated."""
    if source == "simulated":
        figure.set_label("simulated data")
        figure.text(1.0, 0.0, "simulated data", ha="right", va="top", fontsize=7.5, color=MARK)
    return figure


def colours(names: list[str]) -> dict[str, str]:
    """A fixed colour per name, in order; activations keep their own."""
    return {name: ACTIVATION.get(name, SEQUENCE[place % len(SEQUENCE)]) for place, name in enumerate(names)}


def class_colours(classes: int) -> list:
    """From dark to light, in the order of the classes; as far apart as their number allows."""
    return list(matplotlib.colormaps["cividis"](np.linspace(0.2, 0.95, classes)))


def shortened(name: str, longest: int = LONGEST, head: float = 0.6) -> str:
    """The beginning and the end of a name that is too long for an axis; `head`: the beginning's share."""
    name, first = str(name), round(head * (longest - 1))
    return name if len(name) <= longest else f"{name[:first]}…{name[len(name) - longest + 1 + first :]}"


def all_shortened(names: Iterable, longest: int = LONGEST) -> list[str]:
    """The names, cut where they can still be told apart; else with a number in place of the end."""
    names = list(map(str, names))
    for head in (0.6, 0.9, 0.1):
        short = [shortened(name, longest, head) for name in names]
        if len(set(short)) == len(set(names)):
            return short
    return [name if len(name) <= longest else f"{name[: longest - 4]}… {place}" for place, name in enumerate(names, 1)]


def first_of(figure: Figure, shown: int, of: int, what: str) -> None:
    """Says below the figure that it shows a part only."""
    if shown < of:
        figure.supxlabel(f"{shown} of {of} {what}; the data below the figure on the page has all", fontsize=7.5)


def name_lines(axes: Axes, ends: list[tuple[float, str]], looks: list[str], size: float = 8) -> None:
    """Names to the right of the axes, each beside the end of its line and none upon another.

    Args:
        ends: the last value of each line, in data units, and its name. Call it once the scale and the limits are set.
        looks: the lines' colours.
    """
    axes.get_ylim()  # Matplotlib sets the limits when it is asked for them; transData alone does not ask
    height = axes.figure.get_size_inches()[1] / axes.get_gridspec().nrows * 0.7 * 72  # of the axes, in points
    true = [axes.transAxes.inverted().transform(axes.transData.transform((0, end)))[1] for end, _ in ends]
    for (_, name), end, place, colour in zip(ends, true, spread_out(true, 1.35 * size / height), looks):
        line = {"arrowstyle": "-", "color": colour, "linewidth": 1.2, "relpos": (0, 0.5), "shrinkA": 1, "shrinkB": 0}
        axes.annotate(
            name, (1, end), (1.06, place), "axes fraction", "axes fraction", va="center", fontsize=size, arrowprops=line
        )


def spread_out(places: list[float], least: float) -> np.ndarray:
    """The places moved apart to `least` or more, no further than needed, in the same order; equal ones as they come."""
    order = np.argsort(places, kind="stable")
    blocks: list[list] = []  # of places that touch: mean, how many
    for place in np.array(places)[order]:
        blocks.append([place, 1])
        while len(blocks) > 1 and blocks[-1][0] - blocks[-2][0] < least * (blocks[-1][1] + blocks[-2][1]) / 2:
            (one, many), (other, more) = blocks.pop(), blocks.pop()
            blocks.append([(one * many + other * more) / (many + more), many + more])
    moved = np.empty(len(places))
    moved[order] = [mean + least * (place - (size - 1) / 2) for mean, size in blocks for place in range(size)]
    return moved


def nothing_to_show(why: str) -> Figure:
    """A figure that says why there is none."""
    figure, (axes,) = panels(1, 1, height=0.8)
    axes.text(0.5, 0.5, why, ha="center", va="center")
    axes.set_axis_off()
    return figure
