"""All kinds of causes that the diagnosis knows."""

from gapscope.diagnosis.causes.column_maps import COLUMN_MAPS
from gapscope.diagnosis.causes.concept_drift import CONCEPT_DRIFT
from gapscope.diagnosis.causes.covariate_shift import COVARIATE_SHIFT
from gapscope.diagnosis.causes.feature_relation import FEATURE_CHANGED, FEATURE_LOST
from gapscope.diagnosis.causes.group_leak import GROUP_LEAK, NEAR_COPIES
from gapscope.diagnosis.causes.label_shift import LABEL_SHIFT
from gapscope.diagnosis.causes.labels_changed import LABELS_CHANGED
from gapscope.diagnosis.causes.leak import LEAK
from gapscope.diagnosis.causes.no_overlap import NO_OVERLAP, UNSEEN_CATEGORIES
from gapscope.diagnosis.causes.without_gap import HARMLESS_SHIFT, NO_GAP, OVERFITTING

# In the order in which the rule asks, which is that of the hypotheses.
KINDS = (
    NO_GAP, OVERFITTING, LEAK, GROUP_LEAK, NEAR_COPIES, *COLUMN_MAPS, NO_OVERLAP, LABEL_SHIFT, COVARIATE_SHIFT,
    CONCEPT_DRIFT, LABELS_CHANGED, FEATURE_LOST, FEATURE_CHANGED, UNSEEN_CATEGORIES, HARMLESS_SHIFT,
)  # fmt: skip
CAUSES = {kind.name: kind for kind in KINDS if kind.name}
CALLED = {defect: kind.name for kind in KINDS for defect in kind.defects}  # verdicts on defects of another name
CALLED |= {kind.name: kind.family for kind in KINDS if kind.family}
FACTS = tuple(dict.fromkeys(kind.fact for kind in KINDS if kind.fact))
SETTLING = tuple(kind.settles for kind in KINDS if kind.settles)
COLUMN_KINDS = tuple(kind for kind in KINDS if kind.fits)
