"""Ranks, their correlation and the tails that the diagnosis tests by, against scipy.stats, to the last bit."""

import numpy as np
from scipy import stats

from gapscope.diagnosis.evidence.drift import p_value, wasserstein_distance
from gapscope.evaluation.permutation import ranks, spearman

RNG = np.random.default_rng(0)
PAIRS = [(RNG.integers(n, size=n), RNG.standard_normal(n)) for n in (3, 4, 7, 30, 200)]


def test_equal_values_share_the_mean_of_their_ranks():
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]
    for tied, other in PAIRS:
        assert (ranks(tied) == stats.rankdata(tied)).all() and (ranks(other) == stats.rankdata(other)).all()


def test_spearman():
    assert spearman(np.array([1.0, 2.0, 3.0]), np.array([9.0, 5.0, 1.0])) == -1.0
    assert np.isnan(spearman(np.array([1.0, np.nan, 3.0]), np.array([9.0, 5.0, 1.0])))
    for one, other in PAIRS:
        assert spearman(one, other) == stats.spearmanr(one, other).statistic


def test_wasserstein_distance_and_p_value():
    for (one, _), (_, other) in zip(PAIRS, PAIRS[1:]):
        assert wasserstein_distance(one, other) == stats.wasserstein_distance(one, other)
    assert p_value([(3.0, 2), (4.5, 1)]) == stats.chi2.sf(7.5, 3)
