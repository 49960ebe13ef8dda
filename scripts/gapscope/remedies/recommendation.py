"""From verdict to remedy: which change mends which cause. Test accuracies play no part in it."""

from dataclasses import dataclass

SUSPECT = "suspect"  # stands for the features that the verdict names
MEND = {"feature": SUSPECT}


@dataclass(frozen=True)
class Advice:
    """The remedy for a cause, as an entry of mitigate.remedies (None: nothing to train), why, and what else mends it.

    `levers` are the parts of a remedy that act on the cause, as `levers` below names them.
    """

    remedy: dict | None
    because: str
    levers: frozenset[str] = frozenset()


def _advice(remedy: dict | None, because: str, *levers: str) -> Advice:
    return Advice(remedy, because, frozenset(levers))


ADVICE = {
    "no_gap": _advice(None, "the test set confirms the validation accuracy: there is nothing to mend"),
    "harmless_shift": _advice(None, "the shift costs no accuracy: there is nothing to mend"),
    "overfitting": _advice(
        {"train": {"l2": 0.003, "dropout": 0.2, "early_stopping": 5}},
        "weight decay, dropout and stopping early keep the network from learning its rows by heart",
        "l1", "l2", "dropout", "early_stopping", "label_smoothing", "input_noise", "iterations", "hidden",
    ),
    "leak": _advice(
        {"duplicates": "drop"},
        "without the copies of training rows in the validation part, its accuracy can be believed; judge again by it",
        "duplicates",
    ),
    "label_shift": _advice(
        {"correct": "prior"},
        "the features mean what they meant, the classes only come in other shares: correct the probabilities for these",
        "prior",
    ),
    "covariate_shift": _advice(
        {"weights": "importance"},
        "training rows that look like test rows weigh more",
        "importance",
    ),
    "feature_lost": _advice(
        {"drop": SUSPECT},
        "the feature tells nothing about the class in the test set any more: learn without it",
        "drop", "noise", "feature_dropout",
    ),
    "feature_changed": _advice(
        {"noise": {"feature": SUSPECT, "deviation": 1.0}},
        "the feature tells less than it did: with noise on it the network leans on it less",
        "drop", "noise", "feature_dropout",
    ),
    "rescaled": _advice(
        {"mend": {**MEND, "how": "quantile_match"}},
        "the order of the values is kept: each gets the training value of its rank",
        "quantile_match", "drop",
    ),
    "sign_flipped": _advice(
        {"mend": {**MEND, "how": "reverse"}},
        "the scale runs the other way: turn it back",
        "reverse", "drop",
    ),
    "columns_swapped": _advice(
        {"mend": {**MEND, "how": "swap"}},
        "the columns stand under each other's name: swap them back",
        "swap", "drop",
    ),
    "sentinel_value": _advice(
        {"mend": {**MEND, "how": "missing"}},
        "a number stands for missing values: impute them from the training table",
        "missing", "drop",
    ),
    "category_renamed": _advice(
        {"mend": {**MEND, "how": "rename"}},
        "the levels have new names: map them back",
        "rename", "drop",
    ),
    "labels_changed": _advice(None, "the test labels are in doubt: check them before anything is trained"),
    "undecided": _advice(None, "the evidence does not settle on one cause: no remedy follows from it"),
}  # fmt: skip


WITHOUT = {  # a verdict's `without`: what is not there to judge by
    "test set": "there is no test set",
    "test labels": "the test set’s classes are not known",
}
UNDECIDED = "not decidable"  # without them


class Untried(Exception):
    """A remedy that cannot be tried here, and why."""


def parts(verdict: dict) -> list[dict]:
    """The causes of a verdict, each with `kind` and `features`: one, or those of a mixed verdict."""
    return verdict["parts"] if verdict["kind"] == "mixed" else [verdict]


def recommended(verdict: dict) -> dict:
    """The remedy that follows from the verdict, resolved: that of its cause, or of all its causes together.

    Raises:
        Untried: if no remedy follows.
    """
    remedies = [resolved(ADVICE[part["kind"]].remedy, part) for part in parts(verdict) if ADVICE[part["kind"]].remedy]
    if not remedies:
        raise Untried(because(verdict))
    return merged(remedies)


def because(verdict: dict) -> str:
    """Why this remedy, or why none."""
    if verdict["kind"] == "undecided" and verdict.get("without"):
        return f"{WITHOUT[verdict['without']]}, so that no gap is known to mend"
    return "; ".join(dict.fromkeys(ADVICE[part["kind"]].because for part in parts(verdict)))


def check_rows(change: dict, test_rows: bool, test_labels: bool) -> None:
    """Whether a resolved remedy can be trained and judged with the rows that there are.

    Raises:
        Untried: for one that needs test rows where there are none, or that shows in their classes alone.
    """
    if "weights" in change and not test_rows:
        raise Untried("it weighs training rows by the test set’s, and there is no test set")
    if "mend" in change and not test_labels:
        raise Untried(f"it changes the test set alone, and {WITHOUT['test labels' if test_rows else 'test set']}")


def resolved(remedy: dict, verdict: dict) -> dict:
    """The remedy with the verdict's features in place of `suspect`, and its features and mends as lists.

    Raises:
        Untried: if it is about the suspect and the verdict names no feature.
    """
    change = dict(remedy)
    if "drop" in change:
        change["drop"] = _features(change["drop"], verdict)
    for key in ("noise", "feature_dropout", "mend"):
        if key in change:
            entry = dict(change[key])
            change[key] = [{"features": _features(entry.pop("feature"), verdict), **entry}]
    return change


def _features(named: str | list[str], verdict: dict) -> list[str]:
    if named != SUSPECT:
        return [named] if isinstance(named, str) else list(named)
    if not verdict["features"]:
        raise Untried("the diagnosis names no feature")
    return list(verdict["features"])


def merged(remedies: list[dict]) -> dict:
    """Several resolved remedies as one: lists joined, training settings put together, later ones first in rank."""
    whole: dict = {}
    for remedy in remedies:
        for key, value in remedy.items():
            if isinstance(value, list):
                whole[key] = whole.get(key, []) + [item for item in value if item not in whole.get(key, [])]
            else:
                whole[key] = {**whole.get(key, {}), **value} if isinstance(value, dict) else value
    return whole


def levers(change: dict) -> dict[str, set[str] | None]:
    """What a resolved remedy acts through, each with the features it acts on, or None if on all of them."""
    acts: dict[str, set[str] | None] = dict.fromkeys(change.get("train", {}))
    if "drop" in change:
        acts["drop"] = set(change["drop"])
    for key in ("noise", "feature_dropout", "mend"):
        for entry in change.get(key, []):
            acts[entry.get("how", key)] = set(entry["features"])
    acts |= dict.fromkeys(change[key] for key in ("weights", "correct") if key in change)
    return acts | dict.fromkeys(key for key in ("oversample", "duplicates") if key in change)


def addresses(change: dict, verdict: dict) -> str:
    """Whether a resolved remedy acts on the cause found: yes, in part (some causes of several) or no."""
    acts, hit = levers(change), []
    for part in parts(verdict):
        own = {lever for lever in ADVICE[part["kind"]].levers if lever in acts}
        hit.append(any(acts[lever] is None or set(part["features"]) <= acts[lever] for lever in own))
    return "yes" if all(hit) else "in part" if any(hit) else "no"


def words(change: dict) -> str:
    """A resolved remedy in a few words."""
    told = [f"without {' and '.join(change['drop'])}"] if "drop" in change else []
    for key, phrase in FEATURE_PHRASES.items():
        for entry in change.get(key, []):
            how = MENDED.get(entry.get("how"))
            told.append(phrase.format(**{**entry, "features": " and ".join(entry["features"]), "how": how}))
    told += [phrase for key, phrase in PHRASES.items() if key in change and change[key] != "training"]
    told += [f"{change['activation']} network"] if "activation" in change else []
    told += [f"{key.replace('_', ' ')} {value}" for key, value in change.get("train", {}).items()]
    return ", ".join(told) or "nothing changed"


FEATURE_PHRASES = {
    "noise": "noise of {deviation:g} standard deviations on {features}",
    "feature_dropout": "{features} left out of {share:.0%} of the training rows",
    "mend": "{features} in the test set: {how}",
}
MENDED = {
    "quantile_match": "mapped to the training distribution",
    "reverse": "mapped to the training distribution the other way round",
    "swap": "swapped back",
    "missing": "unknown values imputed",
    "rename": "levels named as in training",
}
PHRASES = {
    "oversample": "smaller classes repeated",
    "weights": "training rows weighted by how likely they are in the test set",
    "correct": "probabilities corrected for the test set’s class shares",
    "duplicates": "copies of rows left out",
    "rows": "trained again on training and validation rows",
}
