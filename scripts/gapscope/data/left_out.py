"""Columns of the user's tables that are no features, such as identifiers and dates: which rows share a value there."""

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError
from gapscope.data.read import column_names
from gapscope.data.source import cell_blocks, examined

LEAST_VALUES = 5
MOST_VALUES = 0.5  # of the rows: where more have a value of their own, rows share none


def left_out_columns(
    paths: dict[str, str], blocks: dict[str, dict], kept: dict[str, np.ndarray]
) -> dict[str, pd.DataFrame]:
    """The columns that both tables have beside those of the data block, and whose values training rows share.

    Args:
        paths, blocks, kept: of the tables, train first: the file, the data block to read it with, and which of its
            rows count (n,).

    Returns:
        Per table a number (uint64) for each cell, the same for equal texts in whichever table they stand.
    """
    sources = {name: examined(path, blocks[name], column_names(blocks[name])) for name, path in paths.items()}
    known = {*column_names(blocks["train"]), blocks["train"]["weight"]}
    names = [name for name in sources["train"].names if name not in known and name in sources["test"].names]
    together = [[name] for name in names] if sources["train"].format == "parquet" else [names] if names else []
    found = {table: {} for table in paths}
    for chosen in together:
        try:
            cells = {name: pd.concat(map(hashed, cell_blocks(source, chosen))) for name, source in sources.items()}
        except UserError:
            continue  # a column of lists, say: nobody asked for it
        for column in chosen:
            values = {name: cells[name][column].to_numpy()[kept[name]] for name in paths}
            if LEAST_VALUES <= len(np.unique(values["train"])) <= MOST_VALUES * len(values["train"]):
                for name in paths:
                    found[name][column] = values[name]
    return {name: pd.DataFrame(columns) for name, columns in found.items()}


def read_left_out(input, known: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """These columns of the rows `known` (n,) of the training table and of all test rows; None where there are none.

    `input`: a stage's input files, by name.
    """
    if not input.get("train_left_out"):
        return None
    train, test = (pd.read_parquet(input[f"{name}_left_out"]) for name in ("train", "test"))
    return None if train.columns.empty else (train.iloc[known].reset_index(drop=True), test)


def hashed(cells: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        name: pd.util.hash_array(cells[name].astype(str).str.strip().to_numpy(object)) for name in cells
    })  # fmt: skip
