"""The classes of a new table's target: values of the training table, or ranges of its numbers."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError, counted
from gapscope.data.classes import levels_of, truth
from gapscope.data.numbers import parsed
from gapscope.data.read import is_missing
from gapscope.data.setup.conventions import CONSIDERABLE, NUMBER, WORDS, Convention
from gapscope.data.setup.kinds import few_strays

MOST_CLASSES = 50
RANGES = 4  # of a target of numbers, with as many rows each
EXACT = 1e15  # numbers up to which fifteen digits are all of it
FOLDS = 5  # rows of a class below which a fold of a cross-validation has none


@dataclass(frozen=True)
class Classes:
    """`rows`: class -> rows in the training table. `bins`: bounds of the ranges that the classes are, of numbers.

    `stray`: texts among these numbers, that are to count as missing.
    """

    rows: dict[str | int, int]
    notes: tuple[str, ...]
    bins: tuple[float, ...] = ()
    stray: tuple[str, ...] = ()


def rows_by_class(target: pd.Series, missing: list[str]) -> pd.Series:
    """Rows by class, from the rows by text, without those that have none."""
    texts = pd.Series(target.index, dtype="str")
    known = ~is_missing(texts, missing).to_numpy()
    return target[known]


def words_as_classes(target: pd.Series, spellings: list[str]) -> dict[str, int]:
    """Words for a missing value that many rows of a target of texts have: they are rather classes."""
    every, classes = rows_by_class(target, []), rows_by_class(target, spellings)
    truths = {truth(value) for value in classes.index} == {True, False}
    if classes.empty or truths or pd.Series(classes.index, dtype="str").str.fullmatch(NUMBER).all():
        return {}
    return {word: int(every[word]) for word in WORDS if word in every and every[word] >= CONSIDERABLE * every.sum()}


def classes_of(
    path: str,
    name: str,
    target: pd.Series,
    test: pd.Series | None,
    spellings: list[str],
    conventions: tuple[Convention, Convention],
) -> Classes:
    """The classes with their rows, numbers in their order, others sorted, and what is to be said of them.

    Args:
        target, test: rows by text, of the test table if it has classes. conventions: of both files.

    Raises:
        UserError: the target is no set of 2 to 50 classes, nor are there numbers to be parted in ranges.
    """
    words = words_as_classes(target, spellings)
    spellings = [word for word in spellings if word not in words]
    found = rows_by_class(target, spellings)
    mend = "if it stands for none, take it out of classes"
    notes = [f"'{word}' is a class, in {count:,} training rows; {mend}" for word, count in words.items()]
    notes += _without_class(target, spellings, "training")
    if len(found) < 2:
        raise UserError(
            f"{path}: the target '{name}' has {'no value' if found.empty else 'one value, ' + found.index[0]}; "
            "expected at least two classes."
        )
    later = pd.Series(dtype="int64") if test is None else rows_by_class(test, spellings)
    notes += [] if test is None else _without_class(test, spellings, "test")
    plain = _as_computers_write(found, conventions[0])
    if not plain.empty:
        found, later = plain, _as_computers_write(later, conventions[1], later)
    of_two = {truth(value) for value in found.index} == {True, False} and found.index.str.casefold().nunique() == 2
    key = truth if of_two and all(truth(value) is not None for value in later.index) else str.casefold
    twice = found.index[found.index.str.casefold().duplicated(keep=False)]
    if key is not truth and len(twice):
        told = f"classes that differ in capitals alone: {', '.join(twice)}"
        notes.append(f"WARNING: {told}; make them one in the table if they are")
    else:
        found, later = _as_one(found, found, key, notes), _as_one(later, found, key, notes)
    counts = {**found.to_dict(), **{value: 0 for value in later.index if value not in found.index}}
    if len(counts) > MOST_CLASSES:
        return _ranges(path, name, rows_by_class(target, spellings), conventions[0], notes)
    notes += _rare(found, later if test is not None else found)
    return Classes(_in_order(counts), tuple(notes))


def _without_class(target: pd.Series, spellings: list[str], which: str) -> list[str]:
    without = int(target.sum() - rows_by_class(target, spellings).sum())
    words = {word: int(count) for word, count in target.items() if word in spellings and word}
    told = "".join(f", {count:,} read '{word}'" for word, count in words.items())
    return [f"{without:,} {which} rows have no class and are left out{told}"] if without else []


def _as_one(rows: pd.Series, like: pd.Series, key: Callable, notes: list[str]) -> pd.Series:
    """Rows by class, where spellings with the same key are one class: that which most rows of `like` have."""
    names = {key(value): value for value in like.sort_values(kind="stable").index}
    other = [value for value in rows.index if names.get(key(value), value) != value]
    if other:
        same = dict.fromkeys(names[key(value)] for value in other)
        told = f"{', '.join(other)} and {', '.join(same)} are read as the same class{'es' * (len(same) > 1)}"
        notes.append(told if key is truth else f"WARNING: {told}")
    return rows.groupby([names.get(key(value), value) for value in rows.index]).sum()


def _as_computers_write(rows: pd.Series, own: Convention, otherwise: pd.Series | None = None) -> pd.Series:
    """Rows by number, without thousands and with a decimal point; `otherwise` where a text is none, or a code."""
    texts = pd.Series(rows.index, dtype="str")
    numbers = parsed(texts, own.decimal, own.thousands)
    twice = numbers[~levels_of(texts).duplicated()].duplicated()  # versions, say 1.1 and 1.10
    if twice.any() or texts.str.contains(r"^0\d").any() or not (numbers.abs() < EXACT).all():
        return pd.Series(dtype="int64") if otherwise is None else otherwise
    return rows.groupby(numbers.map("{:.15g}".format).to_numpy()).sum()


def _rare(rows: pd.Series, later: pd.Series) -> list[str]:
    few = [f"{value} ({counted(int(count), 'row')})" for value, count in rows.items() if count < FOLDS]
    alone, unknown = rows.index.difference(later.index), later.index.difference(rows.index)
    if len(alone) == len(rows):
        return [f"WARNING: the test table has other classes: {', '.join(unknown[:8])}; write them as in the other file"]
    return [
        f"{said}: {', '.join(names[:8])}"
        for said, names in (
            ("too few training rows to learn or judge a class by", few),
            ("classes without a test row", alone),
            ("classes in the test table alone, which no network can learn", unknown),
        )
        if len(names)
    ]


def _in_order(counts: dict[str, int]) -> dict[str | int, int]:
    if all(re.fullmatch(r"-?(0|[1-9]\d*)", value) for value in counts):
        return dict(sorted((int(value), rows) for value, rows in counts.items()))
    numbers = pd.to_numeric(pd.Series(list(counts)), errors="coerce")
    key = dict(zip(counts, numbers)) if numbers.notna().all() else {}
    return dict(sorted(counts.items(), key=lambda item: (key.get(item[0], 0.0), item[0])))


def _ranges(path: str, name: str, rows: pd.Series, own: Convention, notes: list[str]) -> Classes:
    """Classes that part numbers at their quantiles."""
    cells = pd.Series(rows.index.repeat(rows), dtype="str")
    numbers = own.numbers(name, cells)
    strays = cells[~np.isfinite(numbers)]
    if not few_strays(strays, cells):
        raise UserError(
            f"{path}: the target '{name}' has {len(rows):,} different values; gapscope tells 2 to {MOST_CLASSES} "
            "classes apart. Join the rare ones in a column of its own, and name that as the target."
        )
    if len(strays):
        words = ", ".join(map(repr, strays.unique()))
        notes.append(f"no number in {counted(len(strays), 'training row')} of {name}, which count as missing: {words}")
    every = numbers.drop(strays.index).to_numpy()
    bounds = np.quantile(every, np.arange(1, RANGES) / RANGES)
    bins = sorted({rounded for bound in bounds if (rounded := float(f"{bound:.6g}")) > every.min()})
    if not bins or bins[-1] > every.max():
        raise UserError(
            f"{path}: the target '{name}' has {len(rows):,} different numbers, most of them the same: cut them into "
            "ranges in a column of its own, and name that as the target."
        )
    names = [f"below {bins[0]:g}", *(f"{low:g} to {high:g}" for low, high in zip(bins, bins[1:])), f"from {bins[-1]:g}"]
    counts = np.bincount(np.searchsorted(bins, every, side="right"), minlength=len(names))
    notes.append(f"{name}: {len(rows):,} different numbers, cut at quantiles of the training rows (data.bins)")
    return Classes(dict(zip(names, counts.tolist())), tuple(notes), tuple(bins), tuple(sorted(strays.unique())))
