"""The evidence: the few figures that the rule looks at."""

from dataclasses import dataclass

from gapscope.diagnosis.estimates import Figure
from gapscope.diagnosis.evidence.column_repair import Undone


@dataclass(frozen=True)
class FeatureEvidence:
    """One feature; all but `share` after what could be undone was undone."""

    share: Figure  # of the accuracy gap: Shapley value
    changed: bool  # its distribution given the class differs between known and test rows
    information_kept: Figure  # about the class, test / known rows
    relation_kept: Figure  # how far the relation learnt from training rows holds, test / known rows


@dataclass(frozen=True)
class ByX:
    """A gap as what other x contribute where y given x is as it was, and what another relation of y to x does."""

    x_part: Figure
    relation_part: Figure
    classes_explained: float  # share of the change of the class shares that other x explain
    apart: float  # share of test rows without validation rows like them


@dataclass(frozen=True)
class Evidence:
    """Figures are accuracies as shares of rows, unless they say otherwise."""

    accuracy: dict[str, Figure]  # train, validation, test
    train_gap: Figure  # train - validation
    test_gap: Figure  # validation - test
    copied: Figure  # share of validation rows that stand in the training part, beyond test rows' and chance's
    flattery: Figure  # validation accuracy owed to these copies; nothing where too few rows are none
    memorised: Figure  # accuracy of training rows that stand there once - that of validation rows that are no copies
    undone: tuple[Undone, ...]
    gap_left: Figure  # accuracy of validation rows that are no copies - test accuracy with everything undone
    classes_moved: bool
    label_part: Figure  # of the gap left, due to other class shares
    movers: tuple[str, ...]  # the fewest features without which the others' own distribution P(x) is as it was
    before: ByX  # the gap split by x before anything was undone
    left: ByX  # and after
    shifted: tuple[str, ...]  # features that moved by themselves, before anything was undone
    features: dict[str, FeatureEvidence]
    suspects: tuple[str, ...]  # features that carry a part of the gap and are not undone; changed ones if there are any
    suspects_kept: Figure  # how far their relation to the class holds, test / known rows
    others_kept: Figure  # the same for all other features together
    all_kept: Figure  # and for all features
    tied: tuple[str, ...]  # suspects whose loss would have been seen in their relation to other features
