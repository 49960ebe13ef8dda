"""Dates and times as days since 1970-01-01, the hours as a part of the day."""

import datetime
import re
from functools import lru_cache

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
FIRST = datetime.date(1970, 1, 1).toordinal()
CENTURY = 69  # of two digits, up to this: 2000 and later
UNIX = 631_152_000, 4_102_444_800  # seconds since 1970, from 1990 to 2100


def days(texts: pd.Series, form: str) -> pd.Series:
    """Texts as days (float64) in local time as it is written; NaN where a text is no date of this form.

    Args:
        form: year_first (a month may stand for its first day) | day_first | month_first | unix, for seconds or
            milliseconds. A month may be a number or its name.
    """
    if form == "unix":
        seconds = pd.to_numeric(texts.str.strip(), errors="coerce").astype("float64")
        seconds = seconds.where(seconds <= UNIX[1], seconds / 1000)
        return (seconds / 86400).where(seconds.between(*UNIX))
    found = [_days(text, form) if isinstance(text, str) else np.nan for text in texts]
    return pd.Series(found, texts.index, dtype="float64")


def _days(text: str, form: str) -> float:
    parts = _parts(text)
    if parts is None:
        return np.nan
    year, month, day = (parts["abc"[FORMS[form].index(letter)]] for letter in "ymd")
    if len(year) not in ([4] if form == "year_first" else [2, 4]) or len(month) > 3 or len(day) > 2:
        return np.nan
    hour, minute, second = (float((parts[name] or "0").replace(",", ".")) for name in ("hour", "minute", "second"))
    half = parts["half"]
    if hour >= 24 or minute >= 60 or second >= 60 or (half and hour > 12):
        return np.nan
    hour = hour % 12 + 12 * (half in "Pp") if half else hour
    century = (2000 if int(year) <= CENTURY else 1900) if len(year) == 2 else 0
    try:
        date = datetime.date(century + int(year), int(month), int(day))
    except ValueError:
        return np.nan
    return date.toordinal() - FIRST + (hour * 3600 + minute * 60 + second) / 86400


@lru_cache(1 << 16)
def _parts(text: str) -> re.Match | None:
    """The parts of a date, in the order in which they stand; of a month that is a word, three digits."""
    bare = text.strip()
    if found := DATE.fullmatch(bare):
        return found
    bare = re.sub(rf"^{DAY}T?{CLOCK}(?=Z?$)", r"\1-\2-\3 \4:\5:\6", WEEKDAY.sub("", bare))
    bare = re.sub(rf"^{DAY}(?=T|$)", r"\1-\2-\3", bare)
    bare = re.sub(r"^(\d{4}[-/])(\d{1,2})$", r"\g<1>\2-1", bare)
    bare = re.sub(r"^(\d\d?)([A-Za-z]{3})(\d{2,4}(?!\d))", r"\1-\2-\3", bare)  # 03MAR2021, of SAS
    return DATE.fullmatch(MONTH.sub(lambda name: f"{MONTHS[name[1].lower()]:03d}", bare))


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
