"""A cause that the diagnosis can name is known at every place that has something to say about it."""

import pytest

from gapscope.config.defaults import SCHEMA, SCHEMA_FILE, shipped
from gapscope.diagnosis.hypotheses import cause
from gapscope.diagnosis.verdict import Cause
from gapscope.remedies.recommendation import ADVICE
from gapscope.reporting.page.summary import EVIDENCE
from gapscope.simulation.defects import KINDS
from gapscope.studies.suite.recognition import CALLED

NO_CAUSE = {"no_gap", "harmless_shift", "overfitting"}  # verdicts without a gap to explain
ROOT = SCHEMA_FILE.parents[2]
SUITE = shipped()["suite"]["injected"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_break_is_known_everywhere(kind):
    """A new one fails here until each of these places has it; see CONTRIBUTING.md."""
    called, tried = CALLED.get(kind, kind), [wrong["kind"] for case in SUITE.values() for wrong in case["breaks"]]
    known = {
        "workflow/schemas/config.schema.yaml": kind in SCHEMA["$defs"]["kind"]["enum"],
        "data/README.md": f"`{kind}`" in (ROOT / "data/README.md").read_text(encoding="utf-8"),
        "config.yaml, suite.injected": kind in (*tried, "none"),
        "remedies/recommendation.py, ADVICE": called in ADVICE,
        "reporting/page/summary.py, EVIDENCE": called in EVIDENCE,
    }
    assert [place for place, there in known.items() if not there] == []
    assert called in NO_CAUSE or "a" in cause(Cause(called, ("a",), 1.0), "y")
