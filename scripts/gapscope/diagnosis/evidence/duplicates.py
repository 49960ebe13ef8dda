"""Rows that stand in more than one set, with all their values and their class."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.common.weights import thinned
from gapscope.data.rows import Held, Listed
from gapscope.diagnosis.context import Accuracies, Case, accuracy
from gapscope.diagnosis.estimates import NOTHING, Estimate
from gapscope.diagnosis.evidence.drift import distribution_change
from gapscope.diagnosis.evidence.near_rows import groups_of_rows, varying
from gapscope.network.partition import Partition

LOOKED_AT = 1000  # known and test rows among which groups are looked for, at most
LEAST_ROWS = 50  # validation rows that are no copies below which their accuracy says nothing


@dataclass(frozen=True)
class Copies:
    """Rows that are in another partition too, and their effect on the validation accuracy."""

    repeated: np.ndarray  # known rows that repeat an earlier one (n,)
    validation: np.ndarray  # in the training part (n,)
    test: np.ndarray  # in the training part (n,); no row where test classes are not known
    test_in_validation: np.ndarray
    excess: Estimate  # share of validation rows that are copies, less the most that test rows or chance show
    clean: Estimate  # accuracy of the validation rows that are no copies; of all where these are too few
    flattery: Estimate  # validation accuracy - that of the rows that are no copies; nothing where these are too few
    grouped: np.ndarray  # probability that two test rows of a class, and of all, are of one group (classes + 1,)
    repeats: float  # design effect of all test rows
    memorised: Estimate  # accuracy of training rows that stand there once - that of validation rows that are no copies

    def leaky(self, least: float) -> bool:
        """Whether rows were copied: more than chance makes, and known to the network where that can be told. In large
        tables many rows are equal, and those of features that go together more than chance knows of."""
        known = self.memorised.low > 0 or np.isnan(self.memorised.value)
        return bool(known and self.excess.low > 0 and self.excess.value >= least)


def find_copies(case: Case, on: Accuracies) -> Copies:
    columns, c, n = [*case.features, case.target], case.confidence, len(case.sets.train.y)
    known, chance = known_keys(case.sets.known, columns, case.target, n, case.rng)
    validation, by_chance = known[n:], among(known[n:], chance)
    del chance  # as large as the training part
    train, repeated = np.sort(known[:n]), pd.Series(known).duplicated().to_numpy()
    test = keys_of(case.sets.test_table, columns) if case.sets.labelled else known[:0]
    of_validation, of_test = among(validation, train), among(test, train)
    others = (of_test, by_chance) if case.sets.labelled else (by_chance,)
    beyond = (accuracy(of_validation, c).minus(accuracy(other, c)) for other in others)
    clean, flattery, memorised = on.accuracy["validation"], NOTHING, NOTHING
    right, fresh, weights = on.right["validation"], ~of_validation, case.sets.validation.weights
    if fresh.sum() >= LEAST_ROWS:
        clean = part_accuracy(case.sets.validation, right, fresh, c)
        # right on all - right on fresh rows, as a mean over all rows
        all_to_fresh = len(right) / fresh.sum() if weights is None else weights.sum() / weights[fresh].sum()
        flattery = Estimate.mean(right - np.where(fresh, right, 0.0) * all_to_fresh, c, weights)
        memorised = part_accuracy(case.sets.train, on.right["train"], counted(known[:n], train, repeated[:n]), c)
        memorised = memorised.minus(clean)
    excess, in_validation = min(beyond, key=lambda figure: figure.low), among(test, np.sort(validation))
    grouped, effect = design(case, known, test) if case.sets.labelled else (np.zeros(0), 1.0)
    if case.sets.labelled and excess.low > 0:
        excess = min(excess, excess_where_unchanged(case, repeated, effect), key=lambda figure: figure.low)
    return Copies(repeated, of_validation, of_test, in_validation, excess, clean, flattery, grouped, effect, memorised)


def excess_where_unchanged(case: Case, repeated: np.ndarray, effect: float) -> Estimate:
    """Share of validation rows less that of test rows that equal a training row in the features that did not change:
    test rows with a broken column or a wrong class are no copies, however often rows are equal by nature.

    `repeated`: known rows that repeat an earlier one (n,); `effect`: design effect of the test rows.
    """
    sets, columns, limit = case.sets, [*case.features, case.target], case.settings["rows"]
    once = np.flatnonzero(~repeated)
    known = sets.known.take(once[thinned(len(once), limit, case.rng)], columns)
    test = sets.test_table.take(thinned(len(sets.test_table), limit, case.rng), columns)
    change = distribution_change(case, known, test, test, np.full(case.n_classes + 1, effect))
    names = [name for name in case.features if name not in (*change.joint_drift, *change.changed)]
    if not names:
        return NOTHING
    keys = keys_of(sets.known, names)
    training, validation = np.sort(keys[: len(sets.train.y)]), keys[len(sets.train.y) :]
    parts = validation, keys_of(sets.test_table, names)
    of_validation, of_test = (accuracy(among(part, training), case.confidence) for part in parts)
    return of_validation.minus(of_test)


def design(case: Case, known: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, float]:
    """Probability that two test rows of a class, and of all, are of one group, beyond that of known rows
    (classes + 1,), and the design effect of all test rows.

    Measurements of one person or machine are no independent rows. `known`, `test`: keys of all rows.
    """
    sets, columns = case.sets, [*case.features, case.target]
    some = min(LOOKED_AT, len(sets.known), len(sets.test_table))
    tables = [table.take(thinned(len(table), some, case.rng), columns) for table in (sets.known, sets.test_table)]
    names, y = varying(*tables, case.features), [table[case.target].to_numpy() for table in tables]
    if len(names) < len(case.features):  # rows are the more often equal, the fewer columns tell them apart
        known, test = (keys_of(table, [*names, case.target]) for table in (sets.known, sets.test_table))
    groups, grouped = groups_of_rows(*tables, names), np.zeros(case.n_classes + 1)
    if groups is not None:
        parts = [[part[classes == c] for part, classes in zip(groups, y)] for c in range(case.n_classes)]
        grouped = np.array([agreement(own, others) for others, own in (*parts, groups)])
    return grouped, max(repetition(test, known), float(design_effect(grouped[-1], len(test))))


def counted(keys: np.ndarray, in_order: np.ndarray, repeated: np.ndarray) -> np.ndarray:
    """The training rows that validation rows without a copy are held against: those that no other equals (n,).

    Both lack the rows of which there are many, which are classified better or worse than others whether the network has
    seen them or not. Where next to all rows are repeated, each is counted once.
    """
    alone = ~among(keys, np.unique(in_order[1:][in_order[1:] == in_order[:-1]]))
    return alone if alone.sum() >= LEAST_ROWS else ~repeated


def part_accuracy(part: Partition, right: np.ndarray, rows: np.ndarray, confidence: float) -> Estimate:
    """Accuracy of these rows of a part."""
    return accuracy(right[rows], confidence, None if part.weights is None else part.weights[rows])


def known_keys(
    known: Held | Listed, columns: list[str], target: str, n_train: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The key of each known row (n,), and of the training rows, shuffled block by block, in order (n_train,)."""
    keys, chance, done = np.empty(len(known), np.uint64), np.empty(n_train, np.uint64), 0
    for places, block in known.blocks(columns):
        keys[places] = row_keys(block)
        training = block[places < n_train]
        if len(training):
            chance[done : done + len(training)] = row_keys(shuffled(training, target, rng))
            done += len(training)
    chance.sort()
    return keys, chance


def keys_of(table: Held | Listed, columns: list[str]) -> np.ndarray:
    """The key of each row (n,)."""
    keys = np.empty(len(table), np.uint64)
    for places, block in table.blocks(columns):
        keys[places] = row_keys(block)
    return keys


def shuffled(table: pd.DataFrame, target: str, rng: np.random.Generator) -> pd.DataFrame:
    """Each feature permuted within its class: in tables of few distinct values such rows meet others by chance too."""
    order, y = np.argsort(table[target].to_numpy(), kind="stable"), np.sort(table[target].to_numpy())
    columns = {
        name: table[name].to_numpy()[order[np.lexsort((rng.random(len(y)), y))]] for name in table if name != target
    }
    return pd.DataFrame({**columns, target: y})[list(table)].astype(table.dtypes)


def row_keys(table: pd.DataFrame) -> np.ndarray:
    """A hash per row (n,) of all its values; numbers are compared as numbers."""
    numbers = {name: "float64" for name in table if pd.api.types.is_numeric_dtype(table[name])}
    return pd.util.hash_pandas_object(table.astype(numbers), index=False).to_numpy()


def among(keys: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Booleans (n,): keys that are among `others` too, which are sorted."""
    if not len(others):
        return np.zeros(len(keys), bool)
    return others[np.minimum(np.searchsorted(others, keys), len(others) - 1)] == keys


def repetition(test: np.ndarray, known: np.ndarray) -> float:
    """By how much rows that repeat inflate the variance of a mean over test rows: the design effect (Kish 1965), >= 1.

    A row that stands there m times counts as one draw. Repeats that known rows of the same source show too, as tables
    of few distinct values do, are no sign of that and are taken off. Both (n,): keys of rows.
    """
    return float(design_effect(agreement(test, known), len(test)))


def design_effect(agreement: float | np.ndarray, rows: int | np.ndarray) -> float | np.ndarray:
    """Rows that count as one draw, from the probability that two of them belong together beyond chance."""
    return 1.0 + agreement * np.maximum(rows - 1, 0)


def agreement(test: np.ndarray, known: np.ndarray) -> float:
    """By how much likelier two test rows drawn at random are equal than two known rows; both (n,): keys of rows."""
    if len(test) < 2 or len(known) < 2:
        return 0.0
    agree = [
        float((counts * (counts - 1)).sum() / (counts.sum() * (counts.sum() - 1)))
        for counts in (np.unique(part, return_counts=True)[1].astype(float) for part in (test, known))
    ]
    return max(0.0, agree[0] - agree[1])
