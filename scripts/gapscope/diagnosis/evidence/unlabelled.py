"""The evidence where test classes are not known, or where there is no test set: what changed, and what to expect."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gapscope.common.weights import effective_rows, thinned
from gapscope.data.encode import unseen_levels
from gapscope.diagnosis.context import Accuracies, Case, accuracies
from gapscope.diagnosis.estimates import Estimate, Pair, Sample
from gapscope.diagnosis.evidence.bins import Binned, all_binned, is_numeric
from gapscope.diagnosis.evidence.counterfactuals import LEAST_ROWS, share_spread, share_variance, strata_of
from gapscope.diagnosis.evidence.domain_classifier import Domains, area
from gapscope.diagnosis.evidence.drift import change_alone, drifted
from gapscope.diagnosis.evidence.duplicates import Copies, find_copies, repetition, row_keys
from gapscope.diagnosis.evidence.gather import in_validation
from gapscope.diagnosis.evidence.near_rows import varying
from gapscope.diagnosis.picture import small_bars


def if_rows_changed(right: np.ndarray, strata: Pair, confidence: float) -> dict | None:
    """Validation accuracy with each row weighted by how much more of its kind there is in the test set.

    Where y given x is as it was, that is the test accuracy (Shimodaira 2000). The ratio of densities is that of strata
    of like rows: accuracy = sum_s t_s a_s over strata s, with t_s the test rows' share in s and a_s the validation
    accuracy there. None where no stratum has validation rows enough. `effective_rows`: validation rows of equal weight
    that would say as much (Kish 1965).

    Args:
        right (n,): whether each validation row is classified right. strata: of validation rows (n,), of test rows (m,).
    """
    number = int(max(part.max() for part in strata)) + 1
    rows, rows_test = (np.bincount(part, minlength=number) for part in strata)
    known = (rows >= LEAST_ROWS) & (rows_test > 0)
    if not known.any():
        return None
    a = np.bincount(strata[0], weights=right, minlength=number) / np.maximum(rows, 1)
    t = np.where(known, rows_test, 0) / rows_test[known].sum()
    weights = (t / np.maximum(rows, 1))[strata[0]]
    variance = t**2 @ share_spread(a, rows) + share_variance(a, t, rows_test)
    return {
        "accuracy": Estimate.normal(t @ a, np.sqrt(variance), confidence).share().record,
        "effective_rows": effective_rows(weights),
        "without_validation_rows_like_them": float(rows_test[~known].sum() / rows_test.sum()),
    }


def if_classes_changed(p: Pair, y: np.ndarray, confidence: float, resamples: int, rng: np.random.Generator) -> dict:
    """Test accuracy and class shares, by black-box shift estimation with probabilities (Lipton, Wang and Smola 2018).

    Where each class looks as before, the mean probabilities of the test rows are a mixture of those that validation
    rows of each class get: q = C s, solved for shares s >= 0 and scaled to sum to 1. Intervals by the bootstrap over
    both sets' rows. The accuracy is each class's in validation, by these shares.

    Args:
        p: class probabilities of validation (n, classes) and test rows (m, classes). y (n,): the validation classes.
    """
    from scipy.optimize import nnls  # here: half a second, where classes are not known

    n_classes, right = p[0].shape[1], (p[0].argmax(axis=1) == y).astype(float)
    onehot = np.eye(n_classes)[y]

    def solved(weights: np.ndarray, q: np.ndarray) -> np.ndarray:
        """The shares, and the accuracy at the end, with validation rows so weighted."""
        own = weights @ onehot
        seen = own > 0
        means = (onehot * weights[:, None]).T @ p[0] / np.maximum(own, 1)[:, None]  # (classes, probabilities)
        s = np.zeros(n_classes)
        s[seen] = nnls(means[seen].T, q)[0]
        s /= s.sum()
        return np.append(s, s @ ((weights * right) @ onehot / np.maximum(own, 1)))

    found = solved(np.ones(len(y)), p[1].mean(axis=0))
    drawn = [
        solved(counts(len(y), rng), counts(len(p[1]), rng) @ p[1] / len(p[1])) for _ in range(resamples)
    ]  # rows drawn again with replacement, as counts
    ends = np.quantile(drawn, (0.5 - confidence / 2, 0.5 + confidence / 2), axis=0)
    figures = [Estimate(*map(float, one)).share().record for one in zip(found, *ends)]
    return {"accuracy": figures[-1], "shares": figures[:-1]}


def counts(rows: int, rng: np.random.Generator) -> np.ndarray:
    """How often each row is drawn in a bootstrap sample (rows,)."""
    return np.bincount(rng.integers(rows, size=rows), minlength=rows).astype(float)


@dataclass(frozen=True)
class TestRows:
    """Evidence of test rows without classes, against known rows (`features`) and validation rows (the rest)."""

    features: dict[str, dict]  # per feature: statistics of its change
    apart: Estimate  # area under the ROC curve of telling validation from test rows by all features
    drifted: tuple[str, ...]  # features whose own distribution drifted
    expected: dict  # what to expect if rows alone, or class shares alone, have changed


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
    varied = varying(known, test, names)
    repeats = repetition(row_keys(test[varied]), row_keys(known[varied]))
    both = all_binned(known, test, names, case.n_classes)
    n, m = len(near.y), len(test)
    beside = all_binned(near.table, test, names, case.n_classes)
    domains = Domains(beside, (np.zeros(n, int), np.zeros(m, int)), 1, case.rng)  # one class: none is known
    p = case.network.probabilities(near.X), case.network.probabilities(sets.test.X[rows])
    right = (p[0].argmax(axis=1) == near.y).astype(float)
    return TestRows(
        {name: change_of(name, known, test, one, domains, repeats, case) for name, one in both.items()},
        domains.from_x(c),
        tuple(drifted(both, settings["least_shift"], settings["alpha"], repeats)),
        {
            "if_rows_moved": if_rows_changed(right, strata_of(domains, p), c),
            "if_classes_moved": if_classes_changed(p, near.y, c, settings["resamples"], case.rng),
        },
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
