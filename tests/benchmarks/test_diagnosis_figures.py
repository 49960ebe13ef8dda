"""The tables about the diagnosis: counted as they say."""

import pandas as pd

import diagnosis_figures


def test_outcomes_and_confidence_are_counted_by_hand():
    of = {"kind": "rescaled", "plain": True, "listed": False, "verdict": "rescaled", "outcome": "recognised"}
    records = [
        {**of, "confidence": 0.95},
        {**of, "confidence": 0.92, "verdict": "feature_lost", "outcome": "other kind"},
        {**of, "confidence": 0.8, "plain": False},
        {**of, "confidence": 0.7, "verdict": "undecided", "outcome": "undecided", "listed": True},
        {**of, "confidence": 0.7, "verdict": "no_gap", "outcome": "silent"},
        {**of, "confidence": 0.9, "kind": "none", "verdict": "no_gap", "plain": False},
    ]
    told = diagnosis_figures.told(pd.DataFrame(records))
    assert told.startswith("1 unbroken, 0 blamed")
    for line in (
        "| undecided, cause listed | 1 | 25.0% |",
        "| 0.90 to 1.00 | 2 | 1 (50%) |",
        "| 0.75 to 0.90 | 1 | 1 (100%) |",
        "| 0.00 to 0.75 | 0 | 0 (0%) |",
    ):
        assert line in told


def test_coverage_is_a_share_for_each_figure(monkeypatch):
    for name, value in {"ROWS": (30,), "DRAWS": 3, "POPULATION": 3000, "COVERED": ("feature_lost",)}.items():
        monkeypatch.setattr(diagnosis_figures, name, value)
    found = diagnosis_figures.coverage()
    assert len(found) == 7 and (found[30] * 3).round(9).isin([0, 1, 2, 3]).all()
