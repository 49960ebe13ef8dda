"""NannyML: estimated accuracy, feature drift. python docs/other-tools/nannyml_estimate.py FOLDER"""

import time

import nannyml
from common import CLASSES, FEATURES, TARGET, tables

reference, test = tables()
start = time.process_time()
estimator = nannyml.CBPE(
    y_pred_proba={code: f"p_{code}" for code in CLASSES},
    y_pred="prediction",
    y_true=TARGET,
    problem_type="classification_multiclass",
    metrics=["accuracy"],
    chunk_number=5,
).fit(reference)
estimated = estimator.estimate(test).filter(period="analysis").to_df()["accuracy"]
print(estimated[["value", "alert"]])
realised = nannyml.PerformanceCalculator(
    y_pred_proba={code: f"p_{code}" for code in CLASSES},
    y_pred="prediction",
    y_true=TARGET,
    problem_type="classification_multiclass",
    metrics=["accuracy"],
    chunk_number=5,
).fit(reference)
print(realised.calculate(test).filter(period="analysis").to_df()["accuracy"][["value", "alert"]])
drift = nannyml.UnivariateDriftCalculator(column_names=FEATURES, chunk_number=5).fit(reference).calculate(test)
print(nannyml.AlertCountRanker().rank(drift))
print(f"{time.process_time() - start:.1f} s of CPU")
