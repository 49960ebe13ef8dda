"""A column of texts turned into values block by block; cells on the way that do not fit are told as one mistake."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError

Found = tuple[pd.Series, dict[str, np.ndarray]]  # values of texts (k,); by what was expected, which of them do not fit


@dataclass
class Refused:
    """Cells that do not fit for one reason: how many so far, and the first, in which row (the header is row 1)."""

    expected: str
    cells: int = 0
    row: int = 0
    text: str = ""


@dataclass
class Column:
    """A column as it is read. `of_texts` is asked for each different text of a block once."""

    name: str
    of_texts: Callable[[pd.Series], Found]
    required: bool = False  # a cell without a text, as a Parquet file may have it, does not fit either
    rows: int = 0
    refused: dict[str, Refused] = field(default_factory=dict)

    def read(self, cells: pd.Series) -> pd.Series:
        """The values (n,) of a block's cells; missing where there is none, or a text that does not fit."""
        codes, texts = pd.factorize(cells)
        values, wrong = self.of_texts(pd.Series(texts, dtype="str"))
        for expected, which in wrong.items():
            refused = self.refused.setdefault(expected, Refused(expected))
            self._note(refused, np.append(which, self.required)[codes], cells)
        self.rows += len(cells)
        return pd.Series(values.array.take(codes, allow_fill=True))

    def _note(self, refused: Refused, wrong: np.ndarray, cells: pd.Series) -> None:
        if wrong.any() and not refused.cells:
            place = int(wrong.argmax())
            refused.row, refused.text = self.rows + place + 2, str(cells.iloc[place])
        refused.cells += int(wrong.sum())

    def check(self, path: str) -> None:
        """Raises UserError for the first of the reasons for which cells of the file `path` were refused."""
        for refused in self.refused.values():
            if refused.cells:
                raise UserError(
                    f"{path}: row {refused.row}, column '{self.name}': expected {refused.expected}, got "
                    f"{refused.text[:60]!r} ({refused.cells} such cells; row 1 is the header)."
                )
