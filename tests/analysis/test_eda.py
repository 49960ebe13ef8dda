"""Exploration: class shares within levels, by hand."""

import pandas as pd

from gapscope.analysis.eda import level_shares


def test_the_commonest_level_comes_first():
    table = pd.DataFrame({"c": list("bbbaaccd"), "y": [0, 0, 2, 0, 2, 2, 2, 0]})
    shares = level_shares(table, "c", {"target": "y", "classes": ["lo", "mid", "hi"]})
    assert list(shares.index) == ["b", "a", "c", "d"] and list(shares.columns) == ["lo", "mid", "hi"]
    assert shares.to_numpy().tolist() == [[2 / 3, 0, 1 / 3], [0.5, 0, 0.5], [0, 0, 1], [1, 0, 0]]
