"""Numbers as people write them: decimal sign, thousands separator, a unit beside them, brackets for negatives."""

import re

import numpy as np
import pandas as pd

DECIMALS = {"point": r"\.", "comma": ","}
THOUSANDS = {"none": None, "comma": ",", "point": r"\.", "space": "[ \u00a0\u2009\u202f]", "apostrophe": "['\u2019]"}
SIGNS = r"[-+\u2212\u2013]?"
NEGATIVE = re.compile(r"^\(\s*([^-+\s].*?)\s*\)$|^(\d.*?)\s*-$|^-\s+(?=\d)")  # (5), 5- or - 5
NO_CENTS = re.compile(r"(?<=\d)[.,]\s?[-\u2013\u2014\u2212]{1,2}(?=\D*$)")  # 5.- or 5,–


def parsed(texts: pd.Series, decimal: str, thousands: str = "none", unit: str = "") -> pd.Series:
    """Texts as float64; NaN where a text is no number in this convention.

    Args:
        decimal: point | comma.
        thousands: none | comma | point | space | apostrophe. Groups have three digits (of commas: two, too, as in
            12,34,567); a number without them is one as well.
        unit: a text that stands before or behind each number but 0.
    """
    found = np.full(len(texts), np.nan)
    if (decimal, thousands, unit) == ("point", "none", ""):  # at once: most tables have such numbers alone
        found = pd.to_numeric(texts.str.strip(), errors="coerce").to_numpy("float64", copy=True)
    others = np.isnan(found)
    shape = re.compile(_shape(decimal, thousands))
    plain = [_plain(text, shape, decimal, thousands, unit) for text in texts[others]]
    found[others] = pd.to_numeric(np.array(plain, dtype=object), errors="coerce")
    return pd.Series(found, texts.index)


def _plain(text: str | float, shape: re.Pattern, decimal: str, thousands: str, unit: str) -> str | None:
    """A cell as computers write numbers; None where it is missing or of another shape."""
    if not isinstance(text, str):
        return None
    bare = NO_CENTS.sub("", text.strip())
    bare = _without_unit(bare, unit) if unit else bare
    bare = re.sub("^\u2013", "-", bare.replace("\u2212", "-"))  # "5–" is an open range
    bare = NEGATIVE.sub(r"-\1\2", bare)
    if not shape.fullmatch(bare):
        return None
    if THOUSANDS[thousands]:
        bare = re.sub(THOUSANDS[thousands], "", bare)
    return bare.replace(",", ".") if decimal == "comma" else bare


def _shape(decimal: str, thousands: str) -> str:
    group = THOUSANDS[thousands]
    whole = rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d*" if group else r"\d*"
    if thousands == "comma":
        whole = rf"[1-9]\d?(?:,\d\d)+,\d{{3}}|{whole}"
    part = rf"(?:{DECIMALS[decimal]}\d*)?"
    return rf"{SIGNS}(?:(?:{whole}){part}|\d*{part}[eE][-+]?\d+|(?i:inf|infinity))"


def _without_unit(text: str, unit: str) -> str:
    """The text without its unit; "" where it is not there, unless the number is 0."""
    word = re.escape(unit)
    for pattern in (rf"({SIGNS}\(?)\s*{word}\s*(.*)", rf"(.*?)\s*{word}(\)?)"):
        if found := re.fullmatch(pattern, text):
            return found[1] + found[2]
    return text if re.fullmatch(rf"{SIGNS}0+(?:[.,]0*)?", text) else ""


def words(decimal: str, thousands: str, unit: str) -> str:
    """How numbers are written, for a message."""
    said = f"a number with a decimal {decimal}"
    if thousands != "none":
        said += f" and {thousands}s between thousands"
    return said + (f" and {unit!r} beside it" if unit else "")
