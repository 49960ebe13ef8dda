"""Proposal of a config for new tables: each column's role, the classes, the missing values, with reasons."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError
from gapscope.data.classes import bare
from gapscope.data.dates import days
from gapscope.data.leaks import how_it_tells
from gapscope.data.parquet_cells import unreadable
from gapscope.data.read import is_missing
from gapscope.data.setup.conventions import Convention, convention_of
from gapscope.data.setup.kinds import Kind, kind_of
from gapscope.data.setup.target import Classes, classes_of, rows_by_class, words_as_classes
from gapscope.data.setup.two_tables import (
    in_test,
    missing_words,
    nearly_empty,
    other_dates,
    other_units,
    read_so,
    unknown_levels,
    words_as_levels,
)
from gapscope.data.source import Source, cell_blocks

LOOKED_AT = 200_000  # rows by which columns are judged, at most
MOST_DROPPED = 0.05  # share of a table's rows up to which rows with a missing value are dropped


@dataclass(frozen=True)
class Table:
    """A file, its number of rows, the cells as text of every `every`th of them, and the target's cells in all rows.

    `target`: rows by text; empty where the file has no such column. `unlike`: column -> what its cells hold that is no
    text.
    """

    source: Source
    rows: int
    every: int
    cells: pd.DataFrame
    target: pd.Series
    unlike: dict[str, str]

    def masked(self, spellings: Iterable[str], kept: dict[str, tuple[str, ...]]) -> "Table":
        """The table with missing values for these spellings, but for those that a column keeps."""
        words = {name: [word for word in spellings if word not in kept.get(name, ())] for name in self.cells}
        cells = {name: column.mask(is_missing(column, words[name])) for name, column in self.cells.items()}
        return replace(self, cells=pd.DataFrame(cells))


@dataclass(frozen=True)
class Proposal:
    """`columns`: name -> kind of each column but the target; `classes`: value -> rows in the training table.

    `stray`: spellings of missing values beyond the usual ones. `kept`: column -> spellings that are levels there.
    `missing`: drop | impute, and `missing_why`. `other`: what the test file writes otherwise. `warnings`: what
    may spoil the comparison of both tables.
    """

    target: str
    classes: Classes
    columns: dict[str, Kind]
    warnings: tuple[str, ...]
    stray: tuple[str, ...]
    kept: dict[str, tuple[str, ...]]
    convention: Convention
    other: dict
    missing: str
    missing_why: str
    labels: str  # present | absent | none (no test table)
    notes: tuple[str, ...]
    weight: str | None = None  # the column that says how many rows each row stands for

    def named(self, role: str) -> list[str]:
        return [name for name, kind in self.columns.items() if kind.role == role]


def table(source: Source, target: str, like: tuple[str, ...] = ()) -> Table:
    """The file read through; beyond LOOKED_AT rows, every second, fourth, ... is kept.

    Columns have the names that they have in `like`, those of the training table.
    """
    unlike = unreadable(source.path) if source.format == "parquet" else {}
    known = {source.place_among(name, [target, *like]): name for name in [target, *like]}
    names = [known.get(place, name) for place, name in enumerate(source.names) if source.written[place] not in unlike]
    kept, rows, every = [], 0, 1
    counts = [pd.Series(dtype="int64", index=pd.Index([], dtype="str"))]
    for block in cell_blocks(source, names):
        again = block[block.iloc[:, 0].str.strip().str.casefold() == names[0].casefold()]
        same = again.apply(lambda cells: bare(cells).str.casefold() == cells.name.casefold()).all(axis=1)
        if same.any():
            raise UserError(
                f"{source.path}: row {rows + same.idxmax() + 2} repeats the header; take it out of the file."
            )
        if target in block:
            counts.append(block[target].fillna("").value_counts(sort=False))
        kept.append(block.iloc[-rows % every :: every])
        rows += len(block)
        while sum(map(len, kept)) > LOOKED_AT:
            every *= 2
            kept = [pd.concat(kept, ignore_index=True).iloc[::2]]
    counted = pd.concat(counts)
    counted = counted.groupby(bare(counted.index.to_series()).to_numpy()).sum()
    return Table(source, rows, every, pd.concat(kept, ignore_index=True).apply(bare), counted, unlike)


def proposal(
    train: Table, test: Table | None, target: str, spellings: list[str], max_levels: int, weight: str | None = None
) -> Proposal:
    """Looks at every column of the training table, and at the test table for what must fit it.

    Args:
        spellings: of missing values, the usual ones. max_levels: from config.yaml's encode block. weight: a column
            that is no feature, since it says how many rows each row stands for.

    Raises:
        UserError: the target is no set of 2 to 50 classes, or no feature is left.
    """
    if weight == target:
        raise UserError(f"--weight: '{weight}' is the target too; name another column, or leave --weight out.")
    if weight == "none":
        raise UserError("--weight: in a config, data.weight: none stands for no weights; rename that column.")
    tables = [own for own in (train, test) if own is not None]
    own = convention_of(train.cells, spellings)
    later = own if test is None else convention_of(test.cells, spellings, own)
    labels, of_test = "none", None
    if test is not None:
        words = words_as_classes(train.target, spellings)
        there = rows_by_class(test.target, [word for word in spellings if word not in words])
        labels, of_test = ("present", test.target) if len(there) else ("absent", None)
    classes = classes_of(train.source.path, target, train.target, of_test, spellings, (own, later))
    notes = [*classes.notes, *read_so(own, "training"), *(read_so(later, "test") if later != own else [])]
    notes += [f"{table.source.path}: {remark}" for table in tables for remark in table.source.remarks]
    notes += [note for table in tables for note in _looked_at(table)]
    features = [name for name in train.cells if name not in (target, weight)]
    counts = words_as_levels([table.cells for table in tables], features, spellings)
    notes += [
        f"'{word}' in {name} is a level, in {rows:,} rows; where it stands for a missing value, take {name} "
        "out of not_missing"
        for name, words in counts.items()
        for word, rows in words.items()
    ]
    notes += missing_words(train.cells, [name for name in features if name not in counts], spellings)
    kept = {name: tuple(words) for name, words in counts.items()}
    own_words = kept | {target: tuple(map(str, classes.rows))}
    train, test = train.masked(spellings, own_words), test and test.masked(spellings, own_words)
    columns = {name: Kind("out", f"its cells hold {words}") for name, words in train.unlike.items()}
    columns |= {name: kind_of(name, train.cells[name], own, max_levels, train.rows) for name in features}
    stray = _strays(columns, classes)
    warnings = _stray_rows(train, target, classes.rows)
    warnings += [told for table, convention in zip(tables, (own, later)) for told in _totals(table, convention)]
    other = {key: value for key, value in (("decimal", later.decimal), ("thousands", later.thousands))
             if value != getattr(own, key)}  # fmt: skip
    if test is not None:
        test, before = test.masked(stray, own_words), train.masked(stray, own_words)
        columns = {name: in_test(kind, name, before.cells, test, (own, later)) for name, kind in columns.items()}
        stray = _strays(columns, classes)
        train, test = train.masked(stray, own_words), test.masked(stray, own_words)
        unknown = [name for name in test.cells if name not in train.cells]
        notes += [f"column '{name}' is in the test table alone, and not used" for name in unknown]
        for differing, said in (
            other_units(columns, own, later, target),
            other_dates(columns, train.cells, test.cells),
        ):
            other, warnings = other | differing, warnings + said
        warnings += unknown_levels(columns, train.cells, test.cells) + nearly_empty(columns, test.cells)
    columns, leaks = _without_leaks(columns, train, target, classes, own)
    warnings += [f"{name} gives the class away; is it known before the class is?" for name in leaks]
    used = [name for name, kind in columns.items() if kind.role != "out"]
    if not used:
        raise UserError(
            f"{train.source.path}: no column is left as a feature: "
            + "; ".join(f"{name}: {kind.why}" for name, kind in columns.items())[:600]
        )
    policy = _missing_policy(train, test, None if classes.bins else target, used)
    kept = {name: words for name, words in kept.items() if columns[name].role == "categorical"}
    return Proposal(
        target, classes, columns, tuple(warnings), stray, kept, own, other, *policy, labels, tuple(notes), weight
    )


def _strays(columns: dict[str, Kind], classes: Classes) -> tuple[str, ...]:
    return tuple(sorted({*classes.stray, *(word for kind in columns.values() for word in kind.stray)}))


def _stray_rows(train: Table, target: str, rows: dict) -> list[str]:
    """Warnings of a first or last row that has a class of its own."""
    ends = {"first": train.cells[target].iloc[0], "last": train.cells[target].iloc[-1]} if train.every == 1 else {}
    return [
        f"the {which} row alone is of the class '{value}': take it out of the file if it holds units, totals or notes"
        for which, value in ends.items()
        if isinstance(value, str) and rows.get(value) == 1
    ]


def _totals(own: Table, convention: Convention) -> list[str]:
    """A warning where the last row holds the sums of the others in two columns or more."""
    last = {name: convention.numbers(name, column.tail(1)).iloc[0] for name, column in own.cells.items()}
    sums = {name: convention.numbers(name, own.cells[name].iloc[:-1]).sum() for name in last if last[name]}
    found = [name for name, total in sums.items() if np.isclose(last[name], total, rtol=1e-9)]
    if own.every > 1 or len(own.cells) < 3 or len(found) < 2:
        return []
    return [f"{own.source.path}: the last row holds the sums of {', '.join(found[:8])}: take it out of the file"]


def _looked_at(own: Table) -> list[str]:
    told = f"judged by every {own.every}th row ({len(own.cells):,} of {own.rows:,}); classes are counted in all"
    return [f"{own.source.path}: columns are {told}"] if own.every > 1 else []


def _without_leaks(
    columns: dict[str, Kind], train: Table, target: str, classes: Classes, own: Convention
) -> tuple[dict[str, Kind], tuple[str, ...]]:
    """The kinds with the features that give the class away left out, and their names."""
    y = train.cells[target]
    if classes.bins:
        y = own.numbers(target, y)
        y = pd.Series(np.searchsorted(classes.bins, y, side="right")).mask(y.isna())
    codes, _ = pd.factorize(y)
    names, found = [name for name, kind in columns.items() if kind.role != "out"], {}
    distinct = ~train.cells[[*names, target]].duplicated().to_numpy()  # copies of a row are no evidence
    for name in names:
        kind, column = columns[name], train.cells[name]
        known = column.notna().to_numpy() & (codes >= 0) & distinct
        values = column[known]
        if kind.role == "numeric":
            values = days(values, kind.date) if kind.date else own.numbers(name, values)
        how = how_it_tells(values, codes[known])
        if how:
            found[name] = Kind("out", f"{kind.role}, but it gives the class away: {how}")
    return {**columns, **found}, tuple(found)


def _missing_policy(train: Table, test: Table | None, target: str | None, used: list[str]) -> tuple[str, str]:
    """drop | impute, and the rule that says so. `target`: None where its values are numbers in ranges."""
    hits = [table.cells[used].isna().any(axis=1) for table in (train, test) if table is not None]
    shares = [hit.mean() for hit in hits]
    told = [
        f"{hit.sum():,} of {len(hit):,} {name} rows{' looked at' * (table.every > 1)}"
        for hit, name, table in zip(hits, ("training", "test"), (train, test))
    ]
    if not any(shares):
        return "drop", "no value is missing in these columns"
    classes = train.cells[target] if target else hits[0][:0]
    lost = sorted({*classes.dropna()} - {*classes[~hits[0]]})
    told = f"a value is missing in {' and '.join(told)}"
    if lost:
        return "impute", f"{told}; dropping them would leave no row of the class {lost[0]}"
    if max(shares) <= MOST_DROPPED:
        return "drop", f"{told}: at most {MOST_DROPPED:.0%}, so they are dropped"
    return "impute", f"{told}: more than {MOST_DROPPED:.0%}, so values are filled in (medians, commonest levels)"
