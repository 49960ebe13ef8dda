"""A column may have any name, that of an argument too."""

import pandas as pd

from gapscope.data.rows import replaced


def test_columns_are_replaced_and_added_whatever_they_are_called():
    table = pd.DataFrame({"self": [1, 2], "b": [3, 4]})
    found = replaced(table, {"self": [5, 6], "kwargs": [7, 8]})
    assert found.to_dict("list") == {"self": [5, 6], "b": [3, 4], "kwargs": [7, 8]}
    assert table.to_dict("list") == {"self": [1, 2], "b": [3, 4]}
