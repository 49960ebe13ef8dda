"""Proposal of a config for new tables: each column's role, the classes, the missing values, with reasons."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError
from gapscope.data.leaks import how_it_tells
from gapscope.data.read import is_missing, parsed
from gapscope.data.setup.kinds import Kind, decimal_of, kind_of
from gapscope.data.source import Source, cell_blocks

MOST_CLASSES = 50
LOOKED_AT = 200_000  # rows by which columns are judged, at most
MOST_DROPPED = 0.05  # share of a table's rows up to which rows with a missing value are dropped


@dataclass(frozen=True)
class Table:
    """A file, its number of rows, the cells as text of every `every`th of them, and the target's cells in all rows.

    `target`: rows by text, without nulls; empty where the file has no such column.
    """

    source: Source
    rows: int
    every: int
    cells: pd.DataFrame
    target: pd.Series

    def classes(self, spellings: list[str]) -> pd.Series:
        """Rows by class, without those that have none."""
        texts = pd.Series(self.target.index, dtype="str")
        known = ~is_missing(texts, spellings).to_numpy()
        return self.target[known].groupby(texts[known].str.strip().to_numpy()).sum()


@dataclass(frozen=True)
class Proposal:
    """`columns`: name -> kind of each column but the target; `classes`: value -> rows in the training table.

    `stray`: spellings of missing values beyond the usual ones. `missing`: drop | impute, and `missing_why`. `leaks`:
    those of the columns left out from which the class can be read off.
    """

    target: str
    classes: dict[str | int, int]
    columns: dict[str, Kind]
    leaks: tuple[str, ...]
    stray: tuple[str, ...]
    decimal: str
    missing: str
    missing_why: str
    labels: str  # present | absent | none (no test table)
    notes: tuple[str, ...]
    weight: str | None = None  # the column that says how many rows each row stands for

    def named(self, role: str) -> list[str]:
        return [name for name, kind in self.columns.items() if kind.role == role]


def table(source: Source, target: str) -> Table:
    """The file read through; beyond LOOKED_AT rows, every second, fourth, ... is kept."""
    kept, rows, every = [], 0, 1
    counts = [pd.Series(dtype="int64", index=pd.Index([], dtype="str"))]
    for block in cell_blocks(source, list(source.names)):
        if target in block:
            counts.append(block[target].value_counts(sort=False))
        kept.append(block.iloc[-rows % every :: every])
        rows += len(block)
        while sum(map(len, kept)) > LOOKED_AT:
            every *= 2
            kept = [pd.concat(kept, ignore_index=True).iloc[::2]]
    counted = pd.concat(counts).groupby(level=0, sort=False).sum()
    return Table(source, rows, every, pd.concat(kept, ignore_index=True), counted)


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
    labels = _labels(test, target, spellings)
    classes, notes = _classes(train, test if labels == "present" else None, target, spellings)
    if weight == target:
        raise UserError(f"--weight: '{weight}' is the target too; name another column, or leave --weight out.")
    if weight == "none":
        raise UserError("--weight: in a config, data.weight: none stands for no weights; rename that column.")
    notes += [note for note in map(_looked_at, filter(None, (train, test))) if note]
    features = train.cells.drop(columns=[target, *filter(None, [weight])])
    decimal = decimal_of(features, spellings)
    columns = {name: kind_of(name, features[name], decimal, spellings, max_levels, train.rows) for name in features}
    stray = tuple(sorted({word for kind in columns.values() for word in kind.stray}))
    every = [*spellings, *stray]
    if test is not None:
        columns = {name: _in_test(kind, name, test, decimal, every) for name, kind in columns.items()}
        unknown = [name for name in test.cells if name not in train.cells]
        notes += [f"column '{name}' is in the test table alone, and not used" for name in unknown]
    columns, leaks = _without_leaks(columns, train, target, decimal, every)
    used = [name for name, kind in columns.items() if kind.role != "out"]
    if not used:
        raise UserError(
            f"{train.source.path}: no column is left as a feature: "
            + "; ".join(f"{name}: {kind.why}" for name, kind in columns.items())[:600]
        )
    missing = _missing_policy(train, test, target, used, every)
    return Proposal(target, classes, columns, leaks, stray, decimal, *missing, labels, tuple(notes), weight)


def _labels(test: Table | None, target: str, spellings: list[str]) -> str:
    if test is None:
        return "none"
    return "present" if len(test.classes(spellings)) else "absent"


def _looked_at(own: Table) -> str | None:
    if own.every > 1:
        return (
            f"{own.source.path}: columns are judged by every {own.every}th row ({len(own.cells):,} of {own.rows:,}); "
            "classes are counted in all"
        )
    return None


def _classes(train: Table, test: Table | None, target: str, spellings: list[str]) -> tuple[dict, list[str]]:
    """Value -> rows, numbers in their order, others sorted; and what is to be said of them."""
    rows, path = train.classes(spellings), train.source.path
    without = train.rows - rows.sum()
    notes = [f"{without:,} training rows have no class and are left out"] if without else []
    extra = {} if test is None else {value: 0 for value in test.classes(spellings).index if value not in rows.index}
    counts = {**rows.to_dict(), **extra}
    if len(rows) < 2:
        raise UserError(
            f"{path}: the target '{target}' has {'no value' if rows.empty else 'one value, ' + rows.index[0]}; "
            "expected at least two classes."
        )
    if len(counts) > MOST_CLASSES:
        numeric = parsed(pd.Series(list(rows.index)), "point").notna().all()
        raise UserError(
            f"{path}: the target '{target}' has {len(counts):,} different values; gapscope tells 2 to {MOST_CLASSES} "
            f"classes apart. {'Cut the numbers into ranges' if numeric else 'Join the rare ones'} in a column of its "
            "own, and name that as the target."
        )
    return _in_order(counts), notes


def _in_order(counts: dict[str, int]) -> dict[str | int, int]:
    if all(re.fullmatch(r"[-+]?\d+(\.0+)?", value) for value in counts):
        whole = {}
        for value, rows in counts.items():  # 1 and 1.0 are one class
            whole[int(float(value))] = whole.get(int(float(value)), 0) + rows
        return dict(sorted(whole.items()))
    numbers = parsed(pd.Series(list(counts)), "point")
    key = dict(zip(counts, numbers)) if numbers.notna().all() else {}
    return dict(sorted(counts.items(), key=lambda item: (key.get(item[0], 0.0), item[0])))


def _in_test(kind: Kind, name: str, test: Table, decimal: str, spellings: list[str]) -> Kind:
    """The kind, or out where the test table has no such column, or texts where there are numbers."""
    if kind.role == "out":
        return kind
    if name not in test.cells:
        return Kind("out", "it is not in the test table")
    if kind.role == "numeric":
        values = test.cells[name][~is_missing(test.cells[name], spellings)]
        wrong = values[~np.isfinite(parsed(values, decimal))]
        if len(wrong):
            return Kind(
                "out",
                f"numbers in the training table, but in {len(wrong):,} rows of the test table it has none (such as "
                f"'{wrong.iloc[0][:30]}'); if that means a missing value, add it to missing_values",
            )
    return kind


def _without_leaks(columns: dict[str, Kind], train: Table, target: str, decimal: str, spellings: list[str]):
    """The kinds with the features that give the class away left out, and their names."""
    codes, _ = pd.factorize(train.cells[target].str.strip().mask(is_missing(train.cells[target], spellings)))
    found, distinct = {}, None
    for name, kind in columns.items():
        if kind.role == "out":
            continue
        column = train.cells[name]
        known = ~is_missing(column, spellings).to_numpy() & (codes >= 0)
        values = column[known].str.strip()
        values = parsed(values, decimal) if kind.role == "numeric" else values
        how = how_it_tells(values, codes[known])
        if how and distinct is None:
            names = [name for name, kind in columns.items() if kind.role != "out"]
            distinct = ~train.cells[[*names, target]].duplicated().to_numpy()
        if how:
            how = how_it_tells(values[distinct[known]], codes[known & distinct])
        if how:
            found[name] = Kind("out", f"{kind.role}, but it gives the class away: {how}")
    return {**columns, **found}, tuple(found)


def _missing_policy(
    train: Table, test: Table | None, target: str, used: list[str], spellings: list[str]
) -> tuple[str, str]:
    """drop | impute, and the rule that says so."""
    shares, told = [], []
    for name, own in (("training", train), ("test", test)):
        if own is None:
            continue
        hit = np.any([is_missing(own.cells[column], spellings) for column in used], axis=0)
        shares.append(hit.mean())
        told.append(f"{hit.sum():,} of {len(hit):,} {name} rows{' looked at' * (own.every > 1)}")
    if not any(shares):
        return "drop", "no value is missing in these columns"
    hit = np.any([is_missing(train.cells[column], spellings) for column in used], axis=0)
    classes = train.cells[target][~is_missing(train.cells[target], spellings)].str.strip()
    lost = sorted(set(classes) - set(classes[~hit[classes.index]]))
    told = f"a value is missing in {' and '.join(told)}"
    if lost:
        return "impute", f"{told}; dropping them would leave no row of the class {lost[0]}"
    if max(shares) <= MOST_DROPPED:
        return "drop", f"{told}: at most {MOST_DROPPED:.0%}, so they are dropped"
    return "impute", f"{told}: more than {MOST_DROPPED:.0%}, so values are filled in (medians, commonest levels)"
