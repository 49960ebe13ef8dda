"""NannyML: estimated accuracy, feature drift. python docs/other-tools/nannyml_estimate.py FOLDER"""

import time

import nannyml
from common import CLASSES, FEATURES, TARGET, tables

reference, test = tables()
chunker = nannyml.SizeBasedChunker(1000, incomplete="append")
start = time.process_time()
settings = {
    "y_pred_proba": {code: f"p_{code}" for code in CLASSES},
    "y_pred": "prediction",
    "y_true": TARGET,
    "problem_type": "classification_multiclass",
    "metrics": ["accuracy"],
    "chunker": chunker,
}
estimator = nannyml.CBPE(**settings).fit(reference)
estimated = estimator.estimate(test).filter(period="analysis").to_df()["accuracy"]
print(estimated[["value", "alert"]])
realised = nannyml.PerformanceCalculator(**settings).fit(reference)
print(realised.calculate(test).filter(period="analysis").to_df()["accuracy"][["value", "alert"]])
drift = nannyml.UnivariateDriftCalculator(column_names=FEATURES, chunker=chunker).fit(reference).calculate(test)
print(nannyml.AlertCountRanker().rank(drift))
print(f"{time.process_time() - start:.1f} s of CPU")
