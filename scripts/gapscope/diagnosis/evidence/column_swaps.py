"""Columns under each other's header, in the same unit or in another."""

import numpy as np

from gapscope.diagnosis.evidence.column_maps import ColumnMap, ColumnPair, assigned


def swapped(columns: dict[str, ColumnPair], most_left: float) -> list[ColumnMap]:
    """Columns of one kind under each other's header: the assignment of test to known columns that fits best, cut into
    its cycles; a cycle is given only if each of its columns then fits."""
    found = []
    for numeric in (True, False):
        names = [name for name, column in columns.items() if column.numeric == numeric]
        if len(names) < 2:
            continue
        cost = np.array([[columns[a].excess(columns[b].test.to_numpy()) for b in names] for a in names])
        place = [column for _, column in assigned(cost)]
        for cycle in _cycles(place):
            if len(cycle) > 1 and all(columns[names[i]].fits(cost[i, place[i]], most_left) for i in cycle):
                exchanged = {names[i]: columns[names[place[i]]].test for i in cycle}
                maps = {names[i]: {"from": names[place[i]]} for i in cycle}
                found.append(ColumnMap("columns_swapped", exchanged, "columns exchanged", 0.0, maps=maps))
    return found


def _cycles(permutation: list[int]) -> list[list[int]]:
    left, cycles = set(range(len(permutation))), []
    while left:
        cycle, place = [], min(left)
        while place in left:
            left.remove(place)
            cycle.append(place)
            place = permutation[place]
        cycles.append(cycle)
    return cycles
