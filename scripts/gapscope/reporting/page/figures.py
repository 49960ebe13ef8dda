"""Figures inside the page: each SVG as a data: address, with its number and its size, light or dark as the page is."""

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from gapscope.reporting.plots.palette import DARK

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
    svg = Path(path).read_text(encoding="utf-8")
    root = re.search(r"<svg\b[^>]*>", svg)
    sizes = [root and re.search(rf"\b{side}=\"([\d.]+)pt\"", root[0]) for side in ("width", "height")]
    if None in sizes:
        raise ValueError(f"{path}: expected an SVG with its width and height in points")
    width, height = (round(float(size[1]) * PIXELS_PER_POINT) for size in sizes)
    whole = lighter(svg.replace(root[0], root[0] + STYLE, 1)).encode("utf-8")
    return Embedded(number, "data:image/svg+xml;base64," + base64.b64encode(whole).decode("ascii"), width, height)


def lighter(svg: str) -> str:
    """The same drawing without comments and without the spaces that only lay out its text."""
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL))


def numbered(paths: dict[str, str], first: int = 1) -> dict[str, Embedded]:
    """Figures by name, numbered from `first` on in the order of `paths`, which is that of the page."""
    return {name: embedded(path, number) for number, (name, path) in enumerate(paths.items(), first)}


def _dark() -> str:
    """Rules that replace the figures' colours where the reader's screen is dark; Matplotlib writes them as styles."""
    rules = [
        f'[style*="{side}: {light.lower()}"]{{{side}:{dark.lower()}!important}}'
        for light, dark in DARK.items()
        for side in ("fill", "stroke")
    ]
    return "<style>@media screen and (prefers-color-scheme: dark){" + "".join(rules) + "}</style>"


STYLE = _dark()
