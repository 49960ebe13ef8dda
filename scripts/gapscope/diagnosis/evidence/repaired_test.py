"""The test set with everything undone that can be, and what the network makes of each undoing."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gapscope.common.thinning import thinned
from gapscope.data.replaced import replaced
from gapscope.diagnosis.context import Accuracies, Case, accuracy, paired
from gapscope.diagnosis.estimates import Figure
from gapscope.diagnosis.evidence.bins import bins_for
from gapscope.diagnosis.evidence.column_repair import Rival, Undone, undo_columns, undo_preparation
from gapscope.diagnosis.evidence.drift import movers
from gapscope.diagnosis.evidence.duplicates import Copies, repetition


@dataclass(frozen=True)
class Peeled:
    """Rows, at most settings.rows of each kind: known ones, test ones as they came, and test ones with all undone."""

    known: pd.DataFrame  # of the training table, without repeats where validation rows are copies
    came: pd.DataFrame
    came_X: np.ndarray
    came_right: np.ndarray
    test: pd.DataFrame  # everything undone; rows of which a value stays unknown are left out
    X: np.ndarray
    right: np.ndarray
    undone: tuple[Undone, ...]
    gap_left: Figure  # accuracy of validation rows that are no copies - test accuracy with everything undone
    repeats: np.ndarray  # design effect of the test rows of each class, and of all (classes + 1,)


def peel(case: Case, on: Accuracies, copies: Copies) -> Peeled:
    sets, limit, columns = case.sets, case.settings["rows"], [*case.features, case.target]
    if copies.leaky(case.settings["copied_rows"]):
        once = np.flatnonzero(~copies.repeated)  # else one draw would count several times
        weights = None if sets.known_weights is None else sets.known_weights[once]
        known = sets.known.take(once[thinned(len(once), limit, case.rng, weights)], columns)
    else:
        known = sets.known.take(thinned(len(sets.known), limit, case.rng, sets.known_weights), columns)
    rows = thinned(len(sets.test_table), limit, case.rng, sets.test.weights)
    came, came_X, came_right = sets.test_table.take(rows, columns), sets.test.X[rows], on.right["test"][rows]
    repeats = design_effects(came, known, case.target, case.n_classes)
    prepared, X = undo_preparation(came_X, came, case)
    bins = bins_for(min(len(known), len(came)), case.n_classes)
    moved = movers(known, came, case.features, bins, repeats[-1], case.alpha)
    test, undone = undo_columns(known, came, case, repeats, moved)
    trial = Trial(case, came[case.target].to_numpy(), X, case.encode(test) if undone else X, undone)
    gained = Figure.mean(trial.right(X, []) - came_right, case.confidence)
    found = (*(replace(one, gain=gained, needed=gained) for one in prepared), *trial.gains(test))
    unknown = [one.unknown for one in undone if one.unknown is not None]
    kept = np.flatnonzero(~np.any(unknown, axis=0)) if unknown else np.arange(len(test))
    right = trial.right(trial.undone_X, undone)[kept]
    left = accuracy(right, case.confidence) if found else on.accuracy["test"]
    return Peeled(
        known, came, came_X, came_right, test.iloc[kept].reset_index(drop=True), trial.undone_X[kept], right, found,
        copies.clean.minus(left), repeats,
    )  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """Test rows before (`X`) and after (`undone_X`) all undoings of columns, to try these one by one."""

    case: Case
    y: np.ndarray
    X: np.ndarray
    undone_X: np.ndarray
    undone: list[Undone]

    def gains(self, test: pd.DataFrame) -> list[Undone]:
        """Each kind of undoing with the accuracy it brings, and without rivals that the network refuses."""
        base, after, c = self.right(self.X, []), self.right(self.undone_X, self.undone), self.case.confidence
        found = []
        for one in self.undone:
            others = [other for other in self.undone if other is not one]
            alone, without = (self.right(self.mixed(some), some) for some in ([one], others))
            gain = paired((alone + after) / 2, (base + without) / 2, c)
            rivals = tuple(rival for rival in one.rivals if not self.worse(rival, test, after))
            found.append(replace(one, gain=gain, needed=paired(after, without, c), rivals=rivals))
        return found

    def right(self, X: np.ndarray, undone: list[Undone]) -> np.ndarray:
        """1 for rows classified right; rows with an unknown value count as the others of their class do on average."""
        right, n = self.case.right(X, self.y), self.case.n_classes
        for unknown in (one.unknown for one in undone if one.unknown is not None):
            rows = np.bincount(self.y[~unknown], minlength=n)
            sums = np.bincount(self.y[~unknown], weights=right[~unknown], minlength=n)
            right = np.where(unknown, (sums / np.maximum(rows, 1))[self.y], right)
        return right

    def mixed(self, undone: list[Undone]) -> np.ndarray:
        """X with the columns that these undoings put right."""
        X = self.X.copy()
        for name in (name for one in undone for name in one.features):
            places = self.case.encode.groups[name]
            X[:, places] = self.undone_X[:, places]
        return X

    def worse(self, rival: Rival, test: pd.DataFrame, after: np.ndarray) -> bool:
        """Whether the network is surely less often right with the rival's column than with the one chosen."""
        X, places = self.undone_X.copy(), self.case.encode.groups[rival.feature]
        X[:, places] = self.case.encode(replaced(test, {rival.feature: rival.column.to_numpy()}))[:, places]
        return paired(after, self.right(X, self.undone), self.case.confidence).low > 0


def design_effects(test: pd.DataFrame, known: pd.DataFrame, target: str, n_classes: int) -> np.ndarray:
    """Of the test rows of each class, and of all (n_classes + 1,)."""
    parts = [(test[test[target] == c], known[known[target] == c]) for c in range(n_classes)]
    return np.array([repetition(*part) for part in (*parts, (test, known))])
