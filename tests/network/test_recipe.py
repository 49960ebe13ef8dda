"""The recipe of config.yaml as shipped: five-fold accuracy beside scikit-learn's gradient-boosted trees, untuned."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold

from gapscope.config.check import training_settings
from gapscope.config.defaults import shipped
from gapscope.data.clean import cleaned
from gapscope.data.encode import encoded, fit_columns
from gapscope.data.read import read_table
from gapscope.data.split import fit_scaling
from gapscope.network.partition import Partition
from gapscope.network.training import train

ROOT = Path(__file__).resolve().parents[2]
CONFIG = shipped()
DATA, TARGET = CONFIG["data"], CONFIG["data"]["target"]
LISTINGS = ROOT.parent / "shared" / "data" / "train.csv"
MARGIN = 0.0005

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not LISTINGS.is_file(), reason="the real listings are not in ../shared/data"),
]


@pytest.fixture(scope="module")
def listings():
    return cleaned(read_table(str(LISTINGS), DATA), TARGET, None)


@pytest.fixture(scope="module")
def folds(listings):
    """Pairs of tables: four fifths to train on, one to test on."""
    parts = StratifiedKFold(5, shuffle=True, random_state=42).split(listings, listings[TARGET])
    return [(listings.iloc[rows], listings.iloc[held_out]) for rows, held_out in parts]


@pytest.fixture(scope="module")
def trees(folds):
    """Accuracy per fold; rooms and boroughs go in as categories."""
    kinds = dict.fromkeys(DATA["categorical"], "category")
    features = DATA["numeric"] + DATA["categorical"]
    accuracies = []
    for training, held_out in folds:
        model = HistGradientBoostingClassifier(random_state=0)
        model.fit(training[features].astype(kinds), training[TARGET])
        accuracies.append(model.score(held_out[features].astype(kinds), held_out[TARGET]))
    return np.array(accuracies)


def network_accuracy(training, held_out, activation):
    """Everything is fitted on `training`: transforms, scaling, weights."""
    columns = fit_columns(training, DATA, CONFIG["encode"])
    X = encoded(training, columns)
    scaling = fit_scaling(X, np.array([column.level is None for column in columns]), CONFIG["split"]["scale"])
    part = Partition(scaling(X), training[TARGET].to_numpy())
    network = train(part, None, len(DATA["classes"]), training_settings(CONFIG["train"], activation))
    return (network.predict(scaling(encoded(held_out, columns))) == held_out[TARGET]).mean()


@pytest.mark.parametrize("activation", CONFIG["train"]["activations"])
def test_each_network_beats_the_trees(folds, trees, activation):
    accuracies = [network_accuracy(*tables, activation) for tables in folds]
    assert np.mean(accuracies - trees) >= MARGIN, (np.mean(accuracies), trees.mean())
