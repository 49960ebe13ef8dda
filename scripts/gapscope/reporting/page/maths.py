"""LaTeX as MathML, which browsers typeset without any script."""

import re
from functools import cache

from latex2mathml.converter import convert
from markupsafe import Markup, escape


@cache
def mathml(latex: str, display: str = "inline") -> Markup:
    """A formula as a <math> element; `display` is inline or block. Raises latex2mathml's error for wrong LaTeX."""
    # HTML knows the element by its name: without this address the page names none.
    return Markup(convert(latex, display=display).replace(' xmlns="http://www.w3.org/1998/Math/MathML"', ""))


def prose(text: str) -> Markup:
    """Plain text with formulas between dollar signs, and links for (8) and the like.

    For the page's own words only: data may hold dollar signs.
    """
    parts = text.split("$")
    if len(parts) % 2 == 0:
        raise ValueError(f"a dollar sign without its pair in: {text}")
    return Markup("").join(mathml(part) if place % 2 else _linked(part) for place, part in enumerate(parts))


def _linked(words: str) -> Markup:
    """Escaped, and with a link for the number of each equation."""
    return Markup(re.sub(r"\((\d{1,2})\)", r'<a href="#equation-\1">(\1)</a>', str(escape(words))))
