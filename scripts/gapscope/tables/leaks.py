"""Columns that give the class away: made from the target, or written down after it was known."""

import pandas as pd


def telling_columns(table: pd.DataFrame, target: str) -> list[str]:
    """The features each of whose values goes with one class only, in a table without missing values.

    A column whose values are nearly all different (more than one for every two rows) says nothing by that.
    """
    features = [name for name in table.columns if name != target]
    repeated = [name for name in features if 2 * table[name].nunique() <= len(table)]
    return [name for name in repeated if table.groupby(name)[target].nunique().max() == 1]
