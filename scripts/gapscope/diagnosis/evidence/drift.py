"""How each feature differs between two tables: by itself, given the class, and together with another feature.

All tests work on counts in bins (`bins.py`). "Known" are the rows of the training table.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import scipy  # imports its submodules when they are first used

from gapscope.diagnosis.context import Case
from gapscope.diagnosis.estimates import Pair
from gapscope.diagnosis.evidence.bins import Binned, all_binned, by_class, coarsened, counts_of, is_numeric, joint

LEAST_EXPECTED = 5.0  # rows that a cell of a chi-squared test must expect (Cochran 1954); rarer cells are pooled


def stability_index(known: np.ndarray, test: np.ndarray) -> float:
    """Population stability index of two count vectors, sum (q - p) ln(q / p), half a row added to each bin."""
    p, q = ((counts + 0.5) / (counts + 0.5).sum() for counts in (known, test))
    return float(((q - p) * np.log(q / p)).sum())


def homogeneity(known: np.ndarray, test: np.ndarray, repeats: float = 1.0) -> tuple[float, int]:
    """Pearson's chi-squared of two count vectors having one distribution, and its degrees of freedom.

    Cells in which either side expects less than LEAST_EXPECTED rows are pooled. The statistic is divided by the design
    effect `repeats` of rows that repeat (Rao and Scott 1981).
    """
    counts = np.array([known, test], dtype=np.float64)
    if (counts.sum(axis=1) == 0).any():
        return 0.0, 0
    rare = counts.sum(axis=0) * counts.sum(axis=1).min() / counts.sum() < LEAST_EXPECTED
    counts = np.column_stack([counts[:, ~rare], counts[:, rare].sum(axis=1)])
    counts = counts[:, counts.sum(axis=0) > 0]
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return float(((counts - expected) ** 2 / expected).sum()) / repeats, counts.shape[1] - 1


def homogeneity_over_strata(known: np.ndarray, test: np.ndarray, repeats: np.ndarray) -> tuple[float, int]:
    """Chi-squared of the counts of two tables (strata, bins) having one distribution within each stratum, and its
    degrees of freedom (Cochran, Mantel and Haenszel, generalised by Landis, Heyman and Koch 1978).

    It looks at the sum over the strata: it sees a change that goes the same way in all, with few rows in each. Rare
    cells are pooled, and `repeats` (strata,) taken into account, as in `homogeneity`.
    """
    rows = np.stack([known, test]).sum(axis=2)  # of each side and stratum
    counts = known + test
    rare = (counts * (rows.min(axis=0) / rows.sum(axis=0))[:, None]).sum(axis=0) < LEAST_EXPECTED
    counts, test = (np.column_stack([part[:, ~rare], part[:, rare].sum(axis=1)]) for part in (counts, test))
    off, covariance = np.zeros(counts.shape[1]), np.zeros((counts.shape[1],) * 2)
    for total, here, (n_known, n_test), effect in zip(counts, test, rows.T, repeats):
        p, n = total / total.sum(), total.sum()
        off += here - n_test * p
        covariance += effect * n_known * n_test / (n - 1) * (np.diag(p) - np.outer(p, p))
    return float(off @ np.linalg.pinv(covariance, hermitian=True) @ off), int(np.linalg.matrix_rank(covariance))


def p_value(statistics: list[tuple[float, int]]) -> float:
    """p-value of independent chi-squared statistics taken together; 1 if they have no degree of freedom."""
    total, freedom = (sum(column) for column in zip(*statistics)) if statistics else (0.0, 0)
    return float(scipy.special.chdtrc(freedom, total)) if freedom else 1.0


def joint_drift(features: dict[str, Binned], repeats: float, alpha: float) -> list[str]:
    """The fewest features without which the others' distribution, alone and in pairs (in coarse bins), is as it was.

    All tests share `alpha` (Bonferroni). Taken one after the other: what moved by itself, the surest first, then what
    moved together with the most others.
    """
    coarse = {name: coarsened(both) for name, both in features.items()}
    pairs = {(a, b): single_p_value(joint(coarse[a], coarse[b]), repeats) for a, b in combinations(coarse, 2)}
    level = alpha / (len(pairs) + len(features))
    alone = {name: single_p_value(both, repeats) for name, both in features.items()}
    found = [name for name in sorted(alone, key=alone.get) if alone[name] < level]
    left = [pair for pair, p in pairs.items() if p < level and not set(pair) & set(found)]
    while left:
        involved = [name for pair in left for name in pair]
        least = {name: min(p for pair, p in pairs.items() if name in pair) for name in involved}
        found.append(max(features, key=lambda name: (involved.count(name), -least.get(name, 1.0))))
        left = [pair for pair in left if found[-1] not in pair]
    return found


def tied(features: dict[str, Binned], name: str, lost: float, alpha: float) -> bool:
    """Whether the pair tests would have seen it, had `name` lost a share `lost` of its relation to another feature.

    A joint distribution that moves by that share towards independence gives a chi-squared whose mean is lost^2 times
    that of the known rows' dependence at this sample size; it must exceed twice the critical value.
    """
    coarse = {other: coarsened(both) for other, both in features.items()}
    own = coarse.pop(name)
    for both in coarse.values():
        together = counts_of(joint(own, both))[0].reshape(own.bins, both.bins) / len(own.known)
        independent = np.outer(together.sum(axis=1), together.sum(axis=0))
        seen = independent > 0
        dependence = ((together - independent)[seen] ** 2 / independent[seen]).sum()
        noise = (own.bins - 1) * (both.bins - 1) / len(own.known)
        rows = 1.0 / (1.0 / len(own.known) + 1.0 / len(own.test))
        if lost**2 * (dependence - noise) * rows > 2.0 * scipy.special.chdtri(own.bins * both.bins - 1, alpha):
            return True
    return False


def apart_at(values: np.ndarray, *samples: np.ndarray) -> np.ndarray:
    """Distance of two samples' empirical distribution functions at these values."""
    below = [np.searchsorted(np.sort(part), values, side="right") / len(part) for part in samples]
    return np.abs(below[0] - below[1])


def ks_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Largest distance of the two empirical distribution functions (Kolmogorov and Smirnov)."""
    return float(apart_at(np.concatenate([first, second]), first, second).max())


def wasserstein_distance(first: np.ndarray, second: np.ndarray) -> float:
    """The area between the two empirical distribution functions (Kantorovich 1942; Vaserstein 1969)."""
    values = np.sort(np.concatenate([first, second]))
    return float(apart_at(values[:-1], first, second) @ np.diff(values))


def total_variation(known: np.ndarray, test: np.ndarray) -> float:
    """Half the sum of absolute differences of two count vectors' shares."""
    return float(0.5 * np.abs(known / known.sum() - test / test.sum()).sum())


def change_given_class(both: Binned, y: Pair, repeats: np.ndarray) -> dict:
    """Statistics of one feature's change given the class.

    `repeats` (classes + 1,): the design effect of the test rows of each class, and of all.
    """
    n_classes = len(repeats) - 1
    tables = [by_class(codes, own, both.bins, n_classes) for codes, own in zip((both.known, both.test), y)]
    classes = {c: pair for c, pair in enumerate(zip(*tables)) if all(counts.any() for counts in pair)}
    indices = [stability_index(*pair) for pair in classes.values()]
    weights = [pair[1].sum() for pair in classes.values()]
    by_stratum, there = [homogeneity(*pair, repeats[c]) for c, pair in classes.items()], list(classes)
    together = [homogeneity_over_strata(*(table[there] for table in tables), repeats[there])] if classes else []
    return {
        "psi_given_class": float(np.average(indices, weights=weights)) if classes else None,
        "p_given_class": min(1.0, 2.0 * min(p_value(by_stratum), p_value(together))),
    }


def change_alone(known: pd.Series, test: pd.Series, both: Binned, repeats: float) -> dict:
    """Statistics of one feature's change that need no class. Wasserstein's distance in standard deviations."""
    counts, numeric = counts_of(both), is_numeric(known)
    spread = float(known.std()) if numeric else 0.0
    return {
        "psi": stability_index(*counts),
        "distance": ks_distance(known.to_numpy(), test.to_numpy()) if numeric else total_variation(*counts),
        "wasserstein": wasserstein_distance(known.to_numpy(), test.to_numpy()) / spread if spread else None,
        "p": single_p_value(both, repeats),
    }


def drifted(features: dict[str, Binned], least: float, alpha: float, repeats: float) -> list[str]:
    """The features that moved by themselves, without those that moved only because these did.

    The feature with the largest stability index is taken, known rows are weighted so that it moves no more, and so on
    while another still moves by `least` and with p below `alpha`.
    """
    weights, found, level = None, [], alpha / len(features)
    movable = {name: both for name, both in features.items() if single_p_value(both, repeats) < level}
    movable = {name: both for name, both in movable.items() if _index(both, None) >= least}
    while movable:
        name = max(movable, key=lambda one: _index(movable[one], weights))
        if _index(movable[name], weights) < least:
            break
        found.append(name)
        both = movable.pop(name)
        known = np.bincount(both.known, weights=weights, minlength=both.bins)
        test = np.bincount(both.test, minlength=both.bins)
        ratio = np.divide(test / test.sum(), known / known.sum(), out=np.zeros(both.bins), where=known > 0)
        weights = (1.0 if weights is None else weights) * ratio[both.known]
        if not weights.sum():
            return [*found, *movable]
    return found


def single_p_value(both: Binned, repeats: float) -> float:
    """p of one feature's distribution being the same in both tables."""
    return p_value([homogeneity(*counts_of(both), repeats)])


def _index(both: Binned, weights: np.ndarray | None) -> float:
    known = np.bincount(both.known, weights=weights, minlength=both.bins)
    scale = len(both.known) / known.sum()
    return stability_index(known * scale, np.bincount(both.test, minlength=both.bins))


@dataclass(frozen=True)
class DistributionChange:
    """Tests of change: with everything undone and, where it says so, before."""

    binned: dict[str, Binned]
    came: dict[str, dict]  # statistics of each feature, before
    joint_drift: tuple[str, ...]  # the fewest features without which the others' own distribution is as it was
    p_classes: float
    drifted: tuple[str, ...]  # features that moved by themselves, before
    changed: tuple[str, ...]  # features whose distribution given the class differs


def distribution_change(
    case: Case, known: pd.DataFrame, came: pd.DataFrame, test: pd.DataFrame, repeats: np.ndarray
) -> DistributionChange:
    """From `known` rows to test rows as they `came`, and with everything undone; the same table if nothing was."""
    y = known[case.target].to_numpy(), test[case.target].to_numpy()

    def given_class(table: pd.DataFrame) -> tuple[dict[str, Binned], dict[str, dict]]:
        binned = all_binned(known, table, case.features, case.n_classes)
        return binned, {name: change_given_class(one, y, repeats) for name, one in binned.items()}

    both, after = given_class(test)
    at_first, before = (both, after) if came is test else given_class(came)
    return DistributionChange(
        both,
        {
            name: {**change_alone(known[name], came[name], one, repeats[-1]), **before[name]}
            for name, one in at_first.items()
        },
        tuple(joint_drift(both, repeats[-1], case.alpha)),
        p_value([homogeneity(*(np.bincount(part, minlength=case.n_classes) for part in y), repeats[-1])]),
        tuple(drifted(at_first, case.settings["least_shift"], case.alpha, repeats[-1])),
        tuple(name for name, one in after.items() if one["p_given_class"] * len(both) < case.alpha),
    )
