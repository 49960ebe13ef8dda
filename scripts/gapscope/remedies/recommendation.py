"""From verdict to remedy: which change mends which cause. Test accuracies play no part in it."""

from gapscope.diagnosis.causes import CAUSES
from gapscope.diagnosis.causes.cause import SUSPECT
from gapscope.diagnosis.words import WITHOUT

UNSETTLED = "the evidence does not settle on one cause: no remedy follows from it"


class Untried(Exception):
    """A remedy that cannot be tried here, and why."""


def causes(verdict: dict) -> list[dict]:
    """The causes of a verdict, each with `kind` and `features`: none where it is undecided."""
    if verdict["kind"] == "undecided":
        return []
    return verdict.get("parts") or [verdict]


def recommended(verdict: dict, evidence: dict[str, dict] | None = None) -> dict:
    """The remedy that follows from the verdict, resolved: that of its cause, or of all its causes together.

    Raises:
        Untried: if no remedy follows.
    """
    found = [(CAUSES[cause["kind"]].remedy, cause) for cause in causes(verdict)]
    remedies = [resolved(remedy, cause, evidence) for remedy, cause in found if remedy]
    if not remedies:
        raise Untried(because(verdict))
    return merged(remedies)


def because(verdict: dict) -> str:
    """Why this remedy, or why none."""
    if verdict["kind"] == "undecided":
        without = verdict.get("without")
        return f"{WITHOUT[without]}, so that no gap is known to mend" if without else UNSETTLED
    return "; ".join(dict.fromkeys(CAUSES[cause["kind"]].because for cause in causes(verdict)))


def check_rows(change: dict, test_rows: bool, test_labels: bool) -> None:
    """Whether a resolved remedy can be trained and judged with the rows that there are.

    Raises:
        Untried: for one that needs test rows where there are none, or that shows in their classes alone.
    """
    if "weights" in change and not test_rows:
        raise Untried("it weighs training rows by the test set’s, and there is no test set")
    if "mend" in change and not test_labels:
        raise Untried(f"it changes the test set alone, and {WITHOUT['test labels' if test_rows else 'test set']}")


def resolved(remedy: dict, verdict: dict, evidence: dict[str, dict] | None = None) -> dict:
    """The remedy with the verdict's features in place of `suspect`, and its features and mends as lists.

    `evidence` has the diagnosis's record of each feature: how its change is undone, and how much of its relation is
    kept.

    Raises:
        Untried: if it is about the suspect and the verdict names no feature, or the diagnosis lacks its record.
    """
    change, evidence = dict(remedy), evidence or {}
    if "drop" in change:
        change["drop"] = _features(change["drop"], verdict)
    for key in ("noise", "feature_dropout", "mend"):
        if key in change:
            entry = dict(change[key])
            change[key] = [{"features": _features(entry.pop("feature"), verdict), **entry}]
    for entry in change.get("mend", []):
        if entry["how"] == "undo":
            undone = {name: evidence.get(name, {}).get("undone") for name in entry["features"]}
            entry["maps"] = {name: _known(record, "does not undo", name)["map"] for name, record in undone.items()}
    if "blur" in change:
        relations = {name: evidence.get(name, {}).get("relation_kept") for name in _features(change["blur"], verdict)}
        kept = {name: (relation or {}).get("value") for name, relation in relations.items()}
        change["blur"] = {name: _known(value, "has no relation to the class of", name) for name, value in kept.items()}
    return change


def of_data(change: dict, name: str, trainable: bool) -> dict:
    """A resolved remedy without our network's settings, for the model `name` of the user's own.

    Raises:
        Untried: if that is nothing.
    """
    rest = {key: value for key, value in change.items() if key not in ("train", "activation")}
    if change and rest in ({}, {"rows": "training"}):
        raise Untried(f"it changes settings of gapscope’s network, which {name} does not have")
    if not trainable and set(rest) - {"mend", "correct", "rows"}:
        raise Untried(f"it trains the model again, and {name} cannot be trained")
    return rest


def _known(value, otherwise: str, name: str):
    if value is None:
        raise Untried(f"the diagnosis {otherwise} {name}")
    return value


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
    """Means by which a resolved remedy acts, each with the features it acts on, or None if on all of them."""
    acts: dict[str, set[str] | None] = dict.fromkeys(change.get("train", {}))
    if "drop" in change:
        acts["drop"] = set(change["drop"])
    for key in ("noise", "feature_dropout", "mend"):
        for entry in change.get(key, []):
            lever = entry.get("how", key)
            acts[lever] = acts.get(lever, set()) | set(entry["features"])
    if "blur" in change:
        acts["blur"] = set(change["blur"])
    acts |= dict.fromkeys(change[key] for key in ("weights", "correct") if key in change)
    return acts | dict.fromkeys(key for key in ("oversample", "duplicates") if key in change)


def addresses(change: dict, verdict: dict) -> str:
    """Whether a resolved remedy acts on the cause found: yes, in part (some causes of several) or no."""
    acts, hit = levers(change), []
    for cause in causes(verdict):
        on = [acts[lever] for lever in CAUSES[cause["kind"]].levers if lever in acts]
        hit.append(any(features is None or set(cause["features"]) <= features for features in on))
    return "yes" if hit and all(hit) else "in part" if any(hit) else "no"


def words(change: dict) -> str:
    """A resolved remedy in a few words."""
    told = [f"without {' and '.join(change['drop'])}"] if "drop" in change else []
    for key, phrase in FEATURE_PHRASES.items():
        for entry in change.get(key, []):
            how = MENDED.get(entry.get("how"))
            told.append(phrase.format(**{**entry, "features": " and ".join(entry["features"]), "how": how}))
    told += [f"{' and '.join(change['blur'])} as blurred in training as in the test set"] if "blur" in change else []
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
    "undo": "changed back as the diagnosis says",
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
