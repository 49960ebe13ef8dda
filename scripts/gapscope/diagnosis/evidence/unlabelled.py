"""The evidence where test classes are not known, or where there is no test set."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.common.weights import thinned
from gapscope.data.encode import unseen_levels
from gapscope.diagnosis.context import Accuracies, Case, accuracies
from gapscope.diagnosis.estimates import Estimate, Sample
from gapscope.diagnosis.evidence.bins import Binned, all_binned, bins_for, is_numeric
from gapscope.diagnosis.evidence.counterfactuals import strata_of
from gapscope.diagnosis.evidence.domain_classifier import Domains, area
from gapscope.diagnosis.evidence.drift import change_alone, drifted
from gapscope.diagnosis.evidence.duplicates import Copies, find_copies, repetition, row_keys
from gapscope.diagnosis.evidence.expected import (
    IfClassesChanged,
    IfRowsChanged,
    if_classes_changed,
    if_rows_changed,
)
from gapscope.diagnosis.evidence.gather import in_validation
from gapscope.diagnosis.picture import small_bars


@dataclass(frozen=True)
class TestRows:
    """Evidence of test rows without classes, against known rows (`features`) and validation rows (the rest)."""

    features: dict[str, dict]  # per feature: statistics of its change
    apart: Estimate  # area under the ROC curve of telling validation from test rows by all features
    drifted: tuple[str, ...]  # features whose own distribution drifted
    if_rows_changed: IfRowsChanged | None
    if_classes_changed: IfClassesChanged


@dataclass(frozen=True)
class UnlabelledEvidence:
    """Evidence of training and validation rows, and of test rows if there are any."""

    case: Case
    on: Accuracies
    copies: Copies
    rows: TestRows | None
    numeric: dict[str, bool]
    in_validation: dict[str, Estimate]  # each feature's information about the class among validation rows

    @property
    def without(self) -> str:
        """Name of the missing part."""
        return "test set" if self.rows is None else "test labels"


def gather_unlabelled(case: Case) -> UnlabelledEvidence:
    near = case.sets.validation_sample(case.features, case.settings["rows"], case.rng)
    on, rows = accuracies(case), look(case, near) if case.sets.test is not None else None
    copies = find_copies(case, on)
    numeric = {name: is_numeric(near.table[name]) for name in case.features}
    return UnlabelledEvidence(case, on, copies, rows, numeric, in_validation(case, near))


def look(case: Case, near: Sample) -> TestRows:
    """The test rows, at most settings.rows of them, beside as many known ones, and the validation rows `near`."""
    sets, names, settings, c = case.sets, case.features, case.settings, case.confidence
    known = sets.known.take(thinned(len(sets.known), settings["rows"], case.rng, sets.known_weights), names)
    rows = thinned(len(sets.test_table), settings["rows"], case.rng, sets.test.weights)
    test = sets.test_table.take(rows, names)
    repeats = repetition(row_keys(test), row_keys(known))
    both = all_binned(known, test, names, bins_for(min(len(known), len(test)), case.n_classes))
    n, m = len(near.y), len(test)
    beside = all_binned(near.table, test, names, bins_for(min(n, m), case.n_classes))
    domains = Domains(beside, np.zeros(n, int), np.zeros(m, int), 1, case.rng)  # one class: none is known
    p = case.network.probabilities(near.X), case.network.probabilities(sets.test.X[rows])
    right = (p[0].argmax(axis=1) == near.y).astype(float)
    return TestRows(
        {name: change_of(name, known, test, one, domains, repeats, case) for name, one in both.items()},
        domains.from_x(c),
        tuple(drifted(both, settings["least_shift"], settings["alpha"], repeats)),
        if_rows_changed(right, strata_of(domains, p), c),
        if_classes_changed(p, near.y, c, settings["resamples"], case.rng),
    )


def change_of(
    name: str, known: pd.DataFrame, test: pd.DataFrame, both: Binned, domains: Domains, repeats: float, case: Case
) -> dict:
    """Statistics of one feature's change from known to test rows."""
    values, known_values, rows = test[name], known[name], len(test)
    unseen = unseen_levels(test[[name]], [column for column in case.encode.columns if column.feature == name])
    numeric = is_numeric(known_values)
    beyond = ((values < known_values.min()) | (values > known_values.max())).mean() if numeric else None
    return {
        **change_alone(known_values, values, both, repeats),
        "shares": small_bars(known_values, values),
        "area": area(domains.x[name], domains.is_test, case.confidence),
        "unknown": None if numeric else sum(unseen.get(name, {}).values()) / rows,
        "beyond": float(beyond) if numeric else None,
        "rows": {"known": len(known), "test": rows},
    }
