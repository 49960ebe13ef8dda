"""What the tools' scripts share: the files that prepare.py has written, and the names of their columns."""

import sys
from pathlib import Path

import pandas as pd

NUMERIC = ["minimum_nights", "amenity_score", "number_of_reviews", "availability_365"]
CATEGORICAL = ["neighbourhood_group", "room_type"]
FEATURES, TARGET, CLASSES = NUMERIC + CATEGORICAL, "price_class", [0, 1, 2, 3]
FOLDER = Path(sys.argv[1])


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Validation rows, and test rows."""
    return pd.read_csv(FOLDER / "validation.csv"), pd.read_csv(FOLDER / "test.csv")
