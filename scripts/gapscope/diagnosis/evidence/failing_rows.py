"""Test rows that the network is surest of and wrong about, as they came and once columns are repaired."""

import numpy as np
import pandas as pd

from gapscope.diagnosis.evidence.gather import Gathered

MOST = 200  # rows in failures.csv


def failing_rows(g: Gathered) -> pd.DataFrame:
    """The surest first, of the test rows that the diagnosis looks at.

    `row` is the place in the cleaned table; `true`, `predicted` and `predicted_repaired` (NaN where no column can be
    repaired) are class codes, 0, 1, ... the probabilities of the classes. The features' values follow.
    """
    tested, network = g.repaired, g.case.network
    p, wrong = network.probabilities(tested.came_X), np.flatnonzero(tested.came_right == 0)
    wrong = wrong[np.argsort(-p[wrong].max(axis=1), kind="stable")][:MOST]
    table = tested.came.iloc[wrong].reset_index(drop=True)
    about = pd.DataFrame(
        {"row": tested.rows[wrong], "true": table[g.case.target], "predicted": p[wrong].argmax(axis=1)}
    )
    about["predicted_repaired"] = network.predict(tested.X[wrong]) if tested.repairs and network.can_predict else np.nan
    return pd.concat([about, pd.DataFrame(p[wrong]), table[g.case.features]], axis=1)


def named(failures: pd.DataFrame, numbers: np.ndarray, classes: list) -> pd.DataFrame:
    """`failing_rows` with the row `numbers` (n,) of the user's file, names of classes, and p_<class> as headings."""
    names = np.array([str(name) for name in classes], dtype=object)
    codes = failures[["true", "predicted", "predicted_repaired"]]
    about = codes.apply(lambda column: column.map(lambda code: None if np.isnan(code) else names[int(code)]))
    about.insert(0, "row", numbers[failures["row"]])
    table = pd.concat([about, failures.iloc[:, 4:]], axis=1)
    table.columns = [*about, *(f"p_{name}" for name in names), *failures.columns[4 + len(names) :]]
    return table
