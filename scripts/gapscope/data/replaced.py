"""A table with some columns replaced."""

import pandas as pd


def replaced(table: pd.DataFrame, columns: dict) -> pd.DataFrame:
    """What `table.assign(**columns)` gives, also for a column that is called `self`, which would be its argument."""
    table = table.copy(deep=False)
    for name, values in columns.items():
        table[name] = values
    return table
