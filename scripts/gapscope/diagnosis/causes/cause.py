"""The form in which each module of this folder says everything about its kind of cause, and what they judge by."""

from collections.abc import Callable
from dataclasses import dataclass

from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.gather import Evidence, Gathered
from gapscope.diagnosis.evidence.unlabelled import UnlabelledEvidence

SUSPECT = "suspect"  # in a remedy: stands for the features that the verdict names
# What shows a kind of cause, in the order in which hypotheses are listed where test classes are not known.
SHOWN_BY = ("training", "test rows", "test classes", "test rows and classes")


@dataclass(frozen=True)
class Cause:
    """One cause as a verdict names it, and the share of the gap that it accounts for. `detail`: see its clause."""

    kind: str
    features: tuple[str, ...]
    share: float
    detail: str = ""


@dataclass(frozen=True)
class Row:
    """A hypothesis with the number that decides it. `kept` is None where the verdict decides; `needs_model` where only
    the model could tell, and it can neither be asked nor trained again."""

    statistic: str
    value: float
    sentence: str
    kept: bool | None = None
    needs_model: bool = False


@dataclass(frozen=True)
class CauseKind:
    """Everything that is said of one kind of cause. Thresholds are the block `diagnose` of the config."""

    name: str | None  # the kind in diagnosis.json; None for a hypothesis that is never a verdict
    hypothesis: str  # its title among the hypotheses, and what it means in the documentation
    row: Callable[[Gathered], Row]  # judges the hypothesis by the evidence
    place: str  # the heading of the page under which its evidence stands
    # Its clause in the verdict's sentence, with {names} of features, {verb}, {target} and the cause's {detail}. Of a
    # verdict without a gap it is the whole sentence, with the accuracies {train}, {validation} and {test}.
    clause: str = ""
    verb: tuple[str, str] = ("", "")  # {verb} for one feature and for several
    proof: Callable[[Cause, Evidence], str] = lambda cause, e: ""  # what the experiment on the network says, a sentence
    thresholds: tuple[str, ...] = ()  # those that decide
    because: str = ""  # why its remedy helps, or why none does
    remedy: dict | None = None  # an entry of mitigate.remedies; None: nothing to train
    levers: tuple[str, ...] = ()  # parts of a remedy that act on it; see `levers` in recommendation.py
    shown_by: str = "test classes"  # one of SHOWN_BY
    # Without test classes: its row, or why it cannot be decided. None leaves the hypothesis out.
    unlabelled: Callable[[UnlabelledEvidence], Row] | str | None = None
    # Establishes causes before the stories compete. Kinds that are judged together share one function.
    fact: Callable[[Evidence, dict], list[Cause]] | None = None
    # Whether a column that changed given the class has changed in this way; the first kind that fits counts.
    fits: Callable[[Evidence, str, dict], bool] | None = None
    picture: Callable[[Gathered, tuple[str, ...]], dict] | None = None  # of these features; see diagnosis/picture.py
    settles: Callable[[Evidence, dict], list[Cause]] | None = None  # causes that explain the gap, whatever else changed
    family: str | None = None  # the kind of a verdict that names this cause alone, if not `name`
    measure: Callable[[Gathered], dict] | None = None  # evidence that this kind alone needs, for Evidence.measured
    defects: tuple[str, ...] = ()  # simulated defects of another name that have this cause

    def words(self, features: tuple[str, ...], target: str, detail: str = "", **accuracies: float) -> str:
        """Its clause about these features."""
        verb = self.verb[len(features) > 1]
        return self.clause.format(names=listed(features), verb=verb, target=target, detail=detail, **accuracies)


def listed(names) -> str:
    """a, b and c; from seven names on the first five and how many more."""
    names = list(names)
    if len(names) > 6:
        names = [*names[:5], f"{len(names) - 5} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def moved(drifted) -> str:
    """The features whose own distribution drifted, in words."""
    return f"Marginal distribution changed: {listed(drifted)}" if drifted else "No marginal distribution changed"


def real(gap: Estimate, t: dict) -> bool:
    """Whether sampling noise does not explain the gap, and it is large enough to matter."""
    return gap.low > 0 and gap.value >= t["least_gap"]


def part_of(e: Evidence, estimate: Estimate) -> float:
    """The estimate as a share of the gap."""
    return estimate.value / e.loss


def share_of_gap(e: Evidence, accuracy: float) -> str:
    """A part of the gap in words: per cent of it, or the whole."""
    if e.test_gap.value <= 0:
        return f"{accuracy:z.3f} of accuracy, where there is no gap"
    share = accuracy / e.test_gap.value
    return f"{f'{share:z.0%} of the' if share < 0.995 else 'the whole'} gap of {e.test_gap.value:z.3f}"


def matters(e: Evidence, estimate: Estimate, t: dict) -> bool:
    """Whether this part of the gap is certainly there and not negligible."""
    return estimate.low > 0 and part_of(e, estimate) >= t["least_part"]
