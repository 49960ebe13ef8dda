"""Dates and times as days since 1970-01-01, the hours as a part of the day."""

import re

import numpy as np
import pandas as pd

FORMS = {"year_first": "ymd", "day_first": "dmy", "month_first": "mdy"}
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
COMPACT = r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=T|$)"  # 20240131
MONTH = re.compile(rf"\b({'|'.join(MONTHS)})[a-z]*\b\.?", re.IGNORECASE)
DATE = re.compile(
    r"(?P<a>\d{1,4})(?P<sign>[-/. ])(?P<b>\d{1,2})[-/., ]+(?P<c>\d{1,4})"
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:\.\d+)?))?"
    r"\s*(?P<half>[AaPp])?(?:\.?[Mm]\.?)?\s*(?:Z|UTC|[-+]\d{2}:?\d{2})?)?"
)
CENTURY = 69  # of two digits, up to this: 2000 and later


def days(texts: pd.Series, form: str) -> pd.Series:
    """Texts as days (float64) in local time as it is written; NaN where a text is no date of this form.

    Parameters
    ----------
    form : year_first | day_first | month_first. A month may be a number or its English name.
    """
    numbered = texts.str.strip().str.replace(rf"^{COMPACT}", r"\1-\2-\3", regex=True)
    numbered = numbered.str.replace(MONTH, lambda found: str(MONTHS.index(found[1].lower()) + 1), regex=True)
    parts = numbered.where(numbered.str.fullmatch(DATE)).str.extract(DATE)
    year, month, day = (parts["abc"[FORMS[form].index(letter)]] for letter in "ymd")
    fits = year.str.len().isin([4] if form == "year_first" else [2, 4]) & (month.str.len() <= 2) & (day.str.len() <= 2)
    year, month, day, hour, minute, second = (
        pd.to_numeric(part).astype("float64") for part in (year, month, day, *(parts[name] for name in CLOCK))
    )
    year += np.where(year < 100, np.where(year <= CENTURY, 2000, 1900), 0)
    half = parts["half"].str.lower()
    fits &= ~((hour.isna() & half.notna()) | (hour >= 24) | (minute >= 60) | (second >= 60)) & ~(
        half.notna() & (hour > 12)
    )
    hour = hour.where(half.isna(), hour % 12 + 12 * (half == "p"))
    date = pd.to_datetime(pd.DataFrame({"year": year, "month": month, "day": day}).where(fits), errors="coerce")
    whole = (date - pd.Timestamp(0)) / pd.Timedelta(days=1)
    return whole + (hour.fillna(0) * 3600 + minute.fillna(0) * 60 + second.fillna(0)) / 86400


CLOCK = ("hour", "minute", "second")


def forms(texts: pd.Series) -> list[str]:
    """The forms in which every text (n,) is a date; a point between the parts stands behind a day, never a month."""
    fitting = [form for form in FORMS if days(texts, form).notna().all()]
    return [form for form in fitting if form != "month_first" or not texts.str.contains(r"^\s*\d+\.").all()]
