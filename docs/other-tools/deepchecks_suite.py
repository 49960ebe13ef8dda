"""deepchecks: its whole suite for tables. python docs/other-tools/deepchecks_suite.py FOLDER"""

import time

from common import CATEGORICAL, CLASSES, FEATURES, FOLDER, TARGET, tables
from deepchecks.tabular import Dataset
from deepchecks.tabular.suites import full_suite

reference, test = tables()
data = [Dataset(table[FEATURES + [TARGET]], label=TARGET, cat_features=CATEGORICAL) for table in (reference, test)]
probabilities = [table[[f"p_{code}" for code in CLASSES]].to_numpy() for table in (reference, test)]
predictions = [table["prediction"].to_numpy() for table in (reference, test)]
start = time.process_time()
found = full_suite().run(
    *data,
    y_pred_train=predictions[0],
    y_pred_test=predictions[1],
    y_proba_train=probabilities[0],
    y_proba_test=probabilities[1],
    model_classes=CLASSES,
)
found.save_as_html(str(FOLDER / "deepchecks.html"))
print(f"{time.process_time() - start:.1f} s of CPU, {(FOLDER / 'deepchecks.html').stat().st_size / 1e6:.1f} MB")
passed, failed, left_out = found.get_passed_checks(), found.get_not_passed_checks(), found.get_not_ran_checks()
print(f"{len(passed)} passed, {len(failed)} failed, {len(left_out)} not run")
for result in failed:
    for condition in result.conditions_results:
        print(result.get_header(), "|", condition.category.name, "|", condition.name, "|", condition.details)
for result in passed:
    if "Drift" in result.get_header():
        for condition in result.conditions_results:
            print("passed:", result.get_header(), "|", condition.name, "|", condition.details)
