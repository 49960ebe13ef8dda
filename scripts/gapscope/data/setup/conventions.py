"""How the cells of a new table are written: decimal sign, thousands, units, and words that are no missing values."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.data.classes import truth
from gapscope.data.numbers import DECIMALS, NO_CENTS, SIGNS, THOUSANDS, parsed
from gapscope.data.read import is_missing

NUMBER = re.compile(rf"\(?{SIGNS}\s?(?=[\d.,]*\d)[\d.,'’ \u00a0\u2009\u202f]*(?:[eE][-+]?\d+)?-?\)?")
CURRENCY = r"[A-Z]{0,3}[$£¥\u20a0-\u20cf]|USD|EUR|GBP|CHF|JPY|CNY|INR|Rs\.?|kr\.?|zł"
UNIT = re.compile(rf'{CURRENCY}|[^\W\d_][^\d]{{0,11}}|[%‰°²"″][^\d]{{0,5}}')
PARTS = re.compile(r"(\D*?)([.,]?\d(?:.*\d)?[.,]?)(\D*)", re.DOTALL)
MOST = 0.9  # share of a column's different texts that are numbers, from which the others are strays
WORDS = ("NA", "N/A", "n/a", "null", "NULL", "None")  # spellings of a missing value that may be levels or classes
SHOWN = 4  # columns, beside those that can be read in two ways
CONSIDERABLE = 0.05  # share of the rows from which such a word is one
SEPARATED = r"\d[.,'’ \u00a0\u2009\u202f]\d|[.,]\d"
POINT_OR_COMMA = {"point": ".", "comma": ","}
ORDER = [(decimal, thousands) for decimal in DECIMALS for thousands in THOUSANDS if decimal != thousands]


@dataclass(frozen=True)
class Convention:
    """`units`: column -> what stands beside its numbers. `samples`: column -> a cell and its number, where others may
    read it otherwise; first the columns in which point or comma may be a decimal sign or stand between thousands.
    `seen`: whether the numbers leave other conventions out.
    """

    decimal: str
    thousands: str
    units: dict[str, str]
    samples: dict[str, tuple[str, float]]
    doubtful: dict[str, str]  # column -> a cell that may be thousands, and yet is none in this convention
    seen: bool = True

    def numbers(self, name: str, texts: pd.Series) -> pd.Series:
        return parsed(texts, self.decimal, self.thousands, self.units.get(name, ""))


def convention_of(table: pd.DataFrame, spellings: list[str], like: Convention | None = None) -> Convention:
    """The convention that most columns of numbers fit.

    If several fit as many, it is `like`, the convention seen in the training file, unless a column proves another,
    else the one whose thousands separator most columns show, else the one that fits most different numbers. Truth
    values (0.0, 1.0) do not count.
    """
    texts = {name: table[name][~is_missing(table[name], spellings)].drop_duplicates() for name in table}
    units = {name: unit for name, values in texts.items() if (unit := unit_of(values))}
    numeric = {}
    for name, values in texts.items():
        shaped = values[values.str.contains(r"\d", regex=True) if name in units else values.str.fullmatch(NUMBER)]
        if len(shaped) and len(shaped) >= MOST * len(values) and shaped.map(truth).isna().any():
            numeric[name] = shaped[shaped.str.contains(SEPARATED, regex=True)], shaped
    fits = {
        pair: [own for name, own in numeric.items() if parsed(own[0], *pair, units.get(name, "")).notna().all()]
        for pair in ORDER
    }
    best = [pair for pair in ORDER if len(fits[pair]) == max(map(len, fits.values()))]
    shown = {pair: sum(_shows(pair[1], *own) for own in fits[pair]) for pair in best}
    chosen = max(best, key=lambda pair: (shown[pair], sum(len(separated) for separated, _ in fits[pair])))
    proven = any(_proven(POINT_OR_COMMA.get(chosen[1]), *own) for own in fits[chosen])
    if like and like.seen and (like.decimal, like.thousands) in best and not proven:
        chosen = like.decimal, like.thousands
    return Convention(*chosen, units, *_shown(numeric, chosen, units), seen=len(best) < len(ORDER))


def _shows(thousands: str, separated: pd.Series, shaped: pd.Series) -> bool:
    """Whether the column has this sign between thousands; a point may as well be a decimal sign."""
    if thousands == "point":
        return _grouped(".", separated, shaped)
    sign = THOUSANDS[thousands]
    return sign is not None and bool(separated.str.contains(rf"\d{sign}\d", regex=True).any())


def _grouped(sign: str, separated: pd.Series, shaped: pd.Series) -> bool:
    """Whether each sign stands before three digits, and numbers without one have no more than three.

    A point in every number is a decimal sign: computers write 12.345 for twelve and a third.
    """
    if not len(separated) or len(separated) == len(shaped):
        return False
    groups = separated.str.fullmatch(rf"\D*[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+\D*").all()
    return bool(groups and shaped[~shaped.isin(separated)].str.fullmatch(r"\D*\d{1,3}\D*").all())


def _proven(sign: str | None, separated: pd.Series, shaped: pd.Series) -> bool:
    """Whether the sign stands between thousands beyond doubt: a decimal number that is written with its last zero has
    its decimals in every cell."""
    return bool(sign) and _grouped(sign, separated, shaped) and bool(separated.str.contains(r"0\D*$", regex=True).any())


def _shown(numeric: dict, chosen: tuple[str, str], units: dict[str, str]) -> tuple[dict, dict]:
    """A cell of each column that shows the convention, and the columns in doubt."""
    samples, two_ways, doubtful = {}, {}, {}
    for name, (separated, shaped) in numeric.items():
        cell = max(sorted(shaped if name in units or separated.empty else separated), key=len)
        shown = cell, float(parsed(pd.Series([cell]), *chosen, units.get(name, ""))[0])
        if np.isnan(shown[1]):
            continue
        negative = shaped.str.contains(r"^\(|-$|^-\s", regex=True).any()
        if len(separated) and separated.str.fullmatch(r"\D*[1-9]\d{0,2}([.,]\d{3})+\D*").all():
            two_ways[name] = shown
        elif name in units or negative or (chosen != ("point", "none") and len(separated)):
            samples[name] = shown
        if len(separated) > 1 and _grouped(POINT_OR_COMMA[chosen[0]], separated, shaped):
            doubtful[name] = separated.iloc[0]
    return two_ways | dict(list(samples.items())[:SHOWN]), doubtful


def unit_of(values: pd.Series) -> str | None:
    """The sign or word beside each of a column's numbers but 0: a currency before or behind them, % or a unit."""
    values = values[~values.str.fullmatch(rf"{SIGNS}0+([.,]0*)?")]
    if values.str.fullmatch(NUMBER).mean() > 1 - MOST or not values.str.contains(r"\d", regex=True).any():
        return None
    found = values.map(beside).dropna()
    if found.nunique() != 1 or len(found) < max(2, MOST * len(values)):
        return None
    return found.iloc[0]


def beside(cell: str) -> str | None:
    """The currency before a number, or the currency, sign or word behind it; None where there is more or neither."""
    parts = PARTS.fullmatch(NO_CENTS.sub("", cell))
    if not parts or not NUMBER.fullmatch(parts[2]):
        return None
    before, behind = parts[1].strip(" \u00a0(+-\u2212"), parts[3].strip(" \u00a0)")
    if before and not behind:
        return before if re.fullmatch(CURRENCY, before) else None
    return behind if not before and UNIT.fullmatch(behind) else None


def kept_words(column: pd.Series, spellings: list[str]) -> dict[str, int]:
    """The word for a missing value, with its rows, that is as common as a level in a column else full of texts."""
    missing = is_missing(column, spellings)
    levels = column[~missing]
    words = column[missing].value_counts()
    if len(words) != 1 or column.isna().any() or words.index[0] not in WORDS or levels.empty:
        return {}
    if levels.str.fullmatch(NUMBER).mean() > 0.5 or levels.nunique() > 0.5 * len(levels):
        return {}
    enough = min(CONSIDERABLE, 0.5 / levels.nunique()) * len(column)
    return {words.index[0]: int(words.iloc[0])} if words.iloc[0] >= enough else {}
