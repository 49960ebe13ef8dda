"""Apply a saved model to a new table, read and prepared like the training table, and write the predictions as CSV.

    from gapscope.evaluation.prediction import load, predictions, read

    model = load("results/models/relu.npz")
    table = predictions(model, read(model, "new.csv"))

The same table gives the same bits as in the pipeline; matrix products with other rows may round differently.
"""

import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from gapscope.common.errors import UserError
from gapscope.common.files import write_csv_blocks
from gapscope.config.defaults import shipped
from gapscope.data.encode import columns_of, encoded, unseen_levels
from gapscope.data.read import table_blocks
from gapscope.data.source import named
from gapscope.evaluation import trained
from gapscope.network.model import Model
from gapscope.network.row_storage import PIECE

BROKEN = (ValueError, LookupError, TypeError, AttributeError, NotImplementedError, EOFError, OSError, zlib.error,
          zipfile.BadZipFile)  # fmt: skip
NAMED = 10  # rows or levels listed in a remark


def load(path: str, trusted: bool = False) -> Model:
    """Load a network from its .npz file, or the user's own model from its .json file.

    Raises
    ------
    UserError : for a missing or invalid file, and for a model that contains code unless `trusted`.
    """
    if not Path(path).is_file():  # opening a pipe would block
        raise UserError(f"{path}: no such file; models are in results/models, as <activation>.npz.")
    try:
        model = trained.load(path, trusted)
        if model.network.is_network:
            _check_whole(model)
    except BROKEN as error:
        raise UserError(f"{path}: not a model of gapscope ({error}); choose a file in results/models.") from None
    return model


def _check_whole(model: Model) -> None:
    """Raise ValueError unless the arrays and the description belong to the same network."""
    columns, classes = len(columns_of(model.description)), len(model.description["classes"])
    for network in model.network.members:
        shapes = [W.shape for W in network.weights]
        units = [columns, *(outputs for _, outputs in shapes)]
        biases = [network.biases[place].shape for place in network.bias_of]
        if units[-1] != classes or shapes != list(zip(units, units[1:])) or biases != [(width,) for width in units[1:]]:
            raise ValueError("its arrays do not fit each other")
    if not model.mean.shape == model.deviation.shape == (columns,):
        raise ValueError("its scaling does not fit its columns")
    missing = {"reading", "imputation", "source"} - model.description.keys()
    if missing:
        raise ValueError(f"its description has no {min(missing)}")


def features_of(model: Model) -> dict[str, list[str]]:
    """Names of the `numeric` and the `categorical` columns that the model reads."""
    columns = columns_of(model.description)
    return {
        kind: list(dict.fromkeys(column.feature for column in columns if (column.level is None) == (kind == "numeric")))
        for kind in ("numeric", "categorical")
    }


def read(model: Model, path: str) -> pd.DataFrame:
    """Read the model's columns of a table, missing values included; other columns are ignored. See `read_blocks`."""
    return pd.concat(read_blocks(model, path), ignore_index=True)


def read_blocks(model: Model, path: str) -> Iterator[pd.DataFrame]:
    """Read the model's columns of a table, one block of rows at a time.

    The table is a CSV (plain or gzipped) or Parquet file with the format of the training table (separator, decimal
    sign, encoding, missing values).

    Raises
    ------
    UserError : for a file that cannot be read, missing columns, and values that are not numbers.
    """
    features, reading = features_of(model), shipped()["data"] | model.description["reading"]
    wanted = [name for names in features.values() for name in names]
    source = named(path, reading, wanted)
    missing = [name for name in wanted if source.place(name) is None]
    if missing:
        raise UserError(
            f"{path}: the model reads {len(missing)} column{'s' * (len(missing) > 1)} that the file does not have: "
            f"{', '.join(missing)}; the file has: {', '.join(source.names)}."
        )
    return table_blocks(path, {**reading, **features, "target": None})


def filled(model: Model, table: pd.DataFrame) -> pd.DataFrame:
    """The model's columns of `table`, with missing values imputed if the model was trained with imputation."""
    names = [name for names in features_of(model).values() for name in names]
    return table[names].fillna(model.description["imputation"] or {})


def predictions(model: Model, table: pd.DataFrame) -> pd.DataFrame:
    """For each row of `table`: p_<class>, the probability of each class, and `predicted`, the most probable class.

    Rows with missing values that the model cannot impute have NaN and None.
    """
    rows, classes = filled(model, table), [str(name) for name in model.description["classes"]]
    complete = rows.notna().all(axis=1).to_numpy()
    p, places = np.full((len(rows), len(classes)), np.nan), np.flatnonzero(complete)
    columns = columns_of(model.description)
    with threadpool_limits(1):
        for start in range(0, len(places), PIECE):
            piece = places[start : start + PIECE]
            p[piece] = model.network.probabilities(model.scaled(encoded(rows.iloc[piece], columns)))
    return named_classes(p, classes).set_index(table.index)


def named_classes(p: np.ndarray, classes: list[str]) -> pd.DataFrame:
    """Probabilities (n, classes) as a table with `predicted`, the most probable class; None where they are NaN."""
    complete, predicted = ~np.isnan(p).any(axis=1), np.full(len(p), None, dtype=object)
    predicted[complete] = np.array(classes, dtype=object)[p[complete].argmax(axis=1)]
    return pd.DataFrame(p, columns=[f"p_{name}" for name in classes]).assign(predicted=predicted)


def classify(model: Model, path: str, output: str) -> list[str]:
    """Write the predictions for the table `path` as CSV and return the remarks. Few rows are in memory at a time.

    Raises
    ------
    UserError : as in `read_blocks`, or where there are only predictions of the model; `output` is not written then.
    """
    if not model.network.can_predict:
        raise UserError(f"{path}: the model cannot classify other rows than its own; it consists of predictions only.")
    seen = Seen(model)
    tables = (predictions(model, table) for table in _pieces(seen.passed(read_blocks(model, path))))
    write_predictions(output, model, tables)
    return seen.remarks()


def _pieces(blocks: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Yield the rows in pieces with PIECE predictions each, the same as `predictions` makes of the whole table."""
    waiting = pd.DataFrame()
    for block in blocks:
        waiting = pd.concat([waiting, block], ignore_index=True)
        counted = np.cumsum(waiting.notna().all(axis=1).to_numpy())
        ends = [0, *np.searchsorted(counted, np.arange(PIECE, counted[-1] + 1, PIECE)) + 1]
        for first, last in zip(ends, ends[1:]):
            yield waiting.iloc[first:last]
        waiting = waiting.iloc[ends[-1] :]
    if len(waiting):
        yield waiting


class Seen:
    """Counts what the user should know of the rows: those without a prediction, and levels that training lacks."""

    def __init__(self, model: Model):
        self.model, self.columns = model, columns_of(model.description)
        self.rows, self.holes = 0, 0
        self.first: list[int] = []  # rows without a prediction
        self.lacking: dict[str, None] = {}  # columns with missing values
        self.unseen: dict[str, Counter] = {}  # rows by level, of each feature

    def passed(self, blocks: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        """Yield the blocks with missing values imputed, and count."""
        for block in blocks:
            table = filled(self.model, block)
            missing = table.isna()
            incomplete = missing.any(axis=1)
            holes = np.flatnonzero(incomplete)
            self.first += (holes[: NAMED - len(self.first)] + self.rows + 2).tolist()
            self.rows, self.holes = self.rows + len(table), self.holes + len(holes)
            self.lacking |= dict.fromkeys(table.columns[missing.any()])
            for feature, levels in unseen_levels(table[~incomplete], self.columns).items():
                self.unseen.setdefault(feature, Counter()).update(levels)
            yield table

    def remarks(self) -> list[str]:
        said = []
        if self.holes:
            more = f" and {self.holes - NAMED} more" if self.holes > NAMED else ""
            said.append(
                f"no prediction for {self.holes} of {self.rows} rows, since a value is missing "
                f"({', '.join(self.lacking)}) and the model was trained with clean.missing: drop: row "
                f"{', '.join(map(str, self.first))}{more} (row 1 is the header)."
            )
        for feature, levels in self.unseen.items():
            said.append(
                f"{levels.total()} rows have a level of '{feature}' that training does not know: "
                f"{', '.join(level for level, _ in levels.most_common(NAMED))}; for them the model goes by the other "
                "columns."
            )
        return said


def write_predictions(path: str, model: Model, blocks: Iterable[pd.DataFrame]) -> None:
    """Write the tables `blocks` of predictions as one CSV, with a first column `row`; the header is row 1."""
    write_csv_blocks(path, _numbered(blocks), model.description["source"])


def _numbered(blocks: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    rows = 2
    for table in blocks:
        table = table.copy(deep=False)
        table.insert(0, "row", np.arange(rows, rows + len(table)))
        rows += len(table)
        yield table
