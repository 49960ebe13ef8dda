"""Figures inside the page: each SVG as a data: address, with its number and its size."""

import base64
import re
from dataclasses import dataclass
from pathlib import Path

PIXELS_PER_POINT = 4 / 3


@dataclass(frozen=True)
class Embedded:
    """`uri` holds the whole figure; width and height are its natural size in CSS pixels."""

    number: int
    uri: str
    width: int
    height: int


def embedded(path: str, number: int) -> Embedded:
    """The SVG at `path`, whose root element must give width and height in points, as Matplotlib writes them."""
    svg = Path(path).read_bytes()
    root = re.search(rb"<svg\b[^>]*>", svg)
    sizes = [root and re.search(rb"\b%s=\"([\d.]+)pt\"" % side, root[0]) for side in (b"width", b"height")]
    if None in sizes:
        raise ValueError(f"{path}: expected an SVG with its width and height in points")
    width, height = (round(float(size[1]) * PIXELS_PER_POINT) for size in sizes)
    return Embedded(number, "data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii"), width, height)


def numbered(paths: dict[str, str], first: int = 1) -> dict[str, Embedded]:
    """Figures by name, numbered from `first` on in the order of `paths`, which is that of the page."""
    return {name: embedded(path, number) for number, (name, path) in enumerate(paths.items(), first)}
