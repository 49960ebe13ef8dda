"""The classes of a new table's target: values of the training table, or ranges of its numbers."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError, counted
from gapscope.data.classes import truth
from gapscope.data.read import is_missing
from gapscope.data.setup.conventions import CONSIDERABLE, NUMBER, WORDS, Convention

MOST_CLASSES = 50
RANGES = 4  # of a target of numbers, with as many rows each
FOLDS = 5  # rows of a class below which a fold of a cross-validation has none


@dataclass(frozen=True)
class Classes:
    """`rows`: class -> rows in the training table. `bins`: bounds of the ranges that the classes are, of numbers."""

    rows: dict[str | int, int]
    bins: tuple[float, ...]
    notes: tuple[str, ...]


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
    path: str, name: str, target: pd.Series, test: pd.Series | None, spellings: list[str], own: Convention
) -> Classes:
    """The classes with their rows, numbers in their order, others sorted, and what is to be said of them.

    Args:
        target, test: rows by text, of the test table if it has classes.

    Raises:
        UserError: the target is no set of 2 to 50 classes, nor are there numbers to be parted in ranges.
    """
    words = words_as_classes(target, spellings)
    spellings = [word for word in spellings if word not in words]
    found, notes = rows_by_class(target, spellings), []
    for word, count in words.items():
        notes.append(f"'{word}' is a class, in {count:,} training rows; if it stands for none, take it out of classes")
    notes += _without_class(target, spellings, "training")
    if len(found) < 2:
        raise UserError(
            f"{path}: the target '{name}' has {'no value' if found.empty else 'one value, ' + found.index[0]}; "
            "expected at least two classes."
        )
    later = pd.Series(dtype="int64") if test is None else rows_by_class(test, spellings)
    notes += [] if test is None else _without_class(test, spellings, "test")
    key = truth if {truth(value) for value in found.index} == {True, False} else str.casefold
    twice = found.index[found.index.str.casefold().duplicated(keep=False)]
    if key is not truth and len(twice):
        notes.append(
            f"classes that differ in capitals alone: {', '.join(twice)}; make them one in the table if they are"
        )
    else:
        found, later = _as_one(found, found, key, notes), _as_one(later, found, key, notes)
    counts = {**found.to_dict(), **{value: 0 for value in later.index if value not in found.index}}
    if len(counts) > MOST_CLASSES:
        return _ranges(path, name, found, own, notes)
    notes += _rare(found, later if test is not None else found)
    return Classes(_in_order(counts), (), tuple(notes))


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
        notes.append(f"{', '.join(other)} and {', '.join(same)} are read as the same class{'es' * (len(same) > 1)}")
    return rows.groupby([names.get(key(value), value) for value in rows.index]).sum()


def _rare(rows: pd.Series, later: pd.Series) -> list[str]:
    few = [f"{value} ({counted(int(count), 'row')})" for value, count in rows.items() if count < FOLDS]
    there = {re.sub(r"\.0+$", "", value) for value in later.index}
    here = {re.sub(r"\.0+$", "", value) for value in rows.index}
    alone = [value for value in rows.index if re.sub(r"\.0+$", "", value) not in there]
    return [
        f"{said}: {', '.join(names[:8])}"
        for said, names in (
            ("too few training rows to learn or judge a class by", few),
            ("classes without a test row", alone),
            ("classes in the test table alone, which no network can learn", sorted(there - here)),
        )
        if names
    ]


def _in_order(counts: dict[str, int]) -> dict[str | int, int]:
    if all(re.fullmatch(r"[-+]?\d+(\.0+)?", value) for value in counts):
        whole = {}
        for value, rows in counts.items():  # 1 and 1.0 are one class
            whole[int(float(value))] = whole.get(int(float(value)), 0) + rows
        return dict(sorted(whole.items()))
    numbers = pd.to_numeric(pd.Series(list(counts)), errors="coerce")
    key = dict(zip(counts, numbers)) if numbers.notna().all() else {}
    return dict(sorted(counts.items(), key=lambda item: (key.get(item[0], 0.0), item[0])))


def _ranges(path: str, name: str, rows: pd.Series, own: Convention, notes: list[str]) -> Classes:
    """Classes that part numbers at their quantiles."""
    numbers = own.numbers(name, pd.Series(rows.index, dtype="str"))
    if not np.isfinite(numbers).all():
        raise UserError(
            f"{path}: the target '{name}' has {len(rows):,} different values; gapscope tells 2 to {MOST_CLASSES} "
            "classes apart. Join the rare ones in a column of its own, and name that as the target."
        )
    every = np.repeat(numbers.to_numpy(), rows.to_numpy())
    bounds = np.quantile(every, np.arange(1, RANGES) / RANGES)
    bins = sorted({rounded for bound in bounds if (rounded := float(f"{bound:.6g}")) > numbers.min()})
    if not bins or bins[-1] > numbers.max():
        raise UserError(
            f"{path}: the target '{name}' has {len(rows):,} different numbers, most of them the same: cut them into "
            "ranges in a column of its own, and name that as the target."
        )
    names = [f"below {bins[0]:g}", *(f"{low:g} to {high:g}" for low, high in zip(bins, bins[1:])), f"from {bins[-1]:g}"]
    counts = np.bincount(np.searchsorted(bins, every, side="right"), minlength=len(names))
    notes.append(f"{name}: {len(rows):,} different numbers, cut at quantiles of the training rows (data.bins)")
    return Classes(dict(zip(names, counts.tolist())), tuple(bins), tuple(notes))
