"""Choose the remedy that follows from the verdict. Test accuracies are not used."""

from gapscope.diagnosis.causes import CAUSES
from gapscope.diagnosis.causes.cause import SUSPECT
from gapscope.diagnosis.words import WITHOUT
from gapscope.network.classifier import Classifier

UNSETTLED = "the evidence does not settle on one cause, so no remedy follows from it"


class Untried(Exception):
    """Raised for a remedy that cannot be tried, with the reason."""


def causes(verdict: dict) -> list[dict]:
    """The causes in a verdict, each with `kind` and `features`; none if it is undecided."""
    if verdict["kind"] == "undecided":
        return []
    return verdict.get("parts") or [verdict]


def recommended(verdict: dict, evidence: dict[str, dict] | None = None) -> dict:
    """The resolved remedy for the cause in the verdict, or for all its causes combined; Untried if none follows."""
    remedies = [(CAUSES[cause["kind"]].remedy, cause) for cause in causes(verdict)]
    changes = [resolved(remedy, cause, evidence) for remedy, cause in remedies if remedy]
    if not changes:
        raise Untried(because(verdict))
    return merged(changes)


def because(verdict: dict) -> str:
    """The reason for the remedy, or for having none."""
    if verdict["kind"] == "undecided":
        without = verdict.get("without")
        return f"{WITHOUT[without]}, so there is no known gap to close" if without else UNSETTLED
    return "; ".join(dict.fromkeys(CAUSES[cause["kind"]].because for cause in causes(verdict)))


def check_rows(change: dict, test_rows: bool, test_labels: bool) -> None:
    """Raise Untried if a remedy needs test rows, or their classes to show an effect, and there are none."""
    if "weights" in change and not test_rows:
        raise Untried("it weighs training rows by the test set’s, and there is no test set")
    if "mend" in change and not test_labels:
        raise Untried(f"it changes the test set alone, and {WITHOUT['test labels' if test_rows else 'test set']}")


def resolved(remedy: dict, verdict: dict, evidence: dict[str, dict] | None = None) -> dict:
    """The remedy with `suspect` replaced by the verdict's features, and with lists of features and of repairs.

    `evidence` is the diagnosis's record of each feature, with the map that undoes its change and the share of its
    relation to the class that is kept. Untried if the verdict names no feature, or the evidence needed is missing.
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


def of_data(change: dict, name: str, model: Classifier) -> dict:
    """The part of a resolved remedy that applies to the user's own `model`, without settings of our networks.

    Untried if nothing is left, or the model cannot be trained again.
    """
    rest = {key: value for key, value in change.items() if key not in ("train", "activation")}
    if change and rest in ({}, {"rows": "training"}):
        raise Untried(f"it changes settings of gapscope’s network, which {name} does not have")
    if not model.can_predict and set(rest) - {"correct", "rows"}:
        raise Untried(f"it needs the model, and there are only predictions of {name}")
    if not model.trainable and set(rest) - {"mend", "correct", "rows"}:
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
    """Combine resolved remedies: lists are joined, settings merged; the settings of later remedies take precedence."""
    whole: dict = {}
    for remedy in remedies:
        for key, value in remedy.items():
            if isinstance(value, list):
                whole[key] = whole.get(key, []) + [item for item in value if item not in whole.get(key, [])]
            else:
                whole[key] = {**whole.get(key, {}), **value} if isinstance(value, dict) else value
    return whole


def levers(change: dict) -> dict[str, set[str] | None]:
    """The kinds of change in a resolved remedy, each with the features it changes, or None for all of them."""
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
    return acts | dict.fromkeys({"oversample", "duplicates"} & change.keys())


def addresses(change: dict, verdict: dict) -> str:
    """Whether a resolved remedy addresses the cause: yes, in part (some of several causes) or no."""
    acts, hit = levers(change), []
    for cause in causes(verdict):
        on = [acts[lever] for lever in CAUSES[cause["kind"]].levers if lever in acts]
        hit.append(any(features is None or set(cause["features"]) <= features for features in on))
    return "yes" if hit and all(hit) else "in part" if any(hit) else "no"


def words(change: dict) -> str:
    """Short description of a resolved remedy."""
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
    "duplicates": "validation rows that copy training rows left out",
    "rows": "trained again on training and validation rows",
}
