"""Kinds of columns of a new table: numeric or categorical features, or columns that no network should be fed.

Every rule looks at the column alone, without the target, and says in words what it found.
"""

import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gapscope.common.errors import counted
from gapscope.data.classes import mixed_truth
from gapscope.data.dates import CENTURY, COMPACT, SAID, days, fits
from gapscope.data.numbers import SIGNS, parsed
from gapscope.data.setup.conventions import ORDER, Convention, beside

FEW = 20  # rows below which the share of different values says nothing
MOST_MISSING = 0.5  # share of missing values above which a column is left out
MOST_STRAY = 0.1  # share of texts with digits, such as <5, up to which a column counts as numbers with gaps
STRAY_SPELLINGS, STRAY_WORDS = 3, 10  # different ones at most, with digits or without
FEW_INTEGERS = 10  # values up to which whole numbers may be codes
MOST_DIFFERENT = 0.5  # share of rows with a text of their own above which texts are no levels
WORDS = 5.0  # per cell on average, from which texts are sentences
TIME = r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(\s*[AaPp]\.?[Mm]\.?)?"
DATE = re.compile(rf"(\d{{4}}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.](\d{{4}}|\d\d))([T ]{TIME}.*)?|{TIME}")
IDENTIFIER = re.compile(r"(^|[_\W])(?i:id|ids|uuid|guid|key|index|idx|no|nr|number|row)$|[a-z](Id|ID|Key|Index|No|Nr)$")
CODE = re.compile(
    r"(^|[_\W])(?i:ids?|codes?|types?|kind|category|zip|zipcode|postcode|plz|sector)$|[a-z](Id|ID|Code|Type|Kind|Category)$"
)
LARGEST_EXACT = 2**53  # beyond it, different whole numbers are one float
LONG = 9  # digits of whole numbers from which, all as long and different, they are rather numbers of things
MOMENT = re.compile(r"(?i:time|date|stamp|epoch|created|updated|when)|(^|_)(ts|at|dt|day)$|[a-z](At|On)$")
# an index, as programs call it
UNNAMED = re.compile(r"(Unnamed.*|__index_level_\d+__|level_\d|row[ _.]?names?|\.\.\.1|_c0)?", re.IGNORECASE)
POSTAL = re.compile(r"(^|[_\W])(?i:zip|zip_?code|postal_?code|postcode|plz)$|[a-z](Zip|Postcode)$")


@dataclass(frozen=True)
class Kind:
    """`role`: numeric | categorical | out. `why`: in words. `stray`: spellings that are to count as missing.

    `date`: the form of a numeric column of dates. `truth`: the levels are truth values, in more than one spelling.
    """

    role: str
    why: str
    stray: tuple[str, ...] = ()
    date: str | None = None
    truth: bool = False


def kind_of(name: str, column: pd.Series, convention: Convention, max_levels: int, of: int) -> Kind:
    """The kind of a column of texts (n,).

    Args:
        convention: of the numbers in this file. max_levels: from config.yaml's encode block. of: the file's rows, of
            which these may be every second, fourth, ...
    """
    missing, values = column.isna(), column.dropna()
    if values.empty:
        return Kind("out", "it has no value at all")
    if values.nunique() == 1:
        return Kind("out", f"constant: its only value is {_short(values.iloc[0])}")
    if missing.mean() > MOST_MISSING:
        return Kind("out", f"a value is missing in {missing.sum():,} of {len(column):,} rows")
    if mixed_truth(values.unique()):
        return truth_kind(values)
    if name in convention.doubtful:
        cell = convention.doubtful[name]
        return Kind("out", f"'{cell}' may be thousands, but in this file a {convention.decimal} is the decimal sign")
    if MOMENT.search(name.strip()) and days(values, "unix").notna().all():
        return Kind("numeric", f"dates {SAID['unix']}, as {_short(values.iloc[0])}", date="unix")
    if values.str.fullmatch(COMPACT).all() and (dates := _dates(values)):
        return dates
    found = convention.numbers(name, values)
    if found.notna().all() and (codes := _codes(name, values, found, max_levels)):
        return codes
    strays = values[found.isna() | np.isinf(found)]
    if strays.empty:
        return _numbers(name, found, len(column), of)
    if len(strays) == len(values):
        return _texts(name, values, max_levels)
    if found.notna().all() or (few_strays(strays, values) and found.nunique() > FEW_INTEGERS):  # infinite, or words
        own = _numbers(name, found.drop(strays.index), len(column), of)
        return with_strays(own, strays, "number")
    texts = _texts(name, values, max_levels)
    if found.nunique() > FEW_INTEGERS and len(strays) < 0.5 * len(values) and not texts.date:
        told = f"numbers in {len(values) - len(strays):,} of {len(values):,} rows, texts in the others"
        return replace(texts, why=f"{told}, such as {_short(strays.iloc[0])}; {texts.why}")
    return texts


def truth_kind(values: pd.Series) -> Kind:
    return Kind("categorical", f"truth values, spelt {', '.join(sorted(values.unique()))}", truth=True)


def few_strays(strays: pd.Series, values: pd.Series) -> bool:
    """Whether the texts that do not fit may stand for missing values; a few words may be up to half of the cells."""
    if strays.str.contains(r"\d", regex=True).any():
        return len(strays) <= MOST_STRAY * len(values) and strays.nunique() <= STRAY_SPELLINGS
    most = MOST_MISSING if strays.nunique() <= STRAY_SPELLINGS else MOST_STRAY
    return len(strays) <= most * len(values) and strays.nunique() <= STRAY_WORDS


def with_strays(own: Kind, strays: pd.Series, what: str, where: str = "") -> Kind:
    """The kind, with other texts among its values that are to count as missing."""
    if strays.empty:
        return own
    told = ", ".join(f"{_short(word)} in {rows:,}" for word, rows in strays.value_counts().items())
    why = f"{own.why}; no {what} in {counted(len(strays), 'row')}{where} ({told}), which count as missing"
    return replace(own, why=why, stray=tuple(sorted({*own.stray, *strays})))


def _numbers(name: str, found: pd.Series, looked_at: int, of: int) -> Kind:
    rows, different = len(found), found.nunique()
    whole = bool((found == np.floor(found)).all())
    numbers = found.max() - found.min() + 1  # from the smallest to the largest
    counted = whole and different == rows and (numbers == rows or rows < numbers <= of > looked_at)
    if rows >= FEW and whole and (counted or (looks_like_identifier(name) and different > MOST_DIFFERENT * rows)):
        told = "the rows are numbered" if counted else f"{different:,} values in {rows:,} rows"
        return Kind("out", f"an identifier: {told}")
    if whole and looks_like_identifier(name) and different > FEW:
        return Kind("out", _of_groups(different, rows))
    shortest, longest = (len(f"{number:.0f}") for number in (found.min(), found.max()))
    if whole and rows >= FEW and different > MOST_DIFFERENT * rows and shortest == longest >= LONG:
        return Kind("out", f"an identifier: {different:,} numbers of {longest} digits in {rows:,} rows")
    span = f"{different:,} values from {found.min():g} to {found.max():g}"
    if whole and 2 < different <= FEW_INTEGERS:
        span += "; if these are codes without an order, move it to categorical"
    return Kind("numeric", span)


def _codes(name: str, values: pd.Series, found: pd.Series, max_levels: int) -> Kind | None:
    """The kind of a column of digits that stand for something else than a quantity."""
    powers = values[values.str.fullmatch(r"\d+[eE]\d+")]
    whole = values.drop(powers.index)
    if not whole.str.fullmatch(rf"{SIGNS}\d+(\.0*)?").all():
        return None
    zeros = whole[whole.str.contains(r"^0\d", regex=True)]
    if len(zeros):
        why = f"codes, since some begin with 0, such as {_short(zeros.iloc[0])}"
    elif len(powers) and whole.str.fullmatch(r"\d+").all():
        why = f"codes, since programs write {_short(powers.iloc[0])} with a sign or a point if it is a number"
    elif powers.empty and found.abs().max() > LARGEST_EXACT:
        why = "codes, since numbers as long as these cannot be told apart"
    elif powers.empty and (POSTAL if found.nunique() > FEW else CODE).search(name.strip()):
        why = "codes, by its name; if they are quantities, move it to numeric"
    else:
        return None
    kind = _levels(name, values, max_levels)
    return Kind(kind.role, f"{why}; {kind.why}")


def _texts(name: str, values: pd.Series, max_levels: int) -> Kind:
    different = values.nunique()
    if values.str.contains(r"\d", regex=True).mean() >= 1 - MOST_STRAY and (dates := _dates(values)):
        return dates
    units = values.drop_duplicates().map(beside).value_counts()
    one_unit = units.index[0] if len(units) == 1 and units.sum() == different else ""
    if different > FEW and any(parsed(values, *pair, one_unit).notna().all() for pair in ORDER):
        return Kind("out", f"numbers written otherwise than the others of this file, such as {_short(values.iloc[0])}")
    if different > FEW and units.sum() > MOST_DIFFERENT * different:
        told = ", ".join(units.index[:4]) + (" or none" if units.sum() < different else "")
        return Kind("out", f"numbers with different units beside them ({told}): write them in one")
    return _levels(name, values, max_levels)


def _levels(name: str, values: pd.Series, max_levels: int) -> Kind:
    rows, different = len(values), values.nunique()
    if rows >= FEW and different > MOST_DIFFERENT * rows:
        what = "an identifier" if different == rows or looks_like_identifier(name) else "free text or an identifier"
        return Kind("out", f"{what}: {different:,} different texts in {rows:,} rows, such as {_short(values.iloc[0])}")
    if looks_like_identifier(name) and different > FEW:
        return Kind("out", _of_groups(different, rows))
    if values.str.split().str.len().mean() >= WORDS and different > FEW:
        return Kind("out", f"free text: {values.str.split().str.len().mean():.0f} words in a cell on average")
    if different > max_levels:
        pooled = f"the {max_levels - 1} commonest get columns of their own, all others one (encode.max_levels)"
        return Kind("categorical", f"{different:,} levels: {pooled}")
    return Kind("categorical", f"{different:,} levels: {_listed(values)}")


def _dates(values: pd.Series) -> Kind | None:
    """The kind of a column of dates, of which a few rows may have another text."""
    different = values.drop_duplicates()
    fitting = fits(different)
    known = fitting.any(axis=1)
    strays = values[values.isin(different[~known])]
    if known.any() and few_strays(strays, values):
        different, fitting = different[known], fitting[known]
    else:
        strays = values[:0]
    found = [form for form, fit in fitting.items() if fit.all()]
    shown = _short(different.iloc[0])
    if len(found) > 1:
        return Kind("out", f"dates, as {shown}, with day or month first: name it in numeric and in dates to use it")
    if found:
        short = not different.str.contains(r"\d{4}", regex=True).all()
        century = f"; two digits of a year up to {CENTURY} count as 20.." if short else ""
        dates = Kind("numeric", f"dates {SAID[found[0]]}, as {shown}{century}", date=found[0])
        return with_strays(dates, strays, "date")
    if known.all():
        return Kind("out", f"dates in more than one form, as {shown}: write them in one")
    if different.str.fullmatch(DATE).all():
        return Kind("out", f"dates or times, as {shown}; make numbers of them (a year, an hour) to use them")
    return None


def _of_groups(different: int, rows: int) -> str:
    told = f"an identifier by its name: {different:,} values in {rows:,} rows"
    return f"{told}; if rows that share one belong together, name it as data.group"


def looks_like_identifier(name: str) -> bool:
    return bool(IDENTIFIER.search(name.strip()) or UNNAMED.fullmatch(name.strip()))


def _listed(values: pd.Series) -> str:
    rows = values.value_counts()
    levels = sorted(rows.index, key=lambda level: (-rows[level], level))
    return ", ".join(map(_short, levels[:4])) + (", ..." if len(levels) > 4 else "")


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:29]}…"
