"""A model that cannot be run here: files with its probabilities for the rows of both tables (docs/models.md)."""

from pathlib import Path

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError, one_line
from gapscope.network.classifier import Classifier, improper

BESIDE = ("row", "predicted", "data_source")  # columns that predict.py writes too


class Predictions(Classifier):
    """Looks up probabilities: X (n, 1) has places of rows, those of the cleaned training table before the test rows.

    Parameters
    ----------
    train : probabilities of the cleaned training rows (n_train, classes).
    test : probabilities of all rows of the test file (N_test, classes); no rows without a test set.
    kept : which of these `clean` keeps (n_test,).
    source : the file, for messages.
    """

    dtype, trainable, can_predict = np.dtype(np.float64), False, False

    def __init__(self, train: np.ndarray, test: np.ndarray, kept: np.ndarray, source: str = ""):
        self.train, self.test, self.kept, self.source = train, test, kept, source
        self.p, self.units = np.concatenate([train, test[kept]]), [1, train.shape[1]]

    def inputs(self, path: str, rows: np.ndarray | None, of_test: bool) -> np.ndarray:
        rows = np.arange(len(self.kept) if of_test else len(self.train)) if rows is None else rows
        return (rows + of_test * len(self.train)).astype(np.float64)[:, None]

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        return self.p[X[:, 0].astype(np.intp)]

    def save(self, path: str | Path) -> None:
        with open(path, "wb") as file:
            np.savez(file, train=self.train, test=self.test, kept=self.kept)

    @classmethod
    def load(cls, path: str | Path) -> "Predictions":
        with np.load(path, allow_pickle=False) as file:
            return cls(file["train"], file["test"], file["kept"])


def of_files(paths: dict[str, str], classes: list[str], rows: dict[str, int], kept: dict) -> Predictions:
    """The predictions in these files, `validation` and, if there is a test set, `test`.

    `rows` has the number of rows of the tables `train` and `test`, `kept` the places of the rows that `clean` keeps.
    """
    train = probabilities_in(paths["validation"], classes, rows["train"], "training", kept["train"])[kept["train"]]
    if "test" not in rows:
        return Predictions(train, train[:0], np.arange(0), paths["validation"])
    test = probabilities_in(paths["test"], classes, rows["test"], "test", kept["test"])
    return Predictions(train, test, kept["test"], paths["validation"])


def probabilities_in(path: str, classes: list[str], rows: int, table: str, kept: np.ndarray) -> np.ndarray:
    """Probabilities (rows, classes) in the order of the table's file. Raises UserError for anything else.

    Only rows that `clean` drops, those not in `kept`, may be empty, as predict.py leaves rows with missing values.
    """
    try:
        given = pd.read_parquet(path) if path.endswith((".parquet", ".pq")) else pd.read_csv(path)
    except (ValueError, OSError) as error:
        words = one_line(str(error))
        raise UserError(f"{path}: cannot be read ({words}); expected a CSV file with commas, or Parquet.") from None
    # a class's column is named after it, or p_<class> as predict.py writes it
    given.columns = [name if name in classes else name.removeprefix("p_") for name in map(str, given)]
    expected = f"expected a column for each class ({', '.join(classes)}), and perhaps row"
    unknown = [name for name in given if name not in [*classes, *BESIDE]]
    missing = [name for name in classes if name not in given]
    if unknown or missing or given.columns.has_duplicates:
        got = f"'{unknown[0]}'" if unknown else f"none for {missing[0]}" if missing else "two of one name"
        raise UserError(f"{path}: {expected}; got {got}.")
    if len(given) != rows:
        raise UserError(
            f"{path}: expected {rows} rows of probabilities, one for each row of the {table} table, got {len(given)}."
        )
    if "row" in given:
        given = given.iloc[_order(given["row"], path)]
    p = given[classes].apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    empty = np.isnan(p).all(axis=1)
    empty[kept] = False
    wrong = np.flatnonzero(improper(p) & ~empty)
    if len(wrong):
        got = ", ".join(map(str, given[classes].iloc[wrong[0]]))
        raise UserError(
            f"{path}: row {wrong[0] + 2} of the {table} table (row 1 is the header): expected probabilities from 0 to "
            f"1 that sum to 1, got {got}; {len(wrong)} rows are like this."
        )
    return p


def _order(numbers: pd.Series, path: str) -> np.ndarray:
    """Places of the rows in the order of their numbers, which count from 0, 1, or 2 (the row after the header)."""
    order = np.argsort(numbers.to_numpy(), kind="stable")
    ordered = numbers.to_numpy()[order]
    first = ordered[0] if len(ordered) else 0
    if first not in (0, 1, 2) or (ordered != first + np.arange(len(ordered))).any():
        raise UserError(
            f"{path}: column row: expected each number of a row once, counted from 0, from 1, or from 2 as in the file "
            "(row 1 is the header)."
        )
    return order
