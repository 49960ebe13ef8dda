"""A page from its template: every text from data is escaped, and a name that is not given is an error."""

from itertools import count
from pathlib import Path

import jinja2
from markupsafe import Markup

from gapscope.report import numbers
from gapscope.report.maths import mathml, prose

FOLDER = Path(__file__).resolve().parents[3] / "workflow" / "report"


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
    forms = (numbers.number, numbers.share, numbers.signed, numbers.percent, numbers.span, numbers.text, mathml, prose)
    environment.filters |= {form.__name__: form for form in forms}
    style = Markup((FOLDER / "style.css").read_text(encoding="utf-8"))
    tables = count(1)
    return environment.get_template(template).render(
        style=style, forms=numbers, spread=numbers.spread, next_table=lambda: next(tables), **context
    )
