"""Diagnosis of data sets with known defects: simulated listings, trained on and diagnosed in memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError
from gapscope.data.clean import cleaned
from gapscope.data.encode import Column, encoded, fit_columns, plain_columns
from gapscope.data.rows import Held
from gapscope.data.split import Scaling, fit_scaling, split_rows
from gapscope.diagnosis.diagnosis import diagnose
from gapscope.diagnosis.estimates import Encoder, Sets
from gapscope.network.classifier import Classifier
from gapscope.network.model import classes
from gapscope.network.own_model import Code, OwnModel
from gapscope.network.partition import Partition
from gapscope.network.training import train as train_network
from gapscope.simulation.defects import OF_BOTH, OF_TRAINING, Defect
from gapscope.simulation.listings import TARGET, simulate, simulate_pair
from gapscope.studies.suite.recognition import outcome

LEAST_LOSS = 0.01  # accuracy that a defect must cost the model for a verdict without it to be wrong


def cases(name: str, settings: dict) -> Iterator[dict]:
    """Yield one record per strength and seed: what was injected, and what was diagnosed.

    `name` is the entry of suite.injected, `settings` are those that `config.settings.suite_case` gives for it. Raises
    UserError if the data block names columns that simulated listings lack.
    """
    _check_columns(settings["data"])
    suite = settings["suite"]
    seeds_of = [(strength, suite["seeds_per_strength"]) for strength in sorted(suite["strengths"])]
    for strength, seeds in [*seeds_of, (1.0, suite["seeds"])]:
        for seed in range(1, seeds + 1):
            yield {"injected": name, "strength": strength, "seed": seed, **_case(strength, seed, settings)}


def _check_columns(data: dict) -> None:
    listings = simulate(1, np.random.default_rng(0))
    unknown = [name for name in [*data["numeric"], *data["categorical"]] if name not in listings]
    if unknown or data["target"] != TARGET:
        raise UserError(
            f"config: data: the suite simulates listings, which have no column '{(unknown or [data['target']])[0]}'; "
            "run diagnosis_suite with the data block that came with gapscope."
        )


def _case(strength: float, seed: int, settings: dict) -> dict:
    suite = settings["suite"]
    defects = [Defect(**fields, strength=strength) for fields in suite["breaks"]]
    seeded = {**settings, **{block: {**settings[block], "seed": seed} for block in ("split", "train", "diagnose")}}

    def tables(some: list[Defect]) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
        return simulate_pair(suite["train_rows"], suite["test_rows"], seed, some)

    train, test, truth = tables(defects)
    fitted = Fitted.on(train, seeded)
    diagnosis = fitted.diagnosis(test)
    gap, verdict, must = diagnosis["gap"], diagnosis["verdict"], None
    if strength == 1 and {defect.kind for defect in defects}.isdisjoint({**OF_TRAINING, **OF_BOTH}):
        accuracy = cache(lambda *some: fitted.accuracy(tables([*some])[1]))
        must = _to_be_named(defects, accuracy, settings["diagnose"]["least_part"])
    return {
        "kind": truth["kind"],
        "features": " + ".join(truth["features"]),
        **{part: gap[part] for part in ("train", "validation", "test")},
        "verdict": verdict["kind"],
        "blamed": " + ".join(verdict["features"]),
        "outcome": outcome(truth, verdict, must),
        "confidence": verdict["confidence"],
        "sentence": verdict["sentence"],
    }


def _to_be_named(defects: list[Defect], accuracy: Callable[..., float], least_part: float) -> list[bool]:
    """Whether each defect costs enough accuracy to be named, alone or in addition to the others: LEAST_LOSS, and
    `least_part` of what all of them cost."""
    least = max(LEAST_LOSS, least_part * (accuracy() - accuracy(*defects)))
    others = [[other for other in defects if other is not defect] for defect in defects]
    return [
        max(accuracy() - accuracy(defect), accuracy(*rest) - accuracy(*defects)) >= least
        for defect, rest in zip(defects, others)
    ]


@dataclass(frozen=True)
class Fitted:
    """A model trained on a table in memory, by the functions that the stages call.

    The settings are the blocks data, encode, split and diagnose, and flat settings of one training in `train`; `model`,
    if there is one, is the entry of a model of the user's own to train in place of a network.
    """

    model: Classifier
    encode: Encoder
    parts: tuple[Partition, Partition]  # training and validation rows as the model reads them
    known: pd.DataFrame  # the same rows as a table
    settings: dict

    @classmethod
    def on(cls, table: pd.DataFrame, settings: dict) -> "Fitted":
        """Train on a table of features and class codes. Rows with a missing value are dropped."""
        data, own, table = settings["data"], settings.get("model"), typed(table, settings["data"])
        columns = plain_columns(table, data) if own else fit_columns(table, data, settings["encode"])
        X, y = encoded(table, columns), table[data["target"]].to_numpy()
        rows = split_rows(y, settings["split"])
        scaling = Scaling(np.zeros(len(columns)), np.ones(len(columns)))  # own models read the columns as they are
        if not own:
            numeric = np.array([column.level is None for column in columns])
            scaling = fit_scaling(X[rows[0]], numeric, settings["split"]["scale"])
        training, validation = parts = tuple(Partition(scaling(X[some]), y[some]) for some in rows)
        if own:
            model = _own_model(own, training, columns, settings)
        else:
            model = train_network(training, validation, len(data["classes"]), settings["train"])
        known = table.iloc[np.concatenate(rows)].reset_index(drop=True)
        return cls(model, Encoder(columns, scaling.mean, scaling.deviation), parts, known, settings)

    def diagnosis(self, table: pd.DataFrame) -> dict:
        """Content of diagnosis.json for this test table."""
        settings, test = self.settings, typed(table, self.settings["data"])
        sets, target = Sets(*self.parts, self.partition(test), Held(self.known), Held(test)), settings["data"]["target"]
        return diagnose(self.model, sets, self.encode, target, settings["diagnose"], settings["train"])

    def accuracy(self, table: pd.DataFrame) -> float:
        """Share of the table's complete rows that are classified right."""
        test = self.partition(typed(table, self.settings["data"]))
        return float(np.mean(classes(self.model, test.X) == test.y))

    def partition(self, table: pd.DataFrame) -> Partition:
        return Partition(self.encode(table), table[self.settings["data"]["target"]].to_numpy())


def _own_model(entry: dict, training: Partition, columns: list[Column], settings: dict) -> OwnModel:
    names = [str(name) for name in settings["data"]["classes"]]
    model = OwnModel(Code(entry["python"]), None, columns, names, entry.get("settings", {}))
    return model.trained_again(training.X, training.y, settings["train"]["seed"])


def typed(table: pd.DataFrame, data: dict) -> pd.DataFrame:
    """Complete rows of the named columns, with the types that a CSV would give: float64 and text."""
    types = {name: "float64" for name in data["numeric"]} | {name: "str" for name in data["categorical"]}
    return cleaned(table[[*types, data["target"]]], data["target"], None).astype(types)
