"""A new training and test table beside each other: what does not fit, and what only one of them writes otherwise."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd

from gapscope.common.errors import counted
from gapscope.data.classes import are_truth, levels_of, truth
from gapscope.data.dates import FORMS, SAID, days, form_like
from gapscope.data.read import is_missing
from gapscope.data.setup.conventions import CONSIDERABLE, NUMBER, WORDS, Convention, kept_words
from gapscope.data.setup.kinds import MOST_MISSING, Kind, few_strays, truth_kind, with_strays
from gapscope.data.setup.table import Table


def words_as_levels(tables: list[pd.DataFrame], names: list[str], spellings: list[str]) -> dict[str, dict[str, int]]:
    """Column of texts -> words for a missing value that are levels there, with their rows in one of the tables.

    A word that stands among the numbers of another column is what the file writes for missing values.
    """
    found: dict[str, dict[str, int]] = {}
    for cells in tables:
        among_numbers: set[str] = set()
        for name in cells:
            missing = is_missing(cells[name], spellings)
            if missing.any() and cells[name][~missing].str.fullmatch(NUMBER).mean() > 0.5:
                among_numbers |= set(cells[name][missing].dropna())
        for name in (name for name in names if name in cells):
            kept = kept_words(cells[name], spellings)
            if kept and among_numbers.isdisjoint(kept):
                found[name] = kept | found.get(name, {})
    return found


def missing_words(cells: pd.DataFrame, names: list[str], spellings: list[str]) -> list[str]:
    """Notes of the words that count as missing in a column of texts: in many rows, or in no other column."""
    missing = {name: is_missing(cells[name], spellings) for name in cells}
    found = {name: cells[name][hit & (cells[name] != "")].value_counts() for name, hit in missing.items()}
    columns, said = Counter(word for words in found.values() for word in words.index), []
    for name in names:
        words = found[name]
        many = words.sum() >= CONSIDERABLE * len(cells) or any(
            columns[word] == 1 for word in words.index if word in WORDS
        )
        if many and cells[name][~missing[name]].str.fullmatch(NUMBER).mean() < 0.5:
            told = " and ".join(f"'{word}' in {counted(int(rows), 'row')}" for word, rows in words.items())
            said.append(f"{name}: {told} counts as missing; where it is a level, name it in data.not_missing")
    return said


def in_test(
    kind: Kind, name: str, train: pd.DataFrame, test: Table, conventions: tuple[Convention, Convention]
) -> Kind:
    """The kind, or out where the test table has no such column, no value in it, or texts where there are numbers.

    Args:
        train: the training cells. test: the test table.
    """
    if kind.role == "out":
        return kind
    if name not in test.cells:
        near = test.source.near(name)
        return Kind("out", "it is not in the test table" + (f"; {near.strip()}" if near else ""))
    values, before = test.cells[name].dropna(), train[name].dropna()
    if values.empty:
        use = "to use it all the same, list it as a feature and set clean.missing to impute"
        return Kind("out", f"it has no value in the test table; {use}")
    if kind.truth or are_truth(before.unique()):
        both = pd.concat([before, values])
        same = all(truth(value) is not None for value in both.unique())
        if kind.truth or (same and both.nunique() > 2):
            return truth_kind(both) if same else replace(kind, truth=False)
    if kind.role != "numeric":
        return kind
    if name in conventions[1].doubtful and (conventions[0].numbers(name, before) % 1 == 0).all():
        told = f"'{conventions[1].doubtful[name]}' of the test table may be thousands, as training has whole numbers"
        return Kind("out", f"{told}, but in that file a {conventions[1].decimal} is the decimal sign")
    if kind.date:
        what, read_with, wrong = "dates", SAID[kind.date], values[:0]
        if not form_like(values, kind.date):
            wrong = min((values[days(values, form).isna()] for form in FORMS), key=len)
            wrong = values if wrong.empty else wrong  # day or month first
    else:
        what, read_with = "numbers", f"with a decimal {conventions[1].decimal}"
        wrong = values[~np.isfinite(conventions[1].numbers(name, values))]
    if few_strays(wrong, values):
        return with_strays(kind, wrong, what[:-1], " of the test table")
    return Kind(
        "out",
        f"{what} in the training table, but in {counted(len(wrong), 'row')} of the test table it has none (such as "
        f"'{wrong.iloc[0][:30]}', read {read_with}); if that means a missing value, add it to missing_values",
    )


def written_otherwise(
    columns: dict[str, Kind],
    conventions: tuple[Convention, Convention],
    train: pd.DataFrame,
    test: pd.DataFrame,
    target: str,
) -> tuple[dict, list[str]]:
    """data.test_format: what the test table writes otherwise. And warnings of what may spoil the comparison."""
    own, later = conventions
    keys = [key for key in ("decimal", "thousands") if getattr(later, key) != getattr(own, key)]
    units, of_units = other_units(columns, own, later, target)
    dates, of_dates = other_dates(columns, train, test)
    said = of_units + of_dates + unknown_levels(columns, train, test) + nearly_empty(columns, test)
    return {key: getattr(later, key) for key in keys} | units | dates, said


def other_units(columns: dict[str, Kind], own: Convention, later: Convention, target: str) -> tuple[dict, list[str]]:
    """The entry `units` of data.test_format, where the test table writes others, and warnings of them."""
    used = [name for name, kind in columns.items() if kind.role == "numeric" and not kind.date] + [target]
    units = {name: later.units[name] for name in used if name in later.units}
    differ = [name for name in used if own.units.get(name) != later.units.get(name) and name in columns]
    said = [
        f"{name} is written with {own.units.get(name, 'no unit')} in the training table and with "
        f"{later.units.get(name, 'no unit')} in the test table: is it the same quantity?"
        for name in differ
    ]
    return ({"units": units} if differ else {}), said


def other_dates(columns: dict[str, Kind], train: pd.DataFrame, test: pd.DataFrame) -> tuple[dict, list[str]]:
    """The entry `dates` of data.test_format, and warnings of tables that are split by a date."""
    dates, said = {}, []
    for name, kind in columns.items():
        if not kind.date:
            continue
        dates[name] = form_like(test[name].dropna(), kind.date)
        before, after = days(train[name], kind.date), days(test[name], dates[name])
        if before.max() <= after.min() or after.max() <= before.min():
            order = "later" if before.max() <= after.min() else "earlier"
            said.append(f"the tables are split by {name}: every test row is {order} than every training row")
    return ({"dates": dates} if any(columns[name].date != form for name, form in dates.items()) else {}), said


def unknown_levels(columns: dict[str, Kind], train: pd.DataFrame, test: pd.DataFrame) -> list[str]:
    """Warnings of categories that many test rows have and no training row has."""
    said = []
    for name in (name for name, kind in columns.items() if kind.role == "categorical" and not kind.truth):
        known, levels = levels_of(train[name]), levels_of(test[name])
        unknown = levels[~levels.isin(known) & levels.notna()]
        if len(unknown) >= CONSIDERABLE * len(levels):
            told = f"{len(unknown):,} test rows have a level that no training row has, such as '{unknown.iloc[0][:30]}'"
            alike = {"leading zeros": unknown.isin(known.str.lstrip("0")),
                     "capitals": unknown.str.casefold().isin(known.str.casefold())}  # fmt: skip
            hints = [f"; without {what}, levels there are the same" for what, hit in alike.items() if hit.any()]
            said.append(f"{name}: {told}{''.join(hints)}")
    return said


def nearly_empty(columns: dict[str, Kind], test: pd.DataFrame) -> list[str]:
    """Warnings of features without a value in most test rows."""
    holes = test[[name for name, kind in columns.items() if kind.role != "out"]].isna()
    emptiest = holes.sum()[holes.mean() > MOST_MISSING]
    return [f"{name} has no value in {rows:,} of {len(test):,} test rows" for name, rows in emptiest.items()]


def read_so(own: Convention, which: str) -> list[str]:
    """How numbers are read, by a cell of each column of which something is to be said."""
    shown = [f"{name}: '{cell}' is read as {number:.15g}" for name, (cell, number) in own.samples.items()]
    between = "" if own.thousands == "none" else f", {own.thousands}s between thousands"
    mend = "; correct decimal, thousands and units where that is wrong"
    return [f"{which} table: numbers with a decimal {own.decimal}{between}; {', '.join(shown)}{mend}"] if shown else []
