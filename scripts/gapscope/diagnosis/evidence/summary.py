"""The evidence: the few figures that the rule looks at."""

from dataclasses import dataclass, field

import numpy as np

from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.column_repair import ColumnRepair
from gapscope.diagnosis.evidence.counterfactuals import ByX


@dataclass(frozen=True)
class FeatureEvidence:
    """One feature; all but `share` after what could be undone was undone."""

    share: Estimate  # of the accuracy gap: Shapley value
    share_left: Estimate  # of what is left of the gap
    changed: bool  # its distribution given the class differs between known and test rows
    information_kept: Estimate  # about the class, test / known rows
    relation_kept: Estimate  # how far the relation learnt from training rows holds, test / known rows


@dataclass(frozen=True)
class Evidence:
    """Estimates are accuracies as shares of rows, unless they say otherwise."""

    accuracy: dict[str, Estimate]  # train, validation, test
    train_gap: Estimate  # train - validation
    test_gap: Estimate  # validation - test
    copied: Estimate  # share of validation rows that stand in the training part, beyond test rows' and chance's
    flattery: Estimate  # validation accuracy owed to these copies; nothing where too few rows are none
    memorised: Estimate  # accuracy of training rows that stand there once - that of validation rows that are no copies
    repairs: tuple[ColumnRepair, ...]
    gap_left: Estimate  # validation accuracy, without rows that were copied - test accuracy with everything undone
    class_shares_changed: bool
    label_part: Estimate  # of the gap left, due to other class shares
    joint_drift: tuple[str, ...]  # the fewest features without which the others' own distribution P(x) is as it was
    before: ByX  # the gap split by x before anything was undone
    left: ByX  # and after
    drifted: tuple[str, ...]  # features that moved by themselves, before anything was undone
    features: dict[str, FeatureEvidence]
    suspects: tuple[str, ...]  # features that carry a part of the gap and are not undone; changed ones if there are any
    suspects_kept: Estimate  # how far their relation to the class holds, test / known rows
    others_kept: Estimate  # the same for all other features together
    all_kept: Estimate  # and for all features
    measured: dict[str, object] = field(default_factory=dict)  # what single kinds of causes measure for themselves

    @property
    def moved(self) -> list[str]:
        """The features that changed: given the class, or by themselves."""
        return [name for name, one in self.features.items() if one.changed or name in self.joint_drift]

    @property
    def unasked(self) -> bool:
        """Whether the model could not be asked what a change costs, as there are only predictions of it."""
        return all(np.isnan(one.share.value) for one in self.features.values())

    @property
    def paired(self) -> list[Estimate]:
        """Losses that the test rows show by themselves, whatever the validation rows: what undoing a change brings,
        what a column that changed carries, and what other class shares cost."""
        return [
            *(repair.helps for repair in self.repairs),
            *(self.features[name].share for name in self.moved),
            *([self.label_part] if self.class_shares_changed else []),
        ]

    @property
    def loss(self) -> float:
        """Accuracy lost on the test set, of which causes have their shares: the gap between validation and test or,
        where so few rows do not show it, what the test rows show by themselves if that is more."""
        if self.test_gap.low > 0:
            return self.test_gap.value
        return max(self.test_gap.value, sum(float(np.fmax(part.value, 0.0)) for part in self.paired), 1e-9)
