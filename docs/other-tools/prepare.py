"""Validation rows and test rows as CSV files with a network's predictions, for the tools beside this file.

python docs/other-tools/prepare.py results/airbnb
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from gapscope.data.encode import columns_of, encoded  # noqa: E402
from gapscope.network import model  # noqa: E402

results = Path(sys.argv[1])
trained = model.load(str(results / "models" / "relu.npz"))
columns, target = columns_of(trained.description), trained.description["target"]
train, test = (pd.read_parquet(results / "clean" / f"{name}.parquet") for name in ("train", "test"))
folder = results / "other-tools"
folder.mkdir(exist_ok=True)
for name, table in (
    ("training", train.iloc[np.load(results / "split" / "training_rows.npy")]),
    ("validation", train.iloc[np.load(results / "split" / "validation_rows.npy")]),
    ("test", test),
):
    p = trained.network.probabilities(trained.scaled(encoded(table, columns)))
    table = table.assign(prediction=p.argmax(axis=1), **{f"p_{code}": p[:, code] for code in range(p.shape[1])})
    table.to_csv(folder / f"{name}.csv", index=False)
    print(f"{name}: {len(table)} rows, accuracy {(table['prediction'] == table[target]).mean():.4f}")
