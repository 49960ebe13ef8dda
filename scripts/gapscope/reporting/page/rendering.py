"""Pages from their templates: texts from data escaped, formulas as MathML, figures as addresses inside the page."""

import base64
import hashlib
import re
from functools import cache
from itertools import count
from pathlib import Path

import jinja2
from latex2mathml.converter import convert
from markupsafe import Markup, escape

from gapscope.config.defaults import read_yaml
from gapscope.reporting.page import numbers
from gapscope.reporting.plots.palette import DARK

FOLDER = Path(__file__).resolve().parents[4] / "workflow" / "report"
PIXELS_PER_POINT = 4 / 3
COLOURS = "".join(  # of figures, light or dark as the page is; Matplotlib writes colours as styles
    f'.plate [style*="{side}: {light.lower()}"]{{{side}:light-dark({light},{dark})!important}}'
    for light, dark in DARK.items()
    for side in ("fill", "stroke")
)


def render(template: str, context: dict) -> str:
    """The page as HTML; the same context gives the same bytes, and a name that the context lacks is an error.

    `template`: name of a file in workflow/report.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {form.__name__: form for form in (*numbers.FORMS, mathml, prose)}
    tables, script = count(1), _text("page.js")
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return environment.get_template(template).render(
        style=Markup(_text("style.css") + _text("tables.css") + COLOURS + _text("print.css")),
        script=Markup(script),
        script_hash="sha256-" + base64.b64encode(digest).decode("ascii"),  # the only script that may run
        forms=numbers,
        spread=numbers.spread,
        next_table=lambda: next(tables),
        **context,
    )


def derivations() -> dict:
    """The derivations that the page typesets, by name."""
    return read_yaml(FOLDER / "derivations.yaml")


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def mathml(latex: str, display: str = "inline") -> Markup:
    """The formula as a <math> element, which browsers typeset without a script; `display` is inline or block.

    Wrong LaTeX raises latex2mathml's error.
    """
    # HTML knows the element by its name; without this address the page names none
    return Markup(convert(latex, display=display).replace(' xmlns="http://www.w3.org/1998/Math/MathML"', ""))


def prose(text: str) -> Markup:
    """Plain text with formulas between dollar signs, and a link for the number of each equation, such as (8).

    Only for the page's own words: data may hold dollar signs.
    """
    parts = text.split("$")
    if len(parts) % 2 == 0:
        raise ValueError(f"a dollar sign without its pair in: {text}")
    return Markup("").join(mathml(part) if place % 2 else _linked(part) for place, part in enumerate(parts))


def _linked(words: str) -> Markup:
    return Markup(re.sub(r"\((\d{1,2})\)", r'<a href="#equation-\1">(\1)</a>', str(escape(words))))


def numbered(paths: dict[str, str], first: int = 1) -> dict[str, dict]:
    """Figures by name, numbered from `first` on in the order of `paths`, which is that of the page."""
    return {name: embedded(path, number, name) for number, (name, path) in enumerate(paths.items(), first)}


def embedded(path: str, number: int, name: str) -> dict:
    """The SVG at `path` as a part of the page: its ids begin with `name`, and only those that it uses are kept.

    Its root element must give width and height in points, as Matplotlib writes them. The start tag is left out: the
    figure has its attributes, and its natural width in CSS pixels.
    """
    svg = Path(path).read_text(encoding="utf-8")
    root = re.search(r"<svg\b[^>]*>", svg)
    sizes = [root and re.search(rf"\b{side}=\"([\d.]+)pt\"", root[0]) for side in ("width", "height")]
    if None in sizes:
        raise ValueError(f"{path}: expected an SVG with its width and height in points")
    width, height = (float(size[1]) for size in sizes)
    points = re.search(r'data-points="[^"]*"', root[0])
    return {
        "number": number,
        "attributes": Markup(f'viewBox="0 0 {width:g} {height:g}" {points[0] if points else ""}'),
        "content": Markup(_inside(svg[root.end() :], name)),
        "width": round(width * PIXELS_PER_POINT),
    }


def _inside(svg: str, name: str) -> str:
    """The inside of the root, without comments, description, styles and the spaces that only lay out its text."""
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    svg = re.sub(r'id="series:\d+:([^"]*)"', r'data-series="\1"', svg)
    svg = re.sub(r' id="([^"]*)"', lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", svg)
    svg = re.sub(r'(xlink:)?href="#|url\(#', lambda found: found[0].removeprefix("xlink:") + name + "-", svg)
    return re.sub(r"\s*\n\s*", "\n", svg)
