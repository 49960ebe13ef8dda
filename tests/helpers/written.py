"""Training and test tables as people write them, each in its own way, with the true values of every cell."""

import csv
import datetime
import io
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

ROWS = {"train": 30, "test": 20}
CONVENTIONS = [(".", ""), (".", ","), (".", " "), (".", "'"), (",", ""), (",", "."), (",", "\u00a0")]
UNITS = ["{}", "{}", "{}", "${}", "{} %", "{} kg", "€ {}", "USD {}", "scientific"]
MIXED = [("{} kg", "{} g"), ("${}", "€{}"), ("{} %", "{}"), ("{} km", "{} mi")]
DATES = ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d %H:%M:%S", "%d %b %Y", "%d%b%Y", "%Y%m%d"]
WORDS = ["NA", "None", "n/a", "null"]
TRUTHS = [
    ("False", "True"), ("FALSE", "TRUE"), ("false", "true"), ("0", "1"), ("no", "yes"), ("N", "Y"), ("0.0", "1.0")
]  # fmt: skip
CLASSES = [("lo", "hi"), ("LO", "Hi"), ("None", "some")]
NUMBERS = [("1.5", "-2.5")]  # classes, each written as the file writes numbers
ENCODINGS = [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-8", "cp1252"), ("cp1252", "utf-8"), ("utf-16", "utf-16")]
FIRST = datetime.datetime(1990, 1, 1)
OTHERS = ["d", "c", "z", "account", "t", "mixed", "arabic"]  # columns beside those of numbers
TO_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@dataclass
class Written:
    """`files`: train and test -> content. `true`: of each, column -> values. `cells`: column -> texts as written.

    `refused`: words of the message that alone is right. `encoding`: the one to ask start.py for.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    true: dict[str, dict[str, list]] = field(default_factory=dict)
    cells: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    refused: str = ""
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
    others = draw(st.lists(st.sampled_from(OTHERS), unique=True, min_size=1, max_size=3))
    largest = [draw(st.sampled_from([9, 999, 99_999, 9_999_999])) for _ in units]
    digits = [draw(st.sampled_from([0, 1, 2, 3])) for _ in units]
    classes = draw(st.sampled_from([CLASSES[:2], CLASSES[2:], TRUTHS, NUMBERS]))
    levels = [draw(st.sampled_from(WORDS)), "grün", "b"]
    for (name, rows), encoding in zip(ROWS.items(), encodings):
        true = {f"n{place}": (rng.integers(-largest[place], largest[place] + 1, rows) / 10 ** digits[place]).tolist()
                for place in range(len(units))}  # fmt: skip
        true |= {key: values for key, values in _others(rng, rows, levels).items() if key in others}
        true["y"] = rng.permutation(np.arange(rows) % 2).tolist()
        found.true[name] = true
        if draw(st.integers(0, 3)) == 0:
            found.cells[name], found.files[name] = draw(_parquet(true, draw(st.sampled_from(classes))))
            continue
        found.cells[name] = cells = draw(_cells(true, units, digits, draw(st.sampled_from(classes))))
        found.files[name] = draw(_file(cells, encoding, found))
    if not (found.refused or found.files["train"].startswith(b"PAR1")) and draw(st.integers(0, 4)) == 0:
        lines = found.files["train"].decode(encodings[0]).splitlines()
        if '"' not in "".join(lines[-9:-3]):  # a quote that is never closed in its row holds several rows
            found.refused = "quote"
            lines[-9], lines[-4] = f'"{lines[-9]}', f'"{lines[-4]}'
            found.files["train"] = "\n".join([*lines, ""]).encode(encodings[0])
    return found


def _others(rng: np.random.Generator, rows: int, levels: list[str]) -> dict[str, list]:
    return {
        "d": [FIRST + datetime.timedelta(int(day)) for day in rng.integers(0, 14_000, rows)],
        "c": rng.choice(levels, rows).tolist(),
        "z": rng.choice([f"{code:04d}" for code in (7, 81, 512, 1024)], rows).tolist(),
        "account": [2**60 + int(code) for code in rng.integers(0, 3, rows)],
        "t": rng.integers(0, 2, rows).tolist(),
        "mixed": rng.integers(1, 1000, rows).tolist(),
        "arabic": rng.integers(0, 1000, rows).tolist(),
    }


@st.composite
def _cells(draw, true: dict[str, list], units: list[str], digits: list[int], spelt: tuple) -> dict[str, list[str]]:
    """Each value as text, in the conventions of one file."""
    convention, truths, exponent = (draw(st.sampled_from(pool)) for pool in (CONVENTIONS, TRUTHS, "eE"))
    brackets, form, mixed = draw(st.booleans()), draw(st.sampled_from(DATES)), draw(st.sampled_from(MIXED))
    cells = {key: list(map(str, values)) for key, values in true.items()}
    for place, unit in enumerate(units):
        values = true[f"n{place}"]
        if unit == "scientific":
            cells[f"n{place}"] = [f"{value:.6{exponent}}".replace(".", convention[0]) for value in values]
            continue
        texts = [number(value, digits[place], *convention) for value in values]
        texts = [f"({text[1:]})" if brackets and text.startswith("-") else text for text in texts]
        cells[f"n{place}"] = [unit.format(text) for text in texts]
    written = {
        "d": lambda day: day.strftime(form),
        "t": lambda value: truths[value],
        "y": lambda value: spelt[value].replace(".", convention[0]) if spelt in NUMBERS else spelt[value],
        "arabic": lambda value: str(value).translate(TO_ARABIC),
    }
    cells |= {key: list(map(write, true[key])) for key, write in written.items() if key in true}
    if "mixed" in true:
        cells["mixed"] = [mixed[row % 2].format(value) for row, value in enumerate(true["mixed"])]
    return cells


@st.composite
def _file(draw, cells: dict[str, list[str]], encoding: str, found: Written) -> bytes:
    """The file, with its separator, line ends, quotes, header, and lines that are no rows."""
    encoding = encoding if "arabic" not in cells or encoding != "cp1252" else "utf-8"
    names = [draw(st.sampled_from([name, name, name.upper(), f" {name}"])) for name in cells]
    if draw(st.integers(0, 15)) == 0:
        names[1], found.refused = names[0], "stands 2 times"
    text = io.StringIO()
    separator, end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting).writerows([names, *zip(*cells.values())])
    above = draw(st.sampled_from(["", "", f"# exported{end}", f"Report of 2024{end}{end}"]))
    below = draw(st.sampled_from(["", "", "Total" + separator * (len(names) - 1) + end]))
    return (above + text.getvalue() + below).encode(encoding)


@st.composite
def _parquet(draw, true: dict[str, list], spelt: tuple) -> tuple[dict[str, list[str]], bytes]:
    """Each value as text, and a file of columns of the types that programs give them."""
    columns = {name: pa.array(values) for name, values in true.items()}
    columns["y"] = pa.array([spelt[value] for value in true["y"]])
    typed = {
        "d": [pa.timestamp("us"), pa.timestamp("ns", "UTC"), pa.date32()],
        "c": [pa.large_string(), pa.dictionary(pa.int8(), pa.string())],
        "t": [pa.bool_(), pa.int8(), pa.float32()],
        "n0": [pa.float64(), pa.decimal128(20, 3)],
        "account": [pa.uint64(), pa.decimal128(25, 0)],
    }
    for name in typed.keys() & columns.keys():
        columns[name] = columns[name].cast(draw(st.sampled_from(typed[name])))
    if draw(st.booleans()):
        columns["listed"] = pa.array([[row] for row in range(len(true["y"]))])
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    cells = {name: column.cast(pa.string()).to_pylist() for name, column in columns.items() if name != "listed"}
    return cells, file.getvalue()
