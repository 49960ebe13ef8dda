"""A column that equals the target, or stands for it, is found; others are not."""

import pandas as pd

from gapscope.tables.leaks import telling_columns


def test_columns_that_tell_the_class():
    y = [0, 1, 2, 0, 1, 2, 0, 1]
    table = pd.DataFrame(
        {
            "copy": [float(code) for code in y],
            "renamed": ["abc"[code] for code in y],
            "finer": ["a1", "b1", "c1", "a2", "b1", "c1", "a2", "b1"],  # several values to a class
            "nearly": ["abc"[code] for code in [*y[:7], 0]],
            "number_of_the_row": range(8),  # tells it too, as any value that stands there once
            "constant": [1.0] * 8,
            "y": y,
        }
    )
    assert telling_columns(table, "y") == ["copy", "renamed", "finer"]
