"""The verdict and every hypothesis in words that a student understands, with test classes and without."""

import re

import numpy as np

from gapscope.diagnosis.causes import CAUSES, KINDS
from gapscope.diagnosis.causes.cause import SHOWN_BY, Cause, CauseKind, Row, moved
from gapscope.diagnosis.evidence.gather import Evidence, Gathered
from gapscope.diagnosis.evidence.unlabelled import UnlabelledEvidence
from gapscope.diagnosis.verdict import Verdict

WITHOUT = {  # a verdict's `without`: what is not there to judge by
    "test set": "there is no test set",
    "test labels": "the test set’s classes are not known",
}
UNDECIDED = "not decidable"  # a hypothesis without them
NEEDS_MODEL = "needs the model"  # a hypothesis where there are only predictions of it
NOT_SAID = {
    "model": (
        "What the change of a feature costs: this needs predictions for test rows with the feature repaired.",
        "How important each feature is to the model: this needs predictions for rows with shuffled values.",
        "Whether rows that belong together or a new relation to the class explain the gap: this needs training again.",
        "Whether the model overfits: its predictions for training rows are from folds without these rows.",
        "What remedies bring that change columns or the training.",
    ),
    "test labels": (
        "What accuracy the test set has. The figures above hold if one thing alone has changed, and nothing in the "
        "rows shows whether that is so.",
        "Whether a feature no longer tells the class. Its values can be as before while their relation to the class is "
        "gone.",
        "Whether the classes are noted as before. Wrong or misplaced classes leave every column as it was.",
        "Which remedy closes a gap. A few hundred rows classified by hand would tell: set data.test_labels to present.",
    ),
    "test set": (
        "How the network does on rows from another time or place. Validation rows are drawn from the training table, "
        "and share all its faults.",
        "Whether columns, classes or their relation differ elsewhere.",
    ),
}


def sentence(found: Verdict, e: Evidence, target: str) -> str:
    """The verdict in one sentence or two."""
    accuracies = {name: accuracy.value for name, accuracy in e.accuracy.items()}
    accuracies["possible"] = max(e.test_gap.high, 0.0)
    if found.kind == "undecided":
        return f"{fall(e)} {candidates(found, target)}"
    if not found.causes:
        return CAUSES[found.kind].words(found.features, target, **accuracies)
    if found.kind == "mixed":
        clauses = [f"{clause(cause, target)} ({cause.share:z.0%} of the gap)" for cause in found.causes]
        return f"{fall(e)} has {len(clauses)} causes: {'; '.join(clauses)}."
    (cause,) = found.causes
    one = f"one cause that can be shown ({cause.share:z.0%} of the gap)" if cause.share < 0.5 else "one cause"
    return f"{fall(e)} has {one}: {clause(cause, target)}.{CAUSES[cause.kind].proof(cause, e)}"


def fall(e: Evidence) -> str:
    validation, test = e.accuracy["validation"].value, e.accuracy["test"].value
    if e.test_gap.low > 0:
        return f"The drop from {validation:z.3f} on validation to {test:z.3f} on the test set"
    accuracies = f"(validation {validation:z.3f}, test {test:z.3f})"
    if any(loss.low > 0 for loss in e.paired):
        return f"The loss on the test set {accuracies}, which these rows show once they are repaired,"
    return (
        f"So few rows cannot tell whether accuracy falls on the test set {accuracies}; a drop of up to "
        f"{max(e.test_gap.high, 0.0):z.3f} is possible. It"
    )


def candidates(found: Verdict, target: str) -> str:
    if not found.candidates:
        return "cannot be traced to a cause with this evidence."
    clauses = list(dict.fromkeys(clause(cause, target) for cause in found.candidates))
    unasked = any(np.isnan(cause.share) for cause in found.candidates)
    costs = " What this costs needs the model, and there are only predictions of it." if unasked else ""
    if len(clauses) == 1:
        return f"may come from this, but the evidence is not conclusive: {clauses[0]}.{costs}"
    return f"has several possible causes that the evidence cannot tell apart: {'; or '.join(clauses)}.{costs}"


def clause(cause: Cause, target: str) -> str:
    return CAUSES[cause.kind].words(cause.features, target, cause.detail)


def of_model(content):
    """The words of a diagnosis, where what it explains is no network."""
    if isinstance(content, dict):
        return {key: of_model(value) for key, value in content.items()}
    if isinstance(content, list):
        return [of_model(value) for value in content]
    return re.sub(r"\b([Tt]he|a) network\b", r"\1 model", content) if isinstance(content, str) else content


def hypotheses(g: Gathered, found: Verdict) -> list[dict]:
    """Every hypothesis, kept or ruled out, in the order in which the rule asks."""
    held = {cause.kind for cause in (*found.causes, *found.candidates)} or {found.kind}
    rows = [(kind, kind.row(g)) for kind in KINDS]
    return [_record(kind, row, kind.name in held if row.kept is None else row.kept) for kind, row in rows]


def unlabelled_sentence(kind: str, u: UnlabelledEvidence) -> str:
    """The verdict where no test classes are known."""
    train, validation = (u.on.accuracy[part].value for part in ("train", "validation"))
    lacks = WITHOUT[u.without]
    if kind == "overfitting":
        return (
            f"The network overfits: training accuracy {train:.3f}, validation "
            f"{validation:.3f}. More cannot be said, since {lacks}."
        )
    if u.rows is None:
        overfits = "show no overfitting" if u.case.network.can_predict else "are both from folds"
        return (
            f"Training ({train:.3f}) and validation accuracy ({validation:.3f}) {overfits}; how the network "
            f"does elsewhere cannot be said, since {lacks}."
        )
    too_unlike = "; the test rows are too unlike validation rows to expect any accuracy"
    unlike = "" if u.rows.expected["if_rows_moved"] else too_unlike
    return (
        f"Whether the test set falls short of the {validation:.3f} on validation cannot be said, since {lacks}. "
        f"{moved(u.rows.drifted)}{unlike}."
    )


def unlabelled_hypotheses(u: UnlabelledEvidence) -> list[dict]:
    """Every hypothesis that could be asked: kept, ruled out, or not decidable without classes of test rows."""
    kinds = sorted((kind for kind in KINDS if kind.unlabelled), key=lambda kind: SHOWN_BY.index(kind.shown_by))
    return [_unlabelled_record(kind, u) for kind in kinds]


def _unlabelled_record(kind: CauseKind, u: UnlabelledEvidence) -> dict:
    if callable(kind.unlabelled) and (u.rows or kind.shown_by == "training"):
        row = kind.unlabelled(u)
        return _record(kind, row, row.kept)
    why = kind.unlabelled if u.rows else f"Cannot be said: {WITHOUT[u.without]}."
    return _record(kind, Row("needs test labels", float("nan"), why), False) | {"decision": UNDECIDED}


def _record(kind: CauseKind, row: Row, kept: bool) -> dict:
    return {
        "hypothesis": kind.hypothesis,
        "kind": kind.name,
        "statistic": row.statistic,
        "value": float(row.value) if row.value == row.value else None,
        "decision": "kept" if kept else NEEDS_MODEL if row.needs_model else "ruled out",
        "sentence": row.sentence,
    }
