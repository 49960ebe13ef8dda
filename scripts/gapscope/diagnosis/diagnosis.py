"""The diagnosis: evidence gathered from one trained network and three sets of rows, the verdict on it, in words."""

from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
from threadpoolctl import threadpool_limits

from gapscope.diagnosis.causes import CAUSES, KINDS
from gapscope.diagnosis.causes.cause import Cause
from gapscope.diagnosis.context import Case, difference, gap_between
from gapscope.diagnosis.estimates import Encoder, Sets, without_nan
from gapscope.diagnosis.evidence.bins import is_numeric
from gapscope.diagnosis.evidence.gather import Gathered, gather
from gapscope.diagnosis.evidence.segments import failing_rows, weak_segments
from gapscope.diagnosis.picture import small_bars
from gapscope.diagnosis.unlabelled import diagnose_unlabelled
from gapscope.diagnosis.verdict import Verdict, confidence, redraws, unless_doubtful, verdict
from gapscope.diagnosis.words import NOT_SAID, hypotheses, of_model, sentence
from gapscope.network.classifier import Classifier

ONLY_PREDICTIONS = "it needs the model, and there are only predictions of it."
EMPTY = {  # why a figure of a feature cannot be computed
    **dict.fromkeys(("gap_share", "repaired_accuracy", "broken_accuracy"), ONLY_PREDICTIONS),
    "information_validation": "the validation rows are all of one class.",
    "information_test": "the test rows are all of one class.",
    "psi_given_class": "no class is in both tables.",
    "relation_kept": "the known rows show no sure relation to the class, of which a share could be kept.",
}


@threadpool_limits.wrap(limits=1)  # small products, and the same bits on any machine
def diagnose(
    network: Classifier,
    sets: Sets,
    encode: Encoder,
    target: str,
    settings: dict,
    training: dict | None = None,
    tell: Callable[[str], None] = lambda words: None,
) -> dict:
    """diagnosis.json's content; `failures` is a table (`failing_rows`).

    Args:
        network, encode: the trained model, and how a table becomes its input.
        sets: rows as the network was fed, and as tables; with or without a test set, and with or without its classes.
        target: the class column.
        settings: config's diagnose block.
        training: flat settings of the network's training; without them no network is trained again.
        tell: gets a line on the progress now and then.
    """
    rng = np.random.default_rng(settings["seed"])
    case = Case(network, sets, encode, target, network.units[-1], settings, rng, training, tell)
    if not sets.labelled:
        content = without_nan(diagnose_unlabelled(case))
        return content if network.is_network else of_model(content)
    gathered = gather(case)
    own = {name: value for kind in KINDS if kind.measure for name, value in kind.measure(gathered).items()}
    content = record(replace(gathered, evidence=replace(gathered.evidence, measured=own)))
    if not network.can_predict:
        content["not_said"] = list(NOT_SAID["model"])
    if not network.is_network:
        content |= {key: of_model(content[key]) for key in ("verdict", "hypotheses")}
    return without_nan(content)


def record(g: Gathered) -> dict:
    """The verdict on the evidence, and all that the page shows of it."""
    found, sure = judged(g)
    features = [without_nan(feature_record(g, place, name)) for place, name in enumerate(g.case.features)]
    return {
        "gap": gap_record(g),
        "verdict": {
            "kind": found.kind,
            "without": None,
            "features": list(found.features),
            "sentence": sentence(found, g.evidence, g.case.target),
            "confidence": sure,
            "parts": [asdict(cause) for cause in found.causes],
            "candidates": [asdict(cause) for cause in found.candidates],
        },
        "picture": picture(g, found),
        "features": sorted(features, key=lambda one: -(one["gap_share"] or 0.0)),
        "empty": empty(features),
        "segments": weak_segments(g),
        "failures": failing_rows(g),
        "hypotheses": hypotheses(g, found),
        "domains": {
            name: getattr(g.domains, f"from_{name}")(g.case.settings["confidence"]).record for name in ("y", "x", "xy")
        },
        "rows": {
            "validation_copied_from_training": float(g.copies.validation.mean()),
            "test_copied_from_training": float(g.copies.test.mean()),
            "test_copied_from_validation": float(g.copies.test_in_validation.mean()),
            "repeats_in_test": float(g.repaired.repeats[-1]),
        },
    }


def judged(g: Gathered) -> tuple[Verdict, float]:
    """The verdict, undecided where resamples of the evidence often give another one, and the confidence in it."""
    settings, first = g.case.settings, verdict(g.evidence, g.case.settings)
    again = redraws(g.evidence, settings, g.case.rng)
    found, sure = unless_doubtful(first, again, settings), confidence(first, again)
    return found, sure if found is first else 1.0 - sure


def empty(features: list[dict]) -> list[dict]:
    """The figures that cannot be computed, of which features, and why."""
    lacking = {figure: [record["feature"] for record in features if record[figure] is None] for figure in EMPTY}
    return [
        {"figure": figure, "features": names, "reason": EMPTY[figure]} for figure, names in lacking.items() if names
    ]


def picture(g: Gathered, found: Verdict) -> dict | None:
    """Data of the picture that shows the verdict, or its first cause or candidate; None where there is none."""
    shown = next(iter([*found.causes, *found.candidates]), Cause(found.kind, found.features, 0.0))
    draw = CAUSES[shown.kind].picture if shown.kind in CAUSES else None
    return draw(g, shown.features) if draw else None


def gap_record(g: Gathered) -> dict:
    """Accuracies, their differences in every measure, and the two ways in which the gap is split."""
    e, s = g.evidence, g.case
    return {
        **{part: figure.value for part, figure in e.accuracy.items()},
        "confidence": s.confidence,
        "train_validation": gap_between(s, g.on, "train", "validation"),
        "validation_test": gap_between(s, g.on, "validation", "test"),
        "left_when_undone": difference(e.gap_left),
        "label_part": e.label_part.value,
        "label_part_interval": [e.label_part.low, e.label_part.high],
        "x_part": difference(e.before.x_part),
        "relation_part": difference(e.before.relation_part),
        "without_validation_rows_like_them": e.before.apart,
        "repaired_all": g.repair.accuracy(frozenset(range(len(s.features)))) if g.repair else None,
        "majority_test": float(g.on.confusion["test"].sum(axis=1).max() / g.on.confusion["test"].sum()),
    }


def feature_record(g: Gathered, place: int, name: str) -> dict:
    """One feature's statistics, as the test set came, and what was undone in it."""
    own, known, test = g.evidence.features[name], g.repaired.known[name], g.repaired.came[name]
    before, after = g.in_validation[name], g.came.information[name][1]
    repair = next((one for one in g.evidence.repairs if name in one.features), None)
    undone = repair and {"kind": repair.kind, "how": repair.how[name], "map": repair.maps.get(name)}
    return {
        "feature": name,
        "kind": "numeric" if is_numeric(known) else "categorical",
        **g.change.came[name],
        "shares": small_bars(known, test),
        "information_validation": before.value,
        "information_validation_interval": [before.low, before.high],
        "information_test": after.value,
        "information_test_interval": [after.low, after.high],
        "relation_kept": own.relation_kept.record,
        "error_slope": g.error_slopes.get(name),
        "domain_without": g.domains.from_xy(g.case.confidence, (name,)).record,
        "gap_share": own.share.value,
        "gap_share_interval": [own.share.low, own.share.high],
        "repaired_accuracy": g.repair.accuracy(frozenset([place])) if g.repair else None,
        "broken_accuracy": g.broken.accuracy(frozenset([place])) if g.broken else None,
        "undone": undone and {**undone, "gain": repair.gain.value},
        "rows": {"known": len(known), "test": len(test)},
    }
