"""Proposal of a config for new tables: each column's role, the classes, the missing values, with reasons."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError
from gapscope.data.dates import days
from gapscope.data.leaks import how_it_tells
from gapscope.data.setup.conventions import Convention, convention_of
from gapscope.data.setup.kinds import Kind, kind_of
from gapscope.data.setup.table import Table, looked_at, stray_rows, totals
from gapscope.data.setup.target import Classes, classes_of, rows_by_class, words_as_classes
from gapscope.data.setup.two_tables import in_test, missing_words, read_so, words_as_levels, written_otherwise

MOST_DROPPED = 0.05  # share of a table's rows up to which rows with a missing value are dropped


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
    _check_weight(weight, target)
    own = convention_of(train.cells, spellings)
    like = own if train.source.format == "csv" else None  # numbers of a Parquet file are not written in any way
    later = own if test is None else convention_of(test.cells, spellings, like)
    tables = {"training": (train, own)} | ({} if test is None else {"test": (test, later)})
    labels, of_test = _labels(train, test, spellings)
    classes = classes_of(train.source.path, target, train.target, of_test, spellings, (own, later))
    features = [name for name in train.cells if name not in (target, weight)]
    levels = words_as_levels([table.cells for table, _ in tables.values()], features, spellings)
    notes = [*classes.notes, *_read_so(tables), *_words(levels)]
    notes += missing_words(train.cells, [name for name in features if name not in levels], spellings)
    kept = {name: tuple(words) for name, words in levels.items()} | {target: tuple(map(str, classes.rows))}
    train, test = (table and table.masked(spellings, kept) for table in (train, test))
    columns = {name: Kind("out", f"its cells hold {words}") for name, words in train.unlike.items()}
    columns |= {name: kind_of(name, train.cells[name], own, max_levels, train.rows) for name in features}
    if test is not None:
        stray = _strays(columns, classes)
        before, after = (table.masked(stray, _kept(table, columns, stray, kept)) for table in (train, test))
        columns = {name: in_test(kind, name, before.cells, after, (own, later)) for name, kind in columns.items()}
    stray = _strays(columns, classes)
    for table in filter(None, (train, test)):
        kept = _kept(table, columns, stray, kept)
    train, test = (table and table.masked(stray, kept) for table in (train, test))
    warnings = stray_rows(train, target, classes.rows)
    warnings += [told for table, convention in tables.values() for told in totals(table, convention)]
    other: dict = {}
    if test is not None:
        unknown = [name for name in test.cells if name not in train.cells]
        notes += [f"column '{name}' is in the test table alone, and not used" for name in unknown]
        if labels == "absent":
            notes.append(f"{test.source.path} has no class of any row in '{target}': its accuracy cannot be known")
        other, said = written_otherwise(columns, (own, later), train.cells, test.cells, target)
        warnings += said
    columns, leaks = _without_leaks(columns, train, target, classes, own)
    warnings += [f"{name} gives the class away; is it known before the class is?" for name in leaks]
    used = _used(columns, train.source.path, test)
    policy = _missing_policy(train, test, None if classes.bins else target, used)
    kept = {name: kept[name] for name in used if name in kept}
    return Proposal(
        target, classes, columns, tuple(warnings), stray, kept, own, other, *policy, labels, tuple(notes), weight
    )


def _check_weight(weight: str | None, target: str) -> None:
    if weight == target:
        raise UserError(f"--weight: '{weight}' is the target too; name another column, or leave --weight out.")
    if weight == "none":
        raise UserError("--weight: in a config, data.weight: none stands for no weights; rename that column.")


def _labels(train: Table, test: Table | None, spellings: list[str]) -> tuple[str, pd.Series | None]:
    """present | absent | none (no test table), and the test table's classes."""
    if test is None:
        return "none", None
    classes = words_as_classes(train.target, spellings)
    there = rows_by_class(test.target, [word for word in spellings if word not in classes])
    return ("present", test.target) if len(there) else ("absent", None)


def _read_so(tables: dict[str, tuple[Table, Convention]]) -> list[str]:
    """Notes of how each table's numbers and rows are read."""
    conventions = {name: convention for name, (_, convention) in tables.items()}
    if conventions["training"] == conventions.get("test"):
        del conventions["test"]
    notes = [note for name, convention in conventions.items() for note in read_so(convention, name)]
    notes += [f"{table.source.path}: {remark}" for table, _ in tables.values() for remark in table.source.remarks]
    return notes + [note for table, _ in tables.values() for note in looked_at(table)]


def _words(levels: dict[str, dict[str, int]]) -> list[str]:
    """Notes of the words for a missing value that are levels."""
    return [
        f"'{word}' in {name} is a level, in {rows:,} rows; where it stands for a missing value, take {name} "
        "out of not_missing"
        for name, words in levels.items()
        for word, rows in words.items()
    ]


def _used(columns: dict[str, Kind], path: str, test: Table | None) -> list[str]:
    """The features."""
    used = [name for name, kind in columns.items() if kind.role != "out"]
    if len(columns) > 1 and test is not None and not {*columns} & {*test.cells}:
        raise UserError(
            f"{test.source.path}: no feature of the training table is in it ({', '.join(columns)[:300]}); is its first "
            f"line a header? The file has: {', '.join(test.source.names)[:300]}."
        )
    if not used:
        told = "; ".join(f"{name}: {kind.why}" for name, kind in columns.items())[:600]
        raise UserError(f"{path}: no column is left as a feature: {told}")
    return used


def _kept(table: Table, columns: dict[str, Kind], stray: tuple[str, ...], kept: dict) -> dict[str, tuple[str, ...]]:
    """`kept` and, by column, the spellings that stand for a missing value in another one and for a value here."""
    more = dict(kept)
    for name in (name for name in columns if name in table.cells):
        words = set(table.cells[name][table.cells[name].isin(stray)]) - {*columns[name].stray}
        if words:
            more[name] = tuple(sorted({*kept.get(name, ()), *words}))
    return more


def _strays(columns: dict[str, Kind], classes: Classes) -> tuple[str, ...]:
    return tuple(sorted({*classes.stray, *(word for kind in columns.values() for word in kind.stray)}))


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
