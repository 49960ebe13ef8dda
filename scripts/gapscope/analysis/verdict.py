"""From evidence to verdict: the rule, and each hypothesis with the figure that decides it."""

from dataclasses import dataclass

INFORMATIVE = 0.02  # share of the class's entropy that a feature must tell in validation to count as informative


@dataclass(frozen=True)
class Evidence:
    """What the rule looks at. Accuracies as shares of rows; `shares` and `information` per feature."""

    train: float
    validation: float
    test: float
    train_gap: tuple[float, float, float]  # train - validation with its interval
    test_gap: tuple[float, float, float]  # validation - test with its interval
    label_part: float  # of the test gap, due to other class shares
    shares: dict[str, float]  # of the test gap, Shapley value of each feature
    information: dict[str, tuple[float, float]]  # about the class, in validation and in test


def information_lost(before: float, after: float) -> float:
    """Share of its information about the class that a feature has lost; 0 for a feature that had next to none."""
    return 1.0 - after / before if before >= INFORMATIVE else 0.0


def verdict(evidence: Evidence, lost_information: float, blamed_share: float) -> tuple[str, list[str]]:
    """(kind, features). Blame needs two lines of evidence: the counterfactual share, and the information lost."""
    gap, low, _ = evidence.test_gap
    if low <= 0:
        return ("overfitting", []) if evidence.train_gap[1] > 0 and evidence.train_gap[0] >= 0.05 else ("no_gap", [])
    if evidence.label_part >= blamed_share * gap:
        return "label_shift", []
    lost = [name for name, pair in evidence.information.items() if information_lost(*pair) >= lost_information]
    informative = [name for name, (before, _) in evidence.information.items() if before >= INFORMATIVE]
    if len(informative) > 1 and set(lost) >= set(informative):
        return "labels_changed", []
    ranked = sorted(evidence.shares, key=evidence.shares.get, reverse=True)
    blamed, total = [], 0.0
    for name in ranked:
        if total >= blamed_share * gap:
            break
        blamed.append(name)
        total += evidence.shares[name]
    if total >= blamed_share * gap and set(blamed) <= set(lost):
        return "feature_lost", blamed
    return "undecided", blamed if total >= blamed_share * gap else []


def sentence(kind: str, features: list[str], evidence: Evidence, target: str) -> str:
    """The verdict in words a student understands."""
    names = " and ".join(features)
    fall = f"from {evidence.validation:.3f} on validation to {evidence.test:.3f} on the test set"
    share = sum(evidence.shares[name] for name in features) / evidence.test_gap[0] if evidence.test_gap[0] else 0.0
    closed = "the whole gap" if share > 0.995 else f"{share:.0%} of the gap"
    return {
        "no_gap": f"Validation ({evidence.validation:.3f}) and test accuracy ({evidence.test:.3f}) do not differ "
        "by more than sampling noise explains.",
        "overfitting": f"The network has learnt its training rows by heart: training accuracy {evidence.train:.3f}, "
        f"validation {evidence.validation:.3f}; the test set adds nothing to the gap.",
        "label_shift": f"The drop {fall} comes from other class shares in the test set, not from changed features.",
        "labels_changed": f"The drop {fall} comes from the labels: every informative feature has lost its relation to "
        f"{target} at once.",
        "feature_lost": f"The drop {fall} is caused by {names}: it no longer relates to {target} in the test set. "
        f"Giving it back that relation closes {closed}.",
        "undecided": (
            f"The drop {fall} runs through {names}, but what happened to it cannot be told from the evidence."
            if features
            else f"The drop {fall} cannot be traced to one cause with the evidence at hand."
        ),
    }[kind]


def hypotheses(evidence: Evidence, lost_information: float, blamed_share: float, other: dict) -> list[dict]:
    """Each hypothesis, kept or not, and its deciding statistic. `other`: unseen_rows, shared_rows, imbalance_change."""
    gap, low, high = evidence.test_gap
    train_gap, train_low, train_high = evidence.train_gap
    records = [
        _record(
            "sampling noise",
            "validation - test accuracy, lower end of its interval",
            low,
            low <= 0,
            f"The gap is {gap:.3f}, with an interval from {low:.3f} to {high:.3f}.",
        ),
        _record(
            "overfitting",
            "training - validation accuracy",
            train_gap,
            train_low > 0 and train_gap >= 0.05,
            f"Training and validation accuracy differ by {train_gap:.3f} "
            f"(interval {train_low:.3f} to {train_high:.3f}).",
        ),
        _record(
            "class imbalance or other class shares",
            "part of the gap due to class shares",
            evidence.label_part,
            gap > 0 and low > 0 and evidence.label_part >= blamed_share * gap,
            f"Other class shares explain {evidence.label_part:.3f} of the {gap:.3f}.",
        ),
        _record(
            "categories unseen in training",
            "share of test rows",
            other["unseen_rows"],
            other["unseen_rows"] >= 0.05,
            f"{other['unseen_rows']:.1%} of the test rows have a category that training does not know.",
        ),
        _record(
            "training rows in the test set",
            "share of test rows",
            other["shared_rows"],
            other["shared_rows"] >= 0.05,
            f"{other['shared_rows']:.1%} of the test rows also stand in the training table.",
        ),
    ]
    for name, share in evidence.shares.items():
        before, after = evidence.information[name]
        kept = low > 0 and share >= blamed_share * gap and information_lost(before, after) >= lost_information
        records.append(
            _record(
                f"{name} no longer tells the class",
                "share of the gap (Shapley)",
                share,
                kept,
                f"Repairing {name} closes {share:.3f} of the gap; its information about the class went "
                f"from {before:.3f} to {after:.3f}.",
            )
        )
    return records


def _record(hypothesis: str, statistic: str, value: float, kept: bool, sentence: str) -> dict:
    return {
        "hypothesis": hypothesis,
        "statistic": statistic,
        "value": float(value),
        "decision": "kept" if kept else "ruled out",
        "sentence": sentence,
    }
