"""The test set with everything undone that can be, and what the network makes of each undoing."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gapscope.common.weights import thinned
from gapscope.data.rows import replaced
from gapscope.diagnosis.context import Accuracies, Case, accuracy, paired
from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.bins import bins_for
from gapscope.diagnosis.evidence.column_repair import ColumnRepair, RivalMap, repair_columns, repair_preparation
from gapscope.diagnosis.evidence.drift import joint_drift
from gapscope.diagnosis.evidence.duplicates import Copies, repetition


@dataclass(frozen=True)
class RepairedTest:
    """Rows, at most settings.rows of each kind: known ones, test ones as they came, and test ones with all undone."""

    known: pd.DataFrame  # of the training table, without repeats where validation rows are copies
    came: pd.DataFrame
    came_X: np.ndarray
    came_right: np.ndarray
    test: pd.DataFrame  # everything undone; rows of which a value stays unknown are left out
    X: np.ndarray
    right: np.ndarray
    repairs: tuple[ColumnRepair, ...]
    gap_left: Estimate  # accuracy of validation rows that are no copies - test accuracy with everything undone
    repeats: np.ndarray  # design effect of the test rows of each class, and of all (classes + 1,)


def repair_test(case: Case, on: Accuracies, copies: Copies) -> RepairedTest:
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
    prepared, X = repair_preparation(came_X, came, case)
    bins = bins_for(min(len(known), len(came)), case.n_classes)
    drifted = joint_drift(known, came, case.features, bins, repeats[-1], case.alpha)
    test, repairs = repair_columns(known, came, case, repeats, drifted)
    trial = RepairGains(case, came[case.target].to_numpy(), X, case.encode(test) if repairs else X, repairs)
    gained = Estimate.mean(trial.right(X, []) - came_right, case.confidence)
    found = (*(replace(one, gain=gained, needed=gained) for one in prepared), *trial.gains(test))
    unknown = [one.unknown for one in repairs if one.unknown is not None]
    kept = np.flatnonzero(~np.any(unknown, axis=0)) if unknown else np.arange(len(test))
    right = trial.right(trial.repaired_X, repairs)[kept]
    left = accuracy(right, case.confidence) if found else on.accuracy["test"]
    return RepairedTest(
        known, came, came_X, came_right, test.iloc[kept].reset_index(drop=True), trial.repaired_X[kept], right, found,
        copies.clean.minus(left), repeats,
    )  # fmt: skip


@dataclass(frozen=True)
class RepairGains:
    """Test rows before (`X`) and after (`repaired_X`) all repairs of columns, to try these one by one."""

    case: Case
    y: np.ndarray
    X: np.ndarray
    repaired_X: np.ndarray
    repairs: list[ColumnRepair]

    def gains(self, test: pd.DataFrame) -> list[ColumnRepair]:
        """Each kind of undoing with the accuracy it brings, and without rivals that the network refuses."""
        base, after, c = self.right(self.X, []), self.right(self.repaired_X, self.repairs), self.case.confidence
        found = []
        for one in self.repairs:
            others = [other for other in self.repairs if other is not one]
            alone, without = (self.right(self.mixed(some), some) for some in ([one], others))
            gain = paired((alone + after) / 2, (base + without) / 2, c)
            rivals = tuple(rival for rival in one.rivals if not self.worse(rival, test, after))
            found.append(replace(one, gain=gain, needed=paired(after, without, c), rivals=rivals))
        return found

    def right(self, X: np.ndarray, repairs: list[ColumnRepair]) -> np.ndarray:
        """1 for rows classified right; rows with an unknown value count as the others of their class do on average."""
        right, n = self.case.right(X, self.y), self.case.n_classes
        for unknown in (one.unknown for one in repairs if one.unknown is not None):
            rows = np.bincount(self.y[~unknown], minlength=n)
            sums = np.bincount(self.y[~unknown], weights=right[~unknown], minlength=n)
            right = np.where(unknown, (sums / np.maximum(rows, 1))[self.y], right)
        return right

    def mixed(self, repairs: list[ColumnRepair]) -> np.ndarray:
        """X with the columns that these repairs put right."""
        X = self.X.copy()
        for name in (name for one in repairs for name in one.features):
            places = self.case.encode.groups[name]
            X[:, places] = self.repaired_X[:, places]
        return X

    def worse(self, rival: RivalMap, test: pd.DataFrame, after: np.ndarray) -> bool:
        """Whether the network is surely less often right with the rival's column than with the one chosen."""
        X, places = self.repaired_X.copy(), self.case.encode.groups[rival.feature]
        X[:, places] = self.case.encode(replaced(test, {rival.feature: rival.column.to_numpy()}))[:, places]
        return paired(after, self.right(X, self.repairs), self.case.confidence).low > 0


def design_effects(test: pd.DataFrame, known: pd.DataFrame, target: str, n_classes: int) -> np.ndarray:
    """Figures of the test rows of each class, and of all (n_classes + 1,)."""
    parts = [(test[test[target] == c], known[known[target] == c]) for c in range(n_classes)]
    return np.array([repetition(*part) for part in (*parts, (test, known))])
