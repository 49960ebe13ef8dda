"""Evidently: data drift, classification. python docs/other-tools/evidently_report.py FOLDER"""

import time

from common import CATEGORICAL, FOLDER, NUMERIC, TARGET, tables
from evidently import DataDefinition, Dataset, MulticlassClassification, Report
from evidently.presets import ClassificationPreset, DataDriftPreset

reference, test = tables()
definition = DataDefinition(
    numerical_columns=NUMERIC,
    categorical_columns=CATEGORICAL,
    classification=[MulticlassClassification(target=TARGET, prediction_labels="prediction")],
)
start = time.process_time()
data = {name: Dataset.from_pandas(t, definition) for name, t in (("reference", reference), ("test", test))}
report = Report([DataDriftPreset(), ClassificationPreset()], include_tests=True)
found = report.run(data["test"], data["reference"])
found.save_html(str(FOLDER / "evidently.html"))
print(f"{time.process_time() - start:.1f} s of CPU, {(FOLDER / 'evidently.html').stat().st_size / 1e6:.1f} MB")
for one in found.dict()["metrics"]:
    print(one.get("metric_name") or one.get("metric_id"), one["value"])
for test_result in found.dict().get("tests", []):
    print(test_result.get("status"), test_result.get("name"), "-", test_result.get("description"))
