"""Tables as people write them, with the true values of every cell."""

import datetime

from hypothesis import strategies as st

CONVENTIONS = [(".", ""), (".", ","), (".", " "), (".", "'"), (",", ""), (",", "."), (",", "\u202f")]
UNITS = ["{}", "{}", "{}", "${}", "{} %", "{} kg", "€ {}", "USD {}"]
DATES = ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d %H:%M:%S", "%d %b %Y"]
WORDS = ["NA", "None", "n/a", "null"]
ROWS = 30


def number(value: float, digits: int, sign: str, group: str) -> str:
    """The number as Python formats it, in this convention; a thousands sign may be none."""
    whole, _, part = f"{abs(value):,.{digits}f}".partition(".")
    text = whole.replace(",", group) + (sign + part if part else "")
    return f"-{text}" if value < 0 else text


@st.composite
def written_tables(draw) -> tuple[list[list[str]], dict[str, list], str]:
    """The rows of a CSV with its header, column -> true values (floats, texts, dates), and the separator."""
    sign, group = draw(st.sampled_from(CONVENTIONS))
    true: dict[str, list] = {"y": [["lo", "hi"][row % 2] for row in range(ROWS)]}
    cells: dict[str, list[str]] = {"y": true["y"]}
    for place in range(draw(st.integers(1, 3))):
        digits, unit = draw(st.sampled_from([0, 1, 2, 3])), draw(st.sampled_from(UNITS))
        largest = draw(st.sampled_from([9, 999, 99_999, 9_999_999]))
        values = draw(st.lists(st.integers(-largest, largest), min_size=ROWS, max_size=ROWS))
        true[f"n{place}"] = [value / 10**digits for value in values]
        cells[f"n{place}"] = [unit.format(number(value, digits, sign, group)) for value in true[f"n{place}"]]
    form = draw(st.sampled_from(DATES))
    days = draw(st.lists(st.dates(datetime.date(1990, 1, 1), datetime.date(2030, 1, 1)), min_size=ROWS, max_size=ROWS))
    true["d"], cells["d"] = days, [datetime.datetime.combine(day, datetime.time()).strftime(form) for day in days]
    levels = [draw(st.sampled_from(WORDS)), "a", "b"]
    true["c"] = cells["c"] = draw(st.lists(st.sampled_from(levels), min_size=ROWS, max_size=ROWS))
    codes = [f"{code:04d}" for code in (7, 81, 512, 1024)]
    true["z"] = cells["z"] = draw(st.lists(st.sampled_from(codes), min_size=ROWS, max_size=ROWS))
    rows = [list(cells), *map(list, zip(*cells.values()))]
    return rows, true, draw(st.sampled_from([",", ";", "\t", "|"]))
