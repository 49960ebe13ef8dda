"""All kinds of causes that the diagnosis knows."""

from gapscope.diagnosis.causes import column_maps, leak
from gapscope.diagnosis.causes.covariate_shift import COVARIATE_SHIFT
from gapscope.diagnosis.causes.feature_relation import FEATURE_CHANGED, FEATURE_LOST
from gapscope.diagnosis.causes.label_shift import LABEL_SHIFT
from gapscope.diagnosis.causes.labels_changed import LABELS_CHANGED
from gapscope.diagnosis.causes.unseen_categories import UNSEEN_CATEGORIES
from gapscope.diagnosis.causes.without_gap import HARMLESS_SHIFT, NO_GAP, OVERFITTING

# In the order in which the rule asks, which is that of the hypotheses.
KINDS = (
    NO_GAP, OVERFITTING, leak.LEAK, *column_maps.KINDS, LABEL_SHIFT, COVARIATE_SHIFT, LABELS_CHANGED, FEATURE_LOST,
    FEATURE_CHANGED, UNSEEN_CATEGORIES, HARMLESS_SHIFT,
)  # fmt: skip
CAUSES = {kind.name: kind for kind in KINDS if kind.name}
CALLED = {defect: kind.name for kind in KINDS for defect in kind.defects}  # simulated defects of another name
FACTS = (leak, column_maps)  # modules whose `judge` establishes a cause before the stories compete
COLUMN_KINDS = (FEATURE_LOST, FEATURE_CHANGED)  # how a column can have changed: the first that fits counts
