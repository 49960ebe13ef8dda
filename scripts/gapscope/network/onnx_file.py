"""A model of the user's own in an ONNX file, run by onnxruntime, which gapscope does not depend on (docs/models.md)."""

import importlib
from pathlib import Path

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError, one_line

TYPES = {"tensor(float16)": np.float16, "tensor(float)": np.float32, "tensor(double)": np.float64,
         "tensor(int32)": np.int32, "tensor(int64)": np.int64}  # fmt: skip


class OnnxFile:
    """Probabilities by the graph in a file. Its inputs are the table's columns by name, or one matrix of all of them,
    with the places of categories (-1 for a level that training lacks).

    Raises:
        UserError: where there is no such file, none of ONNX, or no onnxruntime to run it.
    """

    def __init__(self, path: str):
        self.path = path
        if not Path(path).is_file():
            raise UserError(f"{path}: no such file; name the ONNX file of the model.")
        try:
            runtime = importlib.import_module("onnxruntime")
        except ModuleNotFoundError:
            raise UserError(f"{path}: onnxruntime is not installed; pip install onnxruntime.") from None
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # the same bits on any machine
        try:
            self.session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has many kinds
            raise UserError(f"{path}: not a model that onnxruntime runs ({one_line(str(error))}).") from None

    def probabilities(self, X: pd.DataFrame):
        """The last output of the graph, which converters give the probabilities, as an array."""
        inputs = {one.name: one for one in self.session.get_inputs()}
        if len(inputs) == 1 and not set(inputs) <= set(X.columns):
            ((name, one),) = inputs.items()
            places = X.assign(**{column: X[column].cat.codes for column in X.select_dtypes("category")})
            given = {name: places.to_numpy(TYPES.get(one.type, np.float32))}
        elif set(inputs) <= set(X.columns):
            given = {name: _column(X[name], one.type) for name, one in inputs.items()}
        else:
            missing = next(name for name in inputs if name not in X.columns)
            raise UserError(
                f"{self.path}: it reads '{missing}', which is no feature; expected inputs named like the features "
                f"({', '.join(X.columns)}) or one matrix."
            )
        try:
            found = self.session.run(None, given)[-1]
        except Exception as error:
            names, words = ", ".join(X.columns), one_line(str(error))
            raise UserError(f"{self.path}: onnxruntime failed on the features {names} ({words}).") from None
        return [list(row.values()) for row in found] if isinstance(found, list) else found  # a ZipMap's dictionaries


def _column(values: pd.Series, kind: str) -> np.ndarray:
    """A column (rows, 1) in the type that the graph reads; a level that training lacks is an empty text."""
    if kind == "tensor(string)":
        return values.astype(object).where(values.notna(), "").to_numpy(object)[:, None]
    values = values.cat.codes if isinstance(values.dtype, pd.CategoricalDtype) else values
    return values.to_numpy(TYPES.get(kind, np.float32))[:, None]
