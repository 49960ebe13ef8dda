"""Numbers as people write them: decimal sign, thousands separator, a unit beside them, brackets for negatives."""

import re

import pandas as pd

DECIMALS = {"point": r"\.", "comma": ","}
THOUSANDS = {"none": None, "comma": ",", "point": r"\.", "space": "[ \u00a0\u2009\u202f]", "apostrophe": "['\u2019]"}
SIGNS = r"[-+\u2212\u2013]?"


def parsed(texts: pd.Series, decimal: str, thousands: str = "none", unit: str = "") -> pd.Series:
    """Texts as float64; NaN where a text is no number in this convention.

    Parameters
    ----------
    decimal : point | comma.
    thousands : none | comma | point | space | apostrophe. Groups have three digits (of commas: two, too, as in
        12,34,567); a number without them is one as well.
    unit : a text that stands before or behind each number but 0.
    """
    bare = texts.str.strip()
    if (decimal, thousands, unit) == ("point", "none", ""):
        plain = pd.to_numeric(bare, errors="coerce").astype("float64")
        return plain.where(plain.notna(), _parsed(bare[plain.isna()], decimal, thousands, unit))
    return _parsed(bare, decimal, thousands, unit)


def _parsed(bare: pd.Series, decimal: str, thousands: str, unit: str) -> pd.Series:
    if unit:
        bare = without_unit(bare, unit)
    bare = bare.str.replace(r"[\u2212\u2013]", "-", regex=True).str.replace(
        r"^\(\s*([^-+\s].*?)\s*\)$|^(\d.*)-$", r"-\1\2", regex=True
    )
    separated = bare.str.contains(r"\d\D+\d|[.,]", regex=True, na=False) & ~bare.str.fullmatch(
        _shape(decimal, thousands)
    )
    bare = bare.mask(separated)
    if THOUSANDS[thousands]:
        bare = bare.str.replace(THOUSANDS[thousands], "", regex=True)
    return pd.to_numeric(bare.str.replace(DECIMALS[decimal], ".", regex=True), errors="coerce").astype("float64")


def _shape(decimal: str, thousands: str) -> str:
    group = THOUSANDS[thousands]
    whole = rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d*" if group else r"\d*"
    if thousands == "comma":
        whole = rf"[1-9]\d?(?:,\d\d)+,\d{{3}}|{whole}"
    part = rf"(?:{DECIMALS[decimal]}\d*)?"
    return rf"{SIGNS}(?:(?:{whole}){part}|\d*{part}[eE][-+]?\d+)"


def without_unit(texts: pd.Series, unit: str) -> pd.Series:
    """Texts without their unit; missing where it is not there, unless the number is 0."""
    word = re.escape(unit)
    before, behind = rf"^({SIGNS}\(?)\s*{word}\s*(.*)$", rf"^(.*?)\s*{word}(\)?)$"
    bare = texts.str.replace(before, r"\1\2", regex=True)
    bare = bare.where(bare != texts, texts.str.replace(behind, r"\1\2", regex=True))
    return bare.where((bare != texts) | texts.str.fullmatch(rf"{SIGNS}0+(?:[.,]0*)?"))


def words(decimal: str, thousands: str, unit: str) -> str:
    """How numbers are written, for a message."""
    said = f"a number with a decimal {decimal}"
    if thousands != "none":
        said += f" and {thousands}s between thousands"
    return said + (f" and {unit!r} beside it" if unit else "")
