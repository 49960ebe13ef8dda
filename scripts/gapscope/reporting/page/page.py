"""A page from its template: every text from data is escaped, and a name that is not given is an error."""

import base64
import hashlib
from itertools import count
from pathlib import Path

import jinja2
from markupsafe import Markup

from gapscope.reporting.page import numbers
from gapscope.reporting.page.maths import mathml, prose

FOLDER = Path(__file__).resolve().parents[4] / "workflow" / "report"
FORMS = (
    *(numbers.number, numbers.share, numbers.amount, numbers.signed, numbers.percent, numbers.span, numbers.text),
    *(numbers.place, numbers.minus, mathml, prose),
)


def render(template: str, context: dict) -> str:
    """The page from workflow/report/<template>, filled with `context`. The same context gives the same bytes."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {form.__name__: form for form in FORMS}
    tables, script = count(1), _text("page.js")
    return environment.get_template(template).render(
        style=Markup(_text("style.css") + _text("tables.css") + _text("print.css")),
        script=Markup(script),
        script_hash=_hash(script),
        forms=numbers,
        spread=numbers.spread,
        next_table=lambda: next(tables),
        **context,
    )


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    """As a content security policy names the one script that may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
