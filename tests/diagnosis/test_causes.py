"""Each kind of cause says all that has to be said of it, and every place that lists causes lists these."""

import runpy

import pytest
from jsonschema import Draft202012Validator

from gapscope.config.defaults import ROOT, SCHEMA, shipped
from gapscope.diagnosis.causes import CALLED, CAUSES, KINDS
from gapscope.diagnosis.causes.cause import SHOWN_BY
from gapscope.reporting.page.summary import HEADINGS
from gapscope.simulation import defects

CONFIG = shipped()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.hypothesis)
def test_a_cause_says_everything(kind):
    """A new one fails here until its module is complete; see CONTRIBUTING.md."""
    assert kind.place in HEADINGS and kind.shown_by in SHOWN_BY
    assert set(kind.thresholds) <= set(CONFIG["diagnose"])
    if kind.name is None:
        return
    for features in ((), ("a",), ("a", "b")):
        words = kind.words(features, "y", train=0.9, validation=0.8, test=0.7, possible=0.1)
        assert words and "{" not in words
    assert kind.because and kind.thresholds
    schema = {"$defs": SCHEMA["$defs"], "$ref": "#/$defs/remedy"}
    assert kind.remedy is None or not list(Draft202012Validator(schema).iter_errors(kind.remedy))
    assert bool(kind.remedy) == bool(kind.levers)


@pytest.mark.parametrize("page", ["docs/diagnosis.md", "data/README.md"])
def test_the_tables_of_causes_and_defects_are_up_to_date(page):
    written = runpy.run_path(str(ROOT / "docs" / "causes.py"))["PAGES"][page]
    assert written() == (ROOT / page).read_text(encoding="utf-8"), "run `make docs`"


def test_every_cause_has_a_simulated_defect_that_the_suite_tries():
    assert {CALLED.get(kind, kind) for kind in defects.KINDS} == {kind.family or name for name, kind in CAUSES.items()}
    assert set(SCHEMA["$defs"]["kind"]["enum"]) == set(defects.KINDS)
