"""The evidence: the few figures that the rule looks at, and how they are gathered, each estimate once."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gapscope.common.weights import thinned
from gapscope.diagnosis.context import Accuracies, Case, accuracies, counted_once
from gapscope.diagnosis.estimates import NOTHING, Estimate, Sample
from gapscope.diagnosis.evidence.bins import Relations, all_binned, information, relations
from gapscope.diagnosis.evidence.column_repair import ColumnRepair
from gapscope.diagnosis.evidence.counterfactuals import ByX, Swap, label_part, shapley, split_by_x, strata_of
from gapscope.diagnosis.evidence.domain_classifier import Domains
from gapscope.diagnosis.evidence.drift import DistributionChange, distribution_change
from gapscope.diagnosis.evidence.duplicates import Copies, find_copies
from gapscope.diagnosis.evidence.error_slopes import error_slopes
from gapscope.diagnosis.evidence.repaired_test import RepairedTest, repair_test
from gapscope.network.partition import Partition

DONATED = 10_000  # rows that donors' values are put into, over all draws, where the model is not a network


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
    unmoved_kept: Estimate  # and for all features that are not in joint_drift
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


@dataclass(frozen=True)
class Gathered:
    """All that was found, for the page; the rule looks at `evidence` alone."""

    case: Case
    on: Accuracies
    copies: Copies
    repair: Swap | None  # None for a model of which there are predictions only
    broken: Swap | None
    repaired: RepairedTest
    change: DistributionChange
    came: Relations
    in_validation: dict[str, Estimate]  # each feature's information about the class among validation rows
    domains: Domains
    error_slopes: dict[str, float]  # of the test rows as they came; empty if the model cannot be asked
    evidence: Evidence


def gather(case: Case) -> Gathered:
    on = accuracies(case)
    copies = find_copies(case, on)
    on = counted_once(on, case, copies.repeats)
    near = case.sets.validation_sample(case.features, case.settings["rows"], case.rng)
    asked = case.network.can_predict
    repair, broken = swaps(case) if asked else (None, None)
    shares = feature_shares(case, repair) if asked else dict.fromkeys(case.features, NOTHING)
    repaired = repair_test(case, on, copies, shares)
    known, repeats = repaired.known, repaired.repeats
    change = distribution_change(case, known, repaired.came, repaired.test, repeats)
    after = relations(case, known, repaired.test, repeats)
    came = relations(case, known, repaired.came, repeats) if repaired.repairs else after
    domains, before = split(case, on, near, repaired.came, repaired.came_X, repaired.came_right)
    left = split(case, on, near, repaired.test, repaired.X, repaired.right)[1] if repaired.repairs else before
    again = asked and repaired.repairs and repaired.gap_left.low > 0
    shares_left = feature_shares(case, swaps(case, repaired)[0]) if again else shares
    suspects = find_suspects(case, on, shares_left, repaired, change) if asked else weaker(change, after)
    others = [name for name in case.features if name not in suspects]
    evidence = Evidence(
        accuracy=on.accuracy,
        train_gap=on.train_gap,
        test_gap=on.test_gap,
        copied=copies.excess,
        flattery=copies.flattery,
        memorised=copies.memorised,
        repairs=repaired.repairs,
        gap_left=repaired.gap_left,
        class_shares_changed=change.p_classes < case.alpha,
        label_part=label_part(
            on.right["validation"], case.sets.validation, after.y[1], case.n_classes, case.confidence
        ),
        joint_drift=change.joint_drift,
        before=before,
        left=left,
        drifted=change.drifted,
        features={
            name: FeatureEvidence(
                shares[name],
                shares_left[name],
                name in change.changed,
                after.information_kept(name),
                after.kept([name]),
            )
            for name in case.features
        },
        suspects=suspects,
        suspects_kept=after.kept(suspects),
        others_kept=after.kept(others),
        unmoved_kept=after.kept([name for name in case.features if name not in change.joint_drift]),
    )
    information_there = in_validation(case, near)
    wrong = error_slopes(case, (near.X, near.y), (repaired.came_X, after.y[1])) if asked else {}
    return Gathered(
        case, on, copies, repair, broken, repaired, change, came, information_there, domains, wrong, evidence
    )


def in_validation(case: Case, near: Sample) -> dict[str, Estimate]:
    """Each feature's information about the class among these validation rows."""
    both = all_binned(near.table, near.table, case.features, case.n_classes)
    return {
        name: information(one.known, near.y, one.bins, case.n_classes, case.confidence) for name, one in both.items()
    }


def swaps(case: Case, repaired: RepairedTest | None = None) -> tuple[Swap, Swap]:
    """Test rows to be repaired with validation values, and validation rows to be broken with test values: as the test
    rows came, or with everything undone."""
    sets = case.sets
    test, validation = (
        part.at(thinned(len(part.y), case.settings["rows"], case.rng, part.weights))
        for part in (sets.test, sets.validation)
    )
    if repaired:
        test = Partition(repaired.X, repaired.test[case.target].to_numpy())
    groups, draws = list(case.encode.groups.values()), case.settings["draws"]
    if not case.network.is_network:  # other models may take twenty times as long for a row
        draws = int(np.clip(DONATED // len(test.y), 1, draws))
    return (
        Swap(case.network, test, validation, groups, draws, case.rng),
        Swap(case.network, validation, test, groups, draws, case.rng),
    )


def feature_shares(case: Case, repair: Swap) -> dict[str, Estimate]:
    """The Shapley value of each feature."""
    gains = shapley(repair, case.rng, case.tell)
    return {name: repair.mean(gains[..., place], case.confidence) for place, name in enumerate(case.features)}


def find_suspects(
    case: Case, on: Accuracies, shares: dict[str, Estimate], repaired: RepairedTest, change: DistributionChange
) -> tuple[str, ...]:
    """Features that surely carry a part of the gap and that no undoing has put right: a part that matters, or any if
    the column surely changed.

    Those that changed given the class, if any did: what features do together, the network shares out among all of them.
    """
    put_right = {name for one in repaired.repairs for name in one.features if one.helps.low > 0}
    least = case.settings["least_part"] * max(on.test_gap.value, 0.0)
    carry = [
        name
        for name, share in shares.items()
        if name not in put_right
        and share.low > 0
        and (share.value >= least or (name in change.changed and name in change.joint_drift))
    ]
    return tuple(name for name in carry if name in change.changed) or tuple(carry)


def weaker(change: DistributionChange, after: Relations) -> tuple[str, ...]:
    """Suspects where the model cannot be asked what they cost: features that changed given the class and surely tell
    less of it than training rows promise."""
    return tuple(name for name in change.changed if after.kept([name]).high < 1.0)


def split(
    case: Case, on: Accuracies, near: Sample, test: pd.DataFrame, X: np.ndarray, right: np.ndarray
) -> tuple[Domains, ByX]:
    """Telling the validation rows `near` from test rows, and the gap split over rows that are alike."""
    y = near.y, test[case.target].to_numpy()
    both = all_binned(near.table, test, case.features, case.n_classes)
    domains = Domains(both, y, case.n_classes, case.rng)
    strata = strata_of(domains, tuple(case.network.probabilities(rows) for rows in (near.X, X)))
    both_right = on.right["validation"][near.rows], right
    return domains, split_by_x(both_right, strata, y, case.n_classes, case.confidence)
