"""Numbers followed from what a page is made of to its text, to find those that a template wrote or computed itself."""

import functools
import re
from types import SimpleNamespace
from unittest import mock

from markupsafe import escape

from gapscope.reporting.page import numbers, rendering
from markup import Tree
from stage_scripts import stage

OPEN, SHUT = "\ue000", "\ue001"  # around each followed number; no page has these characters
NOT_RESULTS = ("maths", "figures", "downloads", "settings_uri")
READ = ("p", "li", "td", "caption", "figcaption", "summary", "dd", "h1", "h2", "h3")  # headings of rows are names
WORDS = re.compile(  # numbers that are the page's own words: names, publications, ends of scales
    r"(Figure|Table|[Aa]lgorithm) \d+|\(\d\d?\)|\b(F1|L2)\b|\b(1[89]|20)\d\d\b|section [\d.]+|method 10"
    r"|\b0\.5 (means|is chance)|5th and 95th|from 0 \(equal means\) to 1|1 for the same order|1/4 for sigmoid and 1"
    r"|(row|iteration|with|factor|length|below|near|less|sum to|sum|crosses) [01]\b|at −1 they"
)


def numbers_of(content):
    """All numbers in it and those that its texts are, but for places and sizes of drawings."""
    if isinstance(content, dict):
        content = [value for key, value in content.items() if key not in ("way", "figures")]
    if isinstance(content, (list, tuple)):
        return {value for one in content for value in numbers_of(one)}
    try:
        return {float(content)} - {float("nan")} if isinstance(content, (int, float, str)) else set()
    except ValueError:
        return set()


class Followed:
    """A number from the context; it prints itself between marks, and arithmetic makes it a usual one."""

    def __str__(self):
        return f"{OPEN}{self.usual()}{SHUT}"


class Whole(Followed, int):
    usual = int.__int__


class Real(Followed, float):
    usual = float.__float__


class Text(str):
    """A text from the context, whose numbers stand between marks; as the key of a dict it is as without."""

    def __str__(self):
        return re.sub(r"\d[\d.,e−-]*", lambda found: f"{OPEN}{found[0]}{SHUT}", self)

    def __html__(self):
        return escape(str(self))


def context_of(name, run):
    """The template of the stage's page and what it is made of; `run` runs the stage."""
    with mock.patch.dict(stage(name).__globals__, render=mock.Mock(return_value="")) as changed:
        run()
        return changed["render"].call_args.args


def unfollowed(template, context):
    """Texts with a number that is not of the context, and the numbers that the template computed, as they are shown."""
    computed = []
    forms = [_marking(form, computed) for form in (*numbers.FORMS, numbers.spread)]
    known = {key: value if key in NOT_RESULTS else _follow(value) for key, value in context.items()}
    marking = SimpleNamespace(FORMS=(*forms[:-1], length), **{one.__name__: one for one in forms})
    with mock.patch.object(rendering, "numbers", marking):
        page = rendering.render(template, known)
    page = re.sub(r"<(math|cite|code)\b.*?</\1>", "", page, flags=re.DOTALL)
    texts = (re.sub(f"{OPEN}[^{SHUT}]*{SHUT}", "", " ".join(text.split())) for text in Tree(page).texts(*READ))
    return [text for text in texts if re.search(r"\d", WORDS.sub("", text))], computed


def length(items):
    """Jinja's filter of that name: how many there are is a fact about the context, too."""
    return Whole(len(items))


def _follow(value):
    if isinstance(value, dict):
        return {key: _follow(one) for key, one in value.items()}
    if type(value) in (list, tuple):
        return [_follow(one) for one in value]
    return {int: Whole, float: Real, str: Text}.get(type(value), lambda same: same)(value)


def _marking(form, computed):
    """The form, whose results stand between marks."""

    @functools.wraps(form)
    def marked(*values):
        text = form(*map(_usual, values))
        if isinstance(values[0], str):
            return Text(text)
        if form.__name__ == "place" or not re.search(r"\d", text):
            return text
        if type(values[0]) in (int, float):
            computed.append(text)
        return f"{OPEN}{text}{SHUT}"

    return marked


def _usual(value):
    """What a form expects: numbers without their marks, forms without theirs."""
    if isinstance(value, Followed):
        return value.usual()
    if isinstance(value, dict):
        return {key: _usual(one) for key, one in value.items()}
    return [*map(_usual, value)] if isinstance(value, (list, tuple)) else getattr(value, "__wrapped__", value)
