"""Columns under each other's header, in the same unit or in another."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from gapscope.diagnosis.evidence.column_maps import LEVELS, SPIKE, ColumnMap, ColumnPair, assigned, nearest

MOST = 12  # columns that are tried in another unit: each is held against each
BETTER = 0.02  # by which columns exchanged must fit better, each by a factor, than each in its own place


def swapped(columns: dict[str, ColumnPair], drifted: list[str], most_left: float) -> list[ColumnMap]:
    """Numbers, or categories, under each other's header: the assignment of test to known columns that fits best, cut
    into its cycles; first as the values are, then the rest of the numbers by a factor each.

    A cycle is given only if its columns then fit, and one of them is in `drifted`.
    """
    found = []
    for numeric in (True, False):
        some = {name: column for name, column in columns.items() if column.numeric == numeric}
        found += _exchanged(some, lambda column, other, name: (other.test, {"from": name}), most_left, "", 0.0)
    exchanged = {name for undo in found for name in undo.columns}
    left = [name for name, column in columns.items() if column.numeric and name not in exchanged]
    left = [name for name in left if not _in_place(columns[name], name)][:MOST]
    some = {name: columns[name] for name in left}
    found += _exchanged(some, _by_a_factor, most_left, ", in another unit", BETTER)
    return [undo for undo in found if set(undo.columns) & set(drifted)]


def _in_place(column: ColumnPair, name: str) -> bool:
    """Whether a factor makes the column as the known one, and not by making all values one."""
    mapped = _by_a_factor(column, column, name)[0]
    joined = mapped.value_counts(normalize=True).iloc[0] - column.test.value_counts(normalize=True).iloc[0]
    return joined <= SPIKE and column.excess(mapped.to_numpy()) <= BETTER


def _exchanged(
    columns: dict[str, ColumnPair], read: Callable, most_left: float, how: str, better: float
) -> list[ColumnMap]:
    """The cycles of the assignment that leaves least, if that is less by `better` than each in its place. `read` gives
    a test column as it reads in place of another, and the map that makes it so."""
    if len(columns) < 2:
        return []
    tests = {(a, b): read(columns[a], columns[b], b) for a in columns for b in columns}
    cost = {(a, b): columns[a].excess(tests[a, b][0].to_numpy()) - better * (a == b) for a, b in tests}
    names, found = list(columns), []
    pairs = assigned(np.array([[cost[a, b] for b in names] for a in names]))
    place = {names[row]: names[column] for row, column in pairs}
    for cycle in _cycles(place):
        left = np.array([cost[name, place[name]] for name in cycle])
        allowed = np.array([columns[name].allowed(most_left) for name in cycle])
        if len(cycle) > 1 and left.sum() <= allowed.sum() and (left <= 2 * allowed).all():  # one of many fits worse
            values, maps = ({name: tests[name, place[name]][part] for name in cycle} for part in (0, 1))
            found.append(ColumnMap("columns_swapped", values, f"columns exchanged{how}", 0.0, maps=maps))
    return found


def _by_a_factor(column: ColumnPair, other: ColumnPair, name: str) -> tuple[pd.Series, dict]:
    """The other test column, called `name`, times the factor that brings it nearest to the known column: a power of ten
    if one does."""
    values, below = other.matched()
    known, test = column.known.to_numpy(np.float64), other.test.to_numpy(np.float64)
    wanted, given = np.quantile(known, LEVELS), np.interp(LEVELS, below, values)
    factor = float(wanted @ given / max(given @ given, 1e-300))
    slopes = (10.0 ** np.round(np.log10(factor)), factor) if factor > 0 else (1.0,)
    mapped = [(nearest(column.known, slope * test), {"from": name, "line": [float(slope), 0.0]}) for slope in slopes]
    return min(mapped, key=lambda one: column.excess(one[0].to_numpy()))


def _cycles(place: dict[str, str]) -> list[list[str]]:
    left, cycles = dict.fromkeys(place), []
    while left:
        cycle, name = [], next(iter(left))
        while name in left:
            del left[name]
            cycle.append(name)
            name = place[name]
        cycles.append(cycle)
    return cycles
