"""The look that all figures share: size, type, and one colour for one thing on the whole page."""

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's palette (2008), distinguishable with any colour vision.
BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, YELLOW, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#F0E442",
    "#6B6B6B",
)
PARTITION = {"train": BLUE, "validation": GREEN, "test": VERMILION}
ACTIVATION = {"relu": BLUE, "sigmoid": ORANGE, "tanh": PURPLE}
SEQUENCE = [BLUE, SKY, GREEN, ORANGE, VERMILION, PURPLE, YELLOW, GREY]

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "figure.facecolor": "white",
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
        figure.text(1.0, 1.0, "simulated data", ha="right", va="bottom", fontsize=7.5, color="#A34700")
    return figure


def colours(names: list[str]) -> dict[str, str]:
    """A fixed colour per name, in order; activations keep their own."""
    return {name: ACTIVATION.get(name, SEQUENCE[place % len(SEQUENCE)]) for place, name in enumerate(names)}


def nothing_to_show(why: str) -> Figure:
    """A figure that says why there is none."""
    figure, (axes,) = panels(1, 1, height=0.8)
    axes.text(0.5, 0.5, why, ha="center", va="center")
    axes.set_axis_off()
    return figure
