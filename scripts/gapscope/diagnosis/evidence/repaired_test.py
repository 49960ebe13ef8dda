"""The test set with everything undone that can be, and what the network makes of each undoing."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gapscope.common.weights import thinned
from gapscope.data.rows import replaced
from gapscope.diagnosis.context import Accuracies, Case, accuracy
from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.column_repair import ColumnRepair, repair_columns, repair_preparation
from gapscope.diagnosis.evidence.duplicates import Copies, design_effect, repetition, row_keys
from gapscope.diagnosis.evidence.near_rows import varying


@dataclass(frozen=True)
class RepairedTest:
    """Rows, at most settings.rows of each kind: known ones, test ones as they came, and test ones with all undone."""

    known: pd.DataFrame  # of the training table, without repeats where validation rows are copies
    rows: np.ndarray  # places of the test rows in their table
    came: pd.DataFrame
    came_X: np.ndarray
    came_right: np.ndarray
    test: pd.DataFrame  # everything undone; values that stay unknown drawn from rows like theirs
    X: np.ndarray
    right: np.ndarray
    repairs: tuple[ColumnRepair, ...]
    gap_left: Estimate  # validation accuracy, without rows that were copied - test accuracy with everything undone
    repeats: np.ndarray  # design effect of the test rows of each class, and of all (classes + 1,)


def repair_test(case: Case, on: Accuracies, copies: Copies, shares: dict[str, Estimate]) -> RepairedTest:
    """Undo what can be undone. `shares`: of the gap, per feature. A model of which there are predictions only does not
    see that, nor say what it brings."""
    sets, limit, columns = case.sets, case.settings["rows"], [*case.features, case.target]
    leaky = copies.leaky(case.settings["copied_rows"])
    once = ~copies.repeated if leaky else np.ones(len(sets.known), bool)  # one draw must not count several times
    weights = None if sets.known_weights is None else sets.known_weights[once]
    some = thinned(int(once.sum()), limit, case.rng, weights)
    known = sets.known.take(np.flatnonzero(once)[some], columns)
    rows = thinned(len(sets.test_table), limit, case.rng, sets.test.weights)
    came, came_X, came_right = sets.test_table.take(rows, columns), sets.test.X[rows], on.right["test"][rows]
    repeats = design_effects(came, known, case, copies.grouped)
    asked = case.network.can_predict
    prepared, X = repair_preparation(came_X, came, case) if asked else ([], came_X)
    test, repairs = repair_columns(known, came, case, repeats)
    trial = RepairGains(case, came[case.target].to_numpy(), X, case.encode(test) if repairs and asked else X)
    if asked:
        repairs = trial.grouped(trial.helpful(repairs, shares))
    test = replaced(came, {name: test[name] for one in repairs for name in one.features}) if repairs else came
    gained = Estimate.change(trial.right([]) - came_right, case.confidence)
    found = (*(replace(one, gain=gained, needed=gained) for one in prepared), *repairs)
    seen = repairs if asked else []
    X, right = trial.mixed(seen), trial.right(seen)
    left = accuracy(right, case.confidence, repeats=copies.repeats) if found else on.accuracy["test"]
    gap_left = (copies.clean if leaky else on.accuracy["validation"]).minus(left)
    return RepairedTest(known, rows, came, came_X, came_right, test, X, right, found, gap_left, repeats)


@dataclass(frozen=True)
class RepairGains:
    """Test rows before (`X`) and after (`repaired_X`) all repairs of columns, to try these one by one."""

    case: Case
    y: np.ndarray
    X: np.ndarray
    repaired_X: np.ndarray

    def helpful(self, repairs: list[ColumnRepair], shares: dict[str, Estimate]) -> list[ColumnRepair]:
        """The repairs that bring back what the features' change costs, as far as rows show it; what the tables alone
        leave no doubt of stays, unless it surely harms."""
        least, found = self.case.settings["explained"], []
        for one in self.gains(repairs):
            carried = sum(shares[name].value for name in one.features)
            if one.helps.high >= 0 and (one.certain or one.helps.value > max(0.0, least * carried)):
                found.append(one)
        return found

    def grouped(self, repairs: list[ColumnRepair]) -> list[ColumnRepair]:
        """Repairs with what they bring; of one kind those together that surely help or are beyond doubt."""
        groups: dict[str, list[ColumnRepair]] = {}
        for one in self.gains(repairs):
            sure = one.certain or one.helps.low > 0
            groups.setdefault(one.kind if sure else f"{one.kind} {one.features}", []).append(one)
        joined = [
            ColumnRepair(
                alike[0].kind,
                tuple(name for one in alike for name in one.features),
                {name: how for one in alike for name, how in one.how.items()},
                maps={name: fitted for one in alike for name, fitted in one.maps.items()},
            )
            for alike in groups.values()
        ]
        return self.gains(joined)

    def gains(self, repairs: list[ColumnRepair]) -> list[ColumnRepair]:
        """Each repair with the accuracy it brings."""
        base, after, c = self.right([]), self.right(repairs), self.case.confidence
        found = []
        for one in repairs:
            alone, without = self.right([one]), self.right([other for other in repairs if other is not one])
            gain = Estimate.change((alone + after) / 2 - (base + without) / 2, c)
            found.append(replace(one, gain=gain, needed=Estimate.change(after - without, c)))
        return found

    def right(self, repairs: list[ColumnRepair]) -> np.ndarray:
        """1 for each row classified right with these repairs, else 0 (n,)."""
        return (self.case.network.probabilities(self.mixed(repairs)).argmax(axis=1) == self.y).astype(float)

    def mixed(self, repairs: list[ColumnRepair]) -> np.ndarray:
        """X with the columns that these repairs put right."""
        X = self.X.copy()
        for name in (name for one in repairs for name in one.features):
            places = self.case.encode.groups[name]
            X[:, places] = self.repaired_X[:, places]
        return X


def design_effects(test: pd.DataFrame, known: pd.DataFrame, case: Case, grouped: np.ndarray) -> np.ndarray:
    """Figures of the test rows of each class, and of all (classes + 1,): the larger one, of equal rows or of groups."""
    names = [*varying(known, test, case.features), case.target]
    keys, y = zip(*((row_keys(table[names]), table[case.target].to_numpy()) for table in (test, known)))
    of_class = [[part[classes == c] for part, classes in zip(keys, y)] for c in range(case.n_classes)]
    equal = [repetition(*part) for part in (*of_class, keys)]
    rows = np.append(np.bincount(y[0], minlength=case.n_classes), len(test))
    return np.maximum(equal, design_effect(grouped, rows))
