"""A column that equals the target, or stands for it, is found; others are not."""

import numpy as np
import pandas as pd
import pytest

from gapscope.data.leaks import how_it_tells, telling_columns


def test_columns_that_tell_the_class():
    y = [0, 1, 2, 0, 1, 2, 0, 1] * 5
    table = pd.DataFrame(
        {
            "copy": [float(code) for code in y],
            "renamed": ["abc"[code] for code in y],
            "finer": ["a1", "b1", "c1", "a2", "b1", "c1", "a2", "b1"] * 5,  # several values to a class
            "nearly": ["abc"[code] for code in [*y[:-1], 0]],
            "number_of_the_row": range(40),  # tells it too, as any value that stands there once
            "made_of": [code + row / 100 for row, code in enumerate(y)],  # the number that was cut into classes
            "nearly_made_of": [code + row / 30 for row, code in enumerate(y)],
            "constant": [1.0] * 40,
            "y": y,
        }
    )
    assert telling_columns(table, "y") == ["copy", "renamed", "finer", "made_of"]


def test_how_it_tells():
    y = np.repeat([0, 1], 20)
    assert how_it_tells(pd.Series(np.where(y, "no", "yes")), y) == "each class has one value of its own in it"
    assert how_it_tells(pd.Series(y * 10 + np.arange(40) % 3), y) == "all rows of each of its 6 values are of one class"
    assert how_it_tells(pd.Series(np.arange(40.0) ** 2), y) == "each class is one stretch of its values"
    assert how_it_tells(pd.Series([f"{row:02d}" for row in range(40)]), y) is None  # texts have no stretches


@pytest.mark.parametrize(
    "rows, rare, found", [(100, 1, False), (100, 3, False), (100, 5, True), (20, 10, False), (30, 15, True)]
)
def test_what_chance_makes_is_no_sign(rows, rare, found):
    """Two stretches of n and m rows come about with 2 n! m! / (n + m)!: 2 / 100, 2 / 161,700, 2 / 75,287,520, ..."""
    y = (np.arange(rows) >= rows - rare).astype(int)
    assert (how_it_tells(pd.Series(np.arange(rows, dtype=float)), y) is not None) == found


def test_copies_of_rows_are_no_evidence():
    """A tenth of the rows repeated: each of 900 measured values still stands for one distinct row."""
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"a": rng.normal(size=900), "y": rng.integers(0, 4, 900)})
    copies = pd.concat([table, table[:90]], ignore_index=True)
    assert telling_columns(copies, "y") == []
    assert telling_columns(copies.assign(b=copies["y"] * 2.0), "y") == ["b"]
