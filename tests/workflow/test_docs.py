"""docs/reruns.md is what the schema and the rules say now."""

import runpy

from runs import ROOT


def test_the_table_is_up_to_date():
    page = runpy.run_path(str(ROOT / "docs" / "reruns.py"))["page"]()
    assert page == (ROOT / "docs" / "reruns.md").read_text(encoding="utf-8"), "run `make docs`"
    assert "| `eda.dominant_correlation` | eda, report |  |" in page
    assert "| `saliency.methods` | saliency, report |" in page
    assert "| `train.learning_rate` | train_*, suite_cases, mitigate_*, mitigate_ceiling, report | " in page
