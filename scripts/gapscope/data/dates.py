"""Dates and times as days since 1970-01-01, the hours as a part of the day."""

import re

import numpy as np
import pandas as pd

FORMS = {"year_first": "ymd", "day_first": "dmy", "month_first": "mdy", "unix": ""}
SAID = {form: f"with the {form.replace('_', ' ')}" for form in FORMS} | {"unix": "in seconds since 1970"}
STARTS = (  # of the months' names in English, German, French, Spanish, Italian, Portuguese and Dutch
    "jan jän ene gen|feb fév fev|mar mär mrz mrt maa|apr avr abr|may mai mei mag|jun juin giu|jul juil lug|"
    "aug aoû aou ago|sep set|oct okt ott out|nov|dec dez déc dic"
)
MONTHS = {start: number for number, starts in enumerate(STARTS.split("|"), 1) for start in starts.split()}
MONTH = re.compile(rf"(?<![^\W\d_])(?:de )?({'|'.join(MONTHS)})[^\W\d_]*\.?(?: de(?= ))?", re.IGNORECASE)
WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)
DAY, CLOCK = r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", r"([01]\d|2[0-3])([0-5]\d)([0-5]\d)"
COMPACT = rf"{DAY}(?:T?{CLOCK}Z?)?"  # 20240131, 20240131T235959
DATE = re.compile(
    r"(?P<a>\d{1,4})(?:[-/ ]|\. ?)(?P<b>\d{1,3})[-/., ]+(?P<c>\d{1,4})"
    r"(?:[T ,:]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?"
    r"\s*(?P<half>[AaPp])?(?:\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[-+]\d{2}(?::?\d{2})?)?)?"
)
CENTURY = 69  # of two digits, up to this: 2000 and later
UNIX = 631_152_000, 4_102_444_800  # seconds since 1970, from 1990 to 2100


def days(texts: pd.Series, form: str) -> pd.Series:
    """Texts as days (float64) in local time as it is written; NaN where a text is no date of this form.

    Parameters
    ----------
    form : year_first (a month may stand for its first day) | day_first | month_first | unix, for seconds or
        milliseconds. A month may be a number or its name.
    """
    if form == "unix":
        seconds = pd.to_numeric(texts.str.strip(), errors="coerce").astype("float64")
        seconds = seconds.where(seconds <= UNIX[1], seconds / 1000)
        return (seconds / 86400).where(seconds.between(*UNIX))
    parts = _numbered(texts).str.extract(rf"^{DATE.pattern}$")
    texts_of = {letter: parts["abc"[place]] for place, letter in enumerate(FORMS[form])}
    fits = texts_of["y"].str.len().isin([4] if form == "year_first" else [2, 4])
    fits &= (texts_of["m"].str.len() <= 3) & (texts_of["d"].str.len() <= 2)
    clock = {name: parts[name].str.replace(",", ".") for name in ("hour", "minute", "second")}
    year, month, day, hour, minute, second = (
        pd.to_numeric(part).astype("float64") for part in (*map(texts_of.get, "ymd"), *clock.values())
    )
    year += np.where(texts_of["y"].str.len() == 2, np.where(year <= CENTURY, 2000, 1900), 0)
    half = parts["half"].str.lower()
    fits &= ~((hour >= 24) | (minute >= 60) | (second >= 60)) & (half.isna() | (hour <= 12))
    hour = hour.where(half.isna(), hour % 12 + 12 * (half == "p"))
    months = (12 * (year - 1970) + month - 1).where(fits, 0).to_numpy("int64").astype("datetime64[M]")
    date = months.astype("datetime64[D]") + (day.where(fits, 1) - 1).to_numpy("int64")
    fits &= month.between(1, 12) & (day >= 1) & (date.astype("datetime64[M]") == months)
    seconds = hour.fillna(0) * 3600 + minute.fillna(0) * 60 + second.fillna(0)
    return (date.astype("int64") + seconds / 86400).where(fits)


def _numbered(texts: pd.Series) -> pd.Series:
    """Texts with separated parts, three digits for a month that was a word, and no weekday."""
    bare = texts.str.strip().str.replace(WEEKDAY, "", regex=True)
    bare = bare.str.replace(rf"^{DAY}T?{CLOCK}(?=Z?$)", r"\1-\2-\3 \4:\5:\6", regex=True)
    bare = bare.str.replace(rf"^{DAY}(?=T|$)", r"\1-\2-\3", regex=True)
    bare = bare.str.replace(r"^(\d{4}[-/])(\d{1,2})$", r"\g<1>\2-1", regex=True)
    bare = bare.str.replace(r"^(\d\d?)([A-Za-z]{3})(\d{2,4}(?!\d))", r"\1-\2-\3", regex=True)  # 03MAR2021, of SAS
    return bare.str.replace(MONTH, lambda found: f"{MONTHS[found[1].lower()]:03d}", regex=True)


def form_like(texts: pd.Series, form: str) -> str | None:
    """This form if every text (n,) has it, else the only other one that they have."""
    fitting = [form] if days(texts, form).notna().all() else forms(texts)
    return fitting[0] if len(fitting) == 1 else None


def fits(texts: pd.Series) -> pd.DataFrame:
    """Whether each text (n,) is a date, by form; a point between the parts stands behind a day, never a month."""
    found = pd.DataFrame({form: days(texts, form).notna() for form in FORMS if form != "unix"})
    found["month_first"] &= ~texts.str.contains(r"^\s*\d+\.", regex=True)
    return found


def forms(texts: pd.Series) -> list[str]:
    """The forms in which every text (n,) is a date."""
    return [form for form, fitting in fits(texts).items() if fitting.all()]
