"""Training and test tables as people write them, each in its own way, with the true values of every cell."""

import csv
import datetime
import io
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

ROWS = {"train": 30, "test": 20}
CONVENTIONS = [(".", ""), (".", ","), (".", " "), (".", "'"), (",", ""), (",", "."), (",", "\u00a0")]
UNITS = ["{}", "{}", "{}", "${}", "{} %", "{} kg", "€ {}", "USD {}"]
DATES = ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d %H:%M:%S", "%d %b %Y", "%d%b%Y", "%Y%m%d"]
WORDS = ["NA", "None", "n/a", "null"]
TRUTHS = [
    ("False", "True"),
    ("FALSE", "TRUE"),
    ("false", "true"),
    ("0", "1"),
    ("no", "yes"),
    ("N", "Y"),
    ("0.0", "1.0"),
]
CLASSES = [("lo", "hi"), ("LO", "Hi"), ("None", "some")]
ENCODINGS = [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-8", "cp1252"), ("cp1252", "utf-8"), ("utf-16", "utf-16")]
FIRST = datetime.datetime(1990, 1, 1)


@dataclass
class Written:
    """`files`: train and test -> content. `true`: of each, column -> values. `cells`: column -> texts as written.

    `swallowed`: a stray quote holds several rows of the training file. `encoding`: the one to ask start.py for.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    true: dict[str, dict[str, list]] = field(default_factory=dict)
    cells: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    swallowed: bool = False
    encoding: str = "utf-8"


def number(value: float, digits: int, sign: str, group: str) -> str:
    """The number as Python formats it, in this convention; a thousands sign may be none."""
    whole, _, part = f"{abs(value):,.{digits}f}".partition(".")
    text = whole.replace(",", group) + (sign + part if part else "")
    return f"-{text}" if value < 0 else text


@st.composite
def written_tables(draw) -> Written:
    """Hypothesis draws how tables are written, and NumPy their values."""
    rng, found = np.random.default_rng(draw(st.integers(0, 2**32))), Written()
    encodings, units = draw(st.sampled_from(ENCODINGS)), draw(st.lists(st.sampled_from(UNITS), min_size=1, max_size=3))
    found.encoding = max(encodings, key=lambda name: ["utf-8", "utf-8-sig", "cp1252", "utf-16"].index(name))
    largest = [draw(st.sampled_from([9, 999, 99_999, 9_999_999])) for _ in units]
    digits = [draw(st.sampled_from([0, 1, 2, 3])) for _ in units]
    classes = draw(st.sampled_from([CLASSES[:2], CLASSES[2:], TRUTHS]))
    levels = [draw(st.sampled_from(WORDS)), "grün", "b"]
    for (name, rows), encoding in zip(ROWS.items(), encodings):
        true = {f"n{place}": (rng.integers(-largest[place], largest[place] + 1, rows) / 10 ** digits[place]).tolist()
                for place in range(len(units))}  # fmt: skip
        true["d"] = [FIRST + datetime.timedelta(int(day)) for day in rng.integers(0, 14_000, rows)]
        true["c"] = rng.choice(levels, rows).tolist()
        true["z"] = rng.choice([f"{code:04d}" for code in (7, 81, 512, 1024)], rows).tolist()
        true["account"] = [str(2**60 + int(code)) for code in rng.integers(0, 3, rows)]
        true["t"] = rng.integers(0, 2, rows).tolist()
        true["y"] = rng.permutation(np.arange(rows) % 2).tolist()
        convention, (no, yes), spelt = (draw(st.sampled_from(pool)) for pool in (CONVENTIONS, TRUTHS, classes))
        brackets, form = draw(st.booleans()), draw(st.sampled_from(DATES))
        cells = {key: list(map(str, values)) for key, values in true.items()}
        for place, unit in enumerate(units):
            texts = [number(value, digits[place], *convention) for value in true[f"n{place}"]]
            texts = [f"({text[1:]})" if brackets and text.startswith("-") else text for text in texts]
            cells[f"n{place}"] = [unit.format(text) for text in texts]
        cells["d"] = [day.strftime(form) for day in true["d"]]
        cells["t"] = [(no, yes)[value] for value in true["t"]]
        cells["y"] = [spelt[value] for value in true["y"]]
        found.true[name], found.cells[name] = true, cells
        found.files[name] = draw(_file(cells, encoding))
    lines = found.files["train"].decode(encodings[0]).splitlines()
    found.swallowed = draw(st.integers(0, 4)) == 0 and not lines[-9].startswith('"')
    if found.swallowed:
        lines[-9], lines[-4] = f'"{lines[-9]}', f'"{lines[-4]}'
        found.files["train"] = "\n".join([*lines, ""]).encode(encodings[0])
    return found


@st.composite
def _file(draw, cells: dict[str, list[str]], encoding: str) -> bytes:
    """The file, with its separator, line ends, quotes, header, and lines that are no rows."""
    names = [draw(st.sampled_from([name, name, name.upper(), f" {name}"])) for name in cells]
    text = io.StringIO()
    separator, end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting).writerows([names, *zip(*cells.values())])
    above = draw(st.sampled_from(["", "", f"# exported{end}", f"Report of 2024{end}{end}"]))
    below = draw(st.sampled_from(["", "", "Total" + separator * (len(names) - 1) + end]))
    return (above + text.getvalue() + below).encode(encoding)
