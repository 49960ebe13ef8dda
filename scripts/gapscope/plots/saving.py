"""Figures as files."""

import matplotlib
from matplotlib.figure import Figure

from gapscope.files import whole


def write_figure(path: str, figure: Figure) -> None:
    """A matplotlib figure as SVG, the same bytes every time."""
    with whole(path) as temporary, matplotlib.rc_context({"svg.hashsalt": "gapscope"}):
        figure.savefig(temporary, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
