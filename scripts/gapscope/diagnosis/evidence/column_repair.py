"""Repairs of test columns before the rest of the gap is examined: fitted on tables, not on accuracy."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.data.encode import encoded
from gapscope.data.rows import replaced
from gapscope.diagnosis.context import Case
from gapscope.diagnosis.estimates import NOTHING, Estimate
from gapscope.diagnosis.evidence.association import class_scores, favour, held, kept
from gapscope.diagnosis.evidence.bins import all_binned, binned, bins_for
from gapscope.diagnosis.evidence.column_maps import ColumnMap, ColumnPair, column_maps, swapped
from gapscope.diagnosis.evidence.drift import change


@dataclass(frozen=True)
class RivalMap:
    """Another kind of undoing that fits one column's tables as well."""

    kind: str
    feature: str
    column: pd.Series


@dataclass(frozen=True)
class ColumnRepair:
    """One kind of change with the features whose columns undoing it puts right."""

    kind: str
    features: tuple[str, ...]
    how: dict[str, str]  # per feature, in words
    rivals: tuple[RivalMap, ...] = ()
    unknown: np.ndarray | None = None  # rows of which a value stays unknown (n,)
    gain: Estimate = NOTHING  # test accuracy that undoing it brings: mean of undoing it alone, and of undoing it last
    needed: Estimate = NOTHING  # test accuracy that is lost if all but it is undone
    cost: Estimate = NOTHING  # validation accuracy that is lost with these columns from test rows of the same class


def repair_preparation(X: np.ndarray, test: pd.DataFrame, case: Case) -> tuple[list[ColumnRepair], np.ndarray]:
    """Test rows as the network should have been fed, and what was done otherwise: never scaled, or columns in another
    order. `X` (n, d) is what it was fed."""
    proper = case.encode(test)
    if np.allclose(X, proper, rtol=1e-4, atol=1e-5):
        return [], X
    raw = encoded(test, list(case.encode.columns))
    scaled = [
        name for name, places in case.encode.groups.items()
        if not np.allclose(raw[:, places], proper[:, places], rtol=1e-4, atol=1e-5)
    ]  # fmt: skip
    if np.allclose(np.sort(X.sum(axis=0)), np.sort(raw.sum(axis=0)), rtol=1e-4, atol=1e-3) and scaled:
        return [
            ColumnRepair("rescaled", tuple(scaled), dict.fromkeys(scaled, "never scaled as the training rows"))
        ], proper
    misplaced = [
        name for name, places in case.encode.groups.items()
        if not np.allclose(X[:, places], proper[:, places], rtol=1e-4, atol=1e-5)
    ]  # fmt: skip
    return [ColumnRepair("columns_swapped", tuple(misplaced), dict.fromkeys(misplaced, "fed in another order"))], proper


def repair_columns(
    known: pd.DataFrame, test: pd.DataFrame, case: Case, repeats: np.ndarray, drifted: list[str]
) -> tuple[pd.DataFrame, list[ColumnRepair]]:
    """The test table with every change undone that a map fits, and these changes by kind.

    Only columns in `drifted` are tried: where the features' own distribution is as it was, no column was changed.
    """
    settings, names = case.settings, case.features
    y_known, y_test = known[case.target].to_numpy(), test[case.target].to_numpy()
    bins = bins_for(min(len(known), len(test)), case.n_classes)
    both = all_binned(known, test, names, bins)
    columns = {
        name: ColumnPair(known[name], y_known, test[name], y_test, case.n_classes)
        for name in drifted
        if change(known[name], test[name], both[name], y_known, y_test, repeats)["p_given_class"]
        < settings["alpha"] / len(names)
    }
    columns = {name: column for name, column in columns.items() if column.before > 0}
    undos = [(undo, ()) for undo in swapped(columns, settings["most_left"])]
    exchanged = {name for undo, _ in undos for name in undo.columns}
    chosen = [chosen_map(column, name, case, bins) for name, column in columns.items() if name not in exchanged]
    undos += [one for one in chosen if one]
    found: dict[str, list[tuple[ColumnMap, tuple[RivalMap, ...]]]] = {}
    for one in undos:
        found.setdefault(one[0].kind, []).append(one)
    repairs = [
        ColumnRepair(
            kind,
            tuple(name for undo, _ in own for name in undo.columns),
            {name: undo.how for undo, _ in own for name in undo.columns},
            tuple(rival for _, rivals in own for rival in rivals),
            np.any([undo.unknown for undo, _ in own], axis=0) if kind == "sentinel_value" else None,
        )
        for kind, own in found.items()
    ]
    changed = {name: values.to_numpy() for undo, _ in undos for name, values in undo.columns.items()}
    return replaced(test, changed), repairs


def chosen_map(column: ColumnPair, name: str, case: Case, bins: int) -> tuple[ColumnMap, tuple[RivalMap, ...]] | None:
    """The plainest undoing of those that fit alike, and the first of each other kind among them.

    It must leave next to nothing of the change, and the feature must tell the class as the known rows taught.
    """
    fits = [
        undo
        for undo in column_maps(column, name, case.rng)
        if column.fits(undo.left, case.settings["most_left"]) and tells(column, undo, name, case, bins)
    ]
    if not fits:
        return None
    best = min(undo.left for undo in fits)
    alike = [undo for undo in fits if undo.left <= best + 0.01 + 0.3 * column.noise]
    others = {undo.kind: undo for undo in reversed(alike) if undo.kind != alike[0].kind}
    if others and all("rank" in undo.how for undo in alike):  # a curve of any shape fits what tells nothing
        return None
    return alike[0], tuple(RivalMap(kind, name, undo.columns[name]) for kind, undo in others.items())


def tells(column: ColumnPair, undo: ColumnMap, name: str, case: Case, bins: int) -> bool:
    """Whether the undone column's relation to the class holds as among known rows (or there is none to hold).

    The relation is learnt from every second known row and held against the others and the test rows.
    """
    both = binned(column.known, undo.columns[name], bins)
    shares = np.bincount(column.y_known, minlength=case.n_classes) / len(column.y_known)
    learnt, y_learnt = both.known[::2], column.y_known[::2]
    sides = []
    for codes, y in ((both.known[1::2], column.y_known[1::2]), (both.test, column.y_test)):
        scores = class_scores(learnt, y_learnt, codes, both.bins, case.n_classes)
        sides.append(held(favour(scores, y, shares), y, shares))
    found = kept(*sides, case.confidence)
    return not found.high < case.settings["least_kept"]
