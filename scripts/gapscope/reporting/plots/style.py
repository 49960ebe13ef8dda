"""The look that all figures share: size, type, labels, and how a figure becomes a file. Colours are in palette."""

import html
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator

from gapscope.common.files import whole
from gapscope.reporting.plots.palette import ACTIVATION, GREY, GRID, INK, MARK, PAPER, SEQUENCE

LONGEST = 29  # characters of a name
FONT = "DejaVu Sans"  # a reader without it sees Verdana, which is as wide, or a narrower one
POINTS = 72  # per inch: the units of an SVG file

STYLE = {
    "font.family": FONT,
    "font.size": 9,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
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
    "svg.fonttype": "none",  # letters stay text, in the fonts that the reader's browser has
    "text.parse_math": False,  # a "$" in a column or category name is a dollar sign
}
matplotlib.rcParams.update(STYLE)


class Drawing(Figure):
    """A figure that knows which of its points a reader can touch, and how many artists belong to a series."""

    def __init__(self, **options):
        super().__init__(layout="constrained", **options)
        self.touched: list[tuple] = []
        self.tagged = 0


def panels(rows: int, columns: int, width: float = 7.2, height: float = 2.6, **options) -> tuple[Drawing, list[Axes]]:
    """A figure with rows x columns panels, and its axes, row by row.

    Parameters
    ----------
    width : of the figure, in inches.
    height : of each row of panels, in inches.
    options : of Matplotlib's `subplots`.
    """
    figure = Drawing(figsize=(width, height * rows))
    return figure, list(figure.subplots(rows, columns, squeeze=False, **options).flat)


def grid(count: int, columns: int, **options) -> tuple[Drawing, list[Axes]]:
    """A figure with `count` panels, at most `columns` beside each other, as `panels` makes it, and their axes."""
    columns = min(columns, count)
    figure, axes = panels(-(-count // columns), columns, **options)
    for unused in axes[count:]:
        unused.set_visible(False)
    return figure, axes[:count]


def touch(axes: Axes, x: Sequence, y: Sequence, words: Iterable[str], series: str = "", artists: Iterable = ()) -> None:
    """Let readers of the page touch the points at `x` and `y`, in data units: `words` has what each of them says.

    Points and `artists` of a series, such as "relu", are switched on and off together.
    """
    figure = axes.figure
    figure.touched += [(axes, *point, text, series) for *point, text in zip(x, y, words)]
    for artist in artists if series else ():
        figure.tagged += 1
        artist.set_gid(f"series:{figure.tagged}:{series}")


def all_of(container) -> list:
    """The artists of bars or of points, with those of their errors, one by one."""
    errors = getattr(container, "errorbar", None)
    return [*container.get_children(), *(errors.get_children() if errors else ())]


def write_figure(path: str, figure: Drawing) -> None:
    """Write a figure as SVG with the same bytes every time; its label becomes the file's description.

    The attribute data-points of its root has what `touch` noted, as [x, y, words, series] in the file's own units.
    """
    metadata = {"Date": None, "Creator": None, "Description": figure.get_label() or None}
    with whole(path) as temporary, matplotlib.rc_context({"svg.hashsalt": "gapscope"}):
        figure.set_dpi(POINTS)
        figure.draw_without_rendering()
        paper = figure.get_tightbbox().padded(matplotlib.rcParams["savefig.pad_inches"])
        figure.savefig(temporary, format="svg", bbox_inches=paper, metadata=metadata)
        points = [
            [round(place - POINTS * paper.x0, 1), round(POINTS * paper.y1 - height, 1), words, series]
            for axes, x, y, words, series in figure.touched
            for place, height in [axes.transData.transform((x, y))]
            if np.isfinite([place, height]).all()
        ]
        noted = f'<svg data-points="{html.escape(json.dumps(points, ensure_ascii=False))}" ' if points else "<svg "
        svg = Path(temporary).read_text(encoding="utf-8")
        svg = svg.replace("<svg ", noted, 1).replace(f"family: '{FONT}'", f"family: '{FONT}', Verdana, sans-serif")
        Path(temporary).write_text(svg, encoding="utf-8")


def mark_source(figure: Figure, source: str) -> Figure:
    """Write on the figure that its data is simulated, if it is, and return the figure."""
    if source == "simulated":
        figure.set_label("simulated data")
        figure.text(1.0, 0.0, "simulated data", ha="right", va="top", fontsize=7.5, color=MARK)
    return figure


def colours(names: list[str]) -> dict[str, str]:
    """A colour for each name: an activation's own, or the next of the sequence."""
    return {name: ACTIVATION.get(name, SEQUENCE[place % len(SEQUENCE)]) for place, name in enumerate(names)}


def class_colours(classes: int) -> list:
    """Colours from dark to light in the order of the classes, as far apart as their number allows."""
    return list(matplotlib.colormaps["cividis"](np.linspace(0.2, 0.95, classes)))


def shortened(name: str, longest: int = LONGEST, head: float = 0.6) -> str:
    """The name, or its beginning and end if it is too long for an axis; `head` is the beginning's share."""
    name, first = str(name), round(head * (longest - 1))
    return name if len(name) <= longest else f"{name[:first]}…{name[len(name) - longest + 1 + first :]}"


def all_shortened(names: Iterable, longest: int = LONGEST) -> list[str]:
    """The names, cut where they stay distinct; if they do not anywhere, with a number in place of the end."""
    names = list(map(str, names))
    for head in (0.6, 0.9, 0.1):
        short = [shortened(name, longest, head) for name in names]
        if len(set(short)) == len(set(names)):
            return short
    return [name if len(name) <= longest else f"{name[: longest - 4]}… {place}" for place, name in enumerate(names, 1)]


def log_scale(axes: Axes, axis: str) -> None:
    """A log scale for `axis`, "x" or "y", with plain numbers: the fewer decades are drawn, the more within each."""
    axes.set(**{f"{axis}scale": "log"})
    scale = axes.xaxis if axis == "x" else axes.yaxis
    low, high = axes.get_xlim() if axis == "x" else axes.get_ylim()
    within = (1, 2, 3, 5, 7) if high < 30 * low else (1, 3) if high < 1e4 * low else (1,)
    scale.set_major_locator(LogLocator(subs=within))
    scale.set_major_formatter("{x:g}")
    scale.set_minor_locator(NullLocator())


def note_omitted(figure: Figure, shown: int, total: int, what: str) -> None:
    """Write below the figure how many of all it shows, unless it shows all."""
    if shown < total:
        figure.supxlabel(f"{shown} of {total} {what}; the data below the figure on the page has all", fontsize=7.5)


def mark_value(axes: Axes, value: float, name: str, colour: str = INK, align: str = "left", shift: int = 0) -> None:
    """A dotted vertical line at `value`, with its name and value above the axes, `shift` points to the right."""
    axes.axvline(value, color=colour, linewidth=1.0, linestyle=":")
    where = {"xycoords": ("data", "axes fraction"), "xytext": (shift, 3), "textcoords": "offset points"}
    axes.annotate(f"{name} {value:.3f}", (value, 1), ha=align, fontsize=8, **where)


def legend_of(figure: Figure, colours: dict[str, str], looks: dict[str, dict]) -> None:
    """A legend above the figure: each name's colour, then each look of a line."""
    lines = [Line2D([], [], color=colour, linewidth=3, label=name) for name, colour in colours.items()]
    lines += [Line2D([], [], **{"color": GREY, **look}, label=name) for name, look in looks.items()]
    figure.legend(handles=lines, loc="outside upper left", ncols=6, fontsize=8)


def nothing_to_show(why: str) -> Drawing:
    """A figure that only says why there is nothing to show."""
    figure, (axes,) = panels(1, 1, height=0.8)
    axes.text(0.5, 0.5, why, ha="center", va="center")
    axes.set_axis_off()
    return figure
