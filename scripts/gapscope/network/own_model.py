"""A model of the user's own: a Python file with `fit` and `predict_proba`, called and checked (docs/models.md).

The rest of gapscope hands it rows as a matrix X (n, features), as it does to a network: numbers as they are, and for
each category its place among the training table's. The user's functions get these rows as a table.
"""

import importlib
import inspect
import shutil
import sys
import traceback
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from gapscope.common.errors import UserError
from gapscope.common.files import read_json, write_json
from gapscope.common.whole import whole
from gapscope.data import parquet
from gapscope.data.encode import Column, columns_of, decoded, encoded
from gapscope.data.rows import row_hashes
from gapscope.network.classifier import Classifier, improper
from gapscope.network.model import Model
from gapscope.network.onnx_file import OnnxFile
from gapscope.network.predictions import Predictions

NEEDED = ("fit", "predict_proba")
FITTED = ".model"  # ending of the fitted model, which lies beside its description in results/models/<name>.json
CLEARLY = 0.1  # accuracy that another order of the classes must bring before the model is refused


class Code:
    """The functions of the user's file. What goes wrong in one of them is told in one line, with the line of the file.

    Raises:
        UserError: where the file cannot be run, or lacks `fit` or `predict_proba`.
    """

    def __init__(self, path: str):
        self.path, self.folder = path, Path(path).resolve().parent
        if not Path(path).is_file():
            raise UserError(f"{path}: no such file; name the Python file with fit and predict_proba.")
        if Path(path).suffixes != [".py"]:
            raise UserError(f"{path}: not a name that Python can import; call the file like forest.py, with one dot.")
        self.module = self.run(self._imported, "importing it")
        missing = next((name for name in NEEDED if not callable(getattr(self.module, name, None))), None)
        if missing:
            raise UserError(f"{path}: there is no function {missing}; it needs {' and '.join(NEEDED)}.")
        if self.has("save") != self.has("load"):
            raise UserError(f"{path}: there is one of the functions save and load; write both, or none for joblib.")

    def _imported(self):
        name = Path(self.path).stem
        if str(self.folder) not in sys.path:
            sys.path.insert(0, str(self.folder))  # for modules beside it
        module = importlib.import_module(name)
        if not self._is_own(getattr(module, "__file__", None) or ""):
            raise UserError(f"{self.path}: another module is called {name} too; give the file another name.")
        return module

    def __call__(self, name: str, *arguments, **named):
        """The result of the user's function `name`."""
        return self.run(lambda: getattr(self.module, name)(*arguments, **named), f"in {name}")

    def has(self, name: str) -> bool:
        return hasattr(self.module, name)

    def takes_weights(self) -> bool:
        """Whether `fit` has an argument sample_weight."""
        return "sample_weight" in inspect.signature(self.module.fit).parameters

    def run(self, call, doing: str):
        """The result of `call`; whatever it raises becomes a UserError with the line of the user's code."""
        try:
            with threadpool_limits(1):  # the same bits on any machine
                return call()
        except UserError:
            raise
        except (Exception, SystemExit) as error:
            traceback.print_exc()  # to the job's log
            words = f"{type(error).__name__}: {error}"
            raise UserError(f"{self._place(error)}: {doing}: {words} (the whole traceback is in the log).") from error

    def _place(self, error: BaseException) -> str:
        """File and line of the user's code from which the error came."""
        if isinstance(error, SyntaxError) and error.filename:
            return f"{self._shown(error.filename)}, line {error.lineno}"
        own = [frame for frame in traceback.extract_tb(error.__traceback__) if self._is_own(frame.filename)]
        return f"{self._shown(own[-1].filename)}, line {own[-1].lineno}" if own else self.path

    def _is_own(self, path: str) -> bool:
        return Path(path).resolve().parent == self.folder

    def _shown(self, path: str) -> str:
        return str(Path(self.path).parent / Path(path).name) if self._is_own(path) else path


@dataclass(frozen=True)
class OwnModel(Classifier):
    """A classifier of rows X (n, features), made of what the user's `fit` returned."""

    code: Code | OnnxFile
    fitted: object  # None of an ONNX file
    columns: list[Column]  # of X
    classes: list[str]
    settings: dict

    dtype = np.dtype(np.float64)

    @property
    def units(self) -> list[int]:
        return [len(self.columns), len(self.classes)]

    def inputs(self, path: str, rows: np.ndarray | None, of_test: bool) -> np.ndarray:
        rows = np.arange(parquet.rows(path)) if rows is None else rows
        return encoded(parquet.take(path, rows, [column.feature for column in self.columns]), self.columns)

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        """As the user's `predict_proba` has it, which is asked once for rows that are equal."""
        if not len(X):
            return np.empty((0, len(self.classes)))
        hashes = row_hashes(pd.DataFrame(X, copy=False))
        _, first, place = np.unique(hashes, return_index=True, return_inverse=True)
        table = decoded(X[first], self.columns)
        p = self.code("predict_proba", self.fitted, table) if self.trainable else self.code.probabilities(table)
        return checked(p, len(first), self.classes, self.source)[place]

    @property
    def trainable(self) -> bool:
        return isinstance(self.code, Code)

    @property
    def source(self) -> str:
        """Where its probabilities come from, for messages."""
        return f"{self.code.path}: {'predict_proba' if self.trainable else 'its probabilities'}"

    def trained_again(self, X: np.ndarray, y: np.ndarray, seed: int, weights: np.ndarray | None = None) -> "OwnModel":
        """The same code fitted to these rows. Their weights, if any, only reach a `fit` that takes them."""
        named = {} if weights is None or not self.code.takes_weights() else {"sample_weight": weights}
        fitted = self.code("fit", decoded(X, self.columns), y.astype(np.int64), dict(self.settings), seed, **named)
        if fitted is None:
            raise UserError(f"{self.code.path}: fit returned nothing; end it with return and the fitted model.")
        return replace(self, fitted=fitted)

    def without(self, places: np.ndarray) -> "OwnModel":
        """The same for rows that lack the columns at these places; it must be trained again."""
        kept = [column for place, column in enumerate(self.columns) if place not in places]
        return replace(self, fitted=None, columns=kept)


def checked(p, rows: int, classes: list[str], what: str) -> np.ndarray:
    """Probabilities (rows, classes) as float64. Raises UserError for anything else."""
    try:
        p = np.asarray(p, np.float64)
    except Exception as error:  # packages have their own kinds
        raise UserError(f"{what}: expected an array of numbers, got {type(p).__name__} ({error}).") from None
    if p.shape != (rows, len(classes)):
        raise UserError(
            f"{what}: expected shape ({rows}, {len(classes)}), a row of the table each and a column for each of the "
            f"classes {', '.join(classes)}; got {p.shape}."
        )
    wrong = improper(p)
    if wrong.any():
        got = ", ".join(f"{value:.4g}" for value in p[wrong][0])
        raise UserError(
            f"{what}: expected probabilities from 0 to 1 that sum to 1 in each row, got {got}; {wrong.sum()} of {rows} "
            "rows are like this."
        )
    return p


def check_order(matrix: np.ndarray, classes: list[str], what: str) -> None:
    """Raise UserError where rows by true and predicted class (classes, classes) show that the classes are mixed up."""
    order = matrix.argmax(axis=0)
    if sorted(order) != list(range(len(order))):
        return
    better = matrix[order, np.arange(len(order))].sum() - np.trace(matrix)
    if better > CLEARLY * matrix.sum():
        raise UserError(
            f"{what}: its columns seem to stand for {', '.join(classes[code] for code in order)}, in this order; "
            f"expected {', '.join(classes)} (y holds 0, 1, ... for them)."
        )


def joblib():
    """The package, which comes with scikit-learn. Without an import statement, since gapscope does not depend on it."""
    try:
        return importlib.import_module("joblib")
    except ModuleNotFoundError:
        raise UserError(
            "joblib is not installed: install it, or give your file save(model, path) and load(path)."
        ) from None


def save(path: str, model: OwnModel | Predictions, description: dict) -> None:
    """Write the fitted model, by the user's `save` or joblib, and its description."""
    with whole(Path(path).with_suffix(FITTED)) as temporary:
        if isinstance(model, Predictions):
            model.save(temporary)
        elif not model.trainable:
            shutil.copyfile(model.code.path, temporary)
        elif model.code.has("save"):
            model.code("save", model.fitted, str(temporary))
        else:
            model.code.run(lambda: joblib().dump(model.fitted, temporary), "saving what fit returned with joblib")
        if not temporary.is_file():
            raise UserError(f"{model.code.path}: save wrote no file; write one, to exactly the path that it gets.")
    write_json(path, description)


def load(path: str, trusted: bool) -> Model:
    """The model that `save` wrote. For a Python file, this runs the user's code, as which pickled objects count too:
    only where that is trusted."""
    description = read_json(path)
    d = len(description["columns"])
    return Model(_classifier(path, description, trusted), np.zeros(d), np.ones(d), description)


def _classifier(path: str, description: dict, trusted: bool) -> OwnModel | Predictions:
    stored = Path(path).with_suffix(FITTED)
    classes, columns = [str(name) for name in description["classes"]], columns_of(description)
    if "predictions" in description:
        return Predictions.load(stored)
    if "onnx" in description:
        return OwnModel(OnnxFile(str(stored)), None, columns, classes, {})
    if not trusted:
        raise UserError(
            f"{path}: this names Python code and objects that run as code; where you trust them, add --trust."
        )
    code = Code(description["python"])
    if not stored.is_file():
        raise UserError(f"{stored}: no such file; it belongs to {path}.")
    if code.has("load"):
        fitted = code("load", str(stored))
    else:
        fitted = code.run(lambda: joblib().load(stored), f"loading {stored}")
    return OwnModel(code, fitted, columns, classes, description["settings"]["own"])
