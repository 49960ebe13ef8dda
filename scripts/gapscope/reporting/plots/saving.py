"""Figures as files."""

import matplotlib
from matplotlib.figure import Figure

from gapscope.common.files import whole


def write_figure(path: str, figure: Figure) -> None:
    """A matplotlib figure as SVG, the same bytes every time; its label becomes the description."""
    metadata = {"Date": None, "Creator": None, "Description": figure.get_label() or None}
    with whole(path) as temporary, matplotlib.rc_context({"svg.hashsalt": "gapscope"}):
        figure.savefig(temporary, format="svg", bbox_inches="tight", metadata=metadata)
