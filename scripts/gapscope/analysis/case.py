"""One case to diagnose: a trained network and its sets of rows, and how it does on them."""

from dataclasses import dataclass

import numpy as np

from gapscope.analysis.evaluation import wilson_interval
from gapscope.analysis.rows import Encoder, Figure, Sets
from gapscope.network.mlp import Ensemble, Network, probabilities

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Case:
    """What every step of the diagnosis may look at. `settings` is the diagnose block of config.yaml."""

    network: Network | Ensemble
    sets: Sets
    encode: Encoder
    target: str
    n_classes: int
    settings: dict
    rng: np.random.Generator

    @property
    def confidence(self) -> float:
        return self.settings["confidence"]

    @property
    def alpha(self) -> float:
        return self.settings["alpha"]

    @property
    def features(self) -> list[str]:
        """The original features that reach the network."""
        return list(self.encode.groups)

    def right(self, X: np.ndarray, y: np.ndarray) -> np.ndarray:
        """1 for each row that the network classifies right, else 0 (n,)."""
        return (probabilities(self.network, X).argmax(axis=1) == y).astype(float)


@dataclass(frozen=True)
class Accuracies:
    """Of each part whose classes are known: class probabilities `p` (n, classes), `right` (n,), accuracy; the gaps."""

    p: dict[str, np.ndarray]
    right: dict[str, np.ndarray]
    accuracy: dict[str, Figure]
    train_gap: Figure  # train - validation
    test_gap: Figure | None  # validation - test


def accuracy(right: np.ndarray, confidence: float) -> Figure:
    """Mean of `right` with Wilson's interval."""
    return Figure(float(right.mean()), *wilson_interval(float(right.sum()), len(right), confidence))


def accuracies(case: Case) -> Accuracies:
    """The network on the rows as it was fed."""
    labelled = PARTS if case.sets.labelled else PARTS[:2]
    p = {part: probabilities(case.network, getattr(case.sets, part).X) for part in labelled}
    right = {part: (own.argmax(axis=1) == getattr(case.sets, part).y).astype(float) for part, own in p.items()}
    found = {part: accuracy(own, case.confidence) for part, own in right.items()}
    test_gap = found["validation"].minus(found["test"]) if case.sets.labelled else None
    return Accuracies(p, right, found, found["train"].minus(found["validation"]), test_gap)


def paired(after: np.ndarray, before: np.ndarray, confidence: float) -> Figure:
    """Mean of after - before on the same rows."""
    return Figure.mean(after - before, confidence)
