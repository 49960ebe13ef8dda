"""alibi-detect: KS per feature, and a classifier. python docs/other-tools/alibi_detectors.py FOLDER"""

import time

import numpy as np
from alibi_detect.cd import ClassifierDrift, TabularDrift
from common import CATEGORICAL, FEATURES, NUMERIC, tables
from sklearn.linear_model import LogisticRegression

reference, test = tables()
codes = {name: {level: code for code, level in enumerate(sorted(reference[name].unique()))} for name in CATEGORICAL}
X, X_test = (table[FEATURES].replace(codes).to_numpy(np.float32) for table in (reference, test))

start = time.process_time()
found = TabularDrift(X, p_val=0.05, categories_per_feature={FEATURES.index(n): None for n in CATEGORICAL}).predict(
    X_test, drift_type="feature"
)["data"]
for name, drifted, p, distance in zip(FEATURES, found["is_drift"], found["p_val"], found["distance"]):
    print(f"{name}: drift {drifted}, p {p:.3g}, distance {distance:.3f}")
print(f"TabularDrift {time.process_time() - start:.2f} s of CPU")

start = time.process_time()
scale = X[:, : len(NUMERIC)].std(axis=0)
found = ClassifierDrift(
    X[:, : len(NUMERIC)] / scale, LogisticRegression(), backend="sklearn", p_val=0.05, preds_type="probs", n_folds=5
).predict(X_test[:, : len(NUMERIC)] / scale)["data"]
print(
    f"ClassifierDrift (logistic): drift {found['is_drift']}, p {found['p_val']:.3g}, distance {found['distance']:.3f}"
)
print(f"ClassifierDrift {time.process_time() - start:.2f} s of CPU")
