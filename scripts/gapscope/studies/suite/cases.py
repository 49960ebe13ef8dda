"""Diagnosis of data sets with known defects: simulated listings, trained on and diagnosed in memory."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError
from gapscope.data.clean import cleaned
from gapscope.data.encode import Column, encoded, fit_columns, plain_columns
from gapscope.data.rows import Held
from gapscope.data.split import Scaling, fit_scaling, split_rows
from gapscope.diagnosis.diagnosis import diagnose
from gapscope.diagnosis.estimates import Encoder, Sets
from gapscope.network.mlp import Network
from gapscope.network.own_model import Code, OwnModel
from gapscope.network.partition import Partition
from gapscope.network.training import train as train_network
from gapscope.simulation.defects import OF_BOTH, OF_TRAINING, Defect
from gapscope.simulation.listings import TARGET, simulate, simulate_pair
from gapscope.studies.suite.recognition import NAMELESS, outcome


def cases(name: str, settings: dict) -> Iterator[dict]:
    """Yield one record per strength and seed: what was injected, and what was diagnosed.

    Parameters
    ----------
    name
        The entry of suite.injected.
    settings
        Its settings, as `config.settings.suite_case` gives them.

    Raises
    ------
    UserError
        The data block names columns that simulated listings lack.
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
    train, test, truth = simulate_pair(suite["train_rows"], suite["test_rows"], seed, defects)
    seeded = {block: {**settings[block], "seed": seed} for block in ("split", "train", "diagnose")}
    diagnosis = diagnosed(train, test, {**settings, **seeded})
    gap, verdict, cost = diagnosis["gap"], diagnosis["verdict"], 1.0
    of_test = {defect.kind for defect in defects}.isdisjoint({**OF_TRAINING, **OF_BOTH})
    if of_test and strength == 1 and verdict["kind"] in NAMELESS:
        intact = simulate_pair(suite["train_rows"], suite["test_rows"], seed, [])[1]
        cost = diagnosed(train, intact, {**settings, **seeded})["gap"]["test"] - gap["test"]
    return {
        "kind": truth["kind"],
        "features": " + ".join(truth["features"]),
        **{part: gap[part] for part in ("train", "validation", "test")},
        "verdict": verdict["kind"],
        "blamed": " + ".join(verdict["features"]),
        "outcome": outcome(truth, verdict, cost),
        "confidence": verdict["confidence"],
        "sentence": verdict["sentence"],
    }


def diagnosed(train: pd.DataFrame, test: pd.DataFrame, settings: dict) -> dict:
    """Content of diagnosis.json for two tables, by the functions that the stages call.

    Parameters
    ----------
    train, test
        Features and the target as class codes. Rows with a missing value are dropped.
    settings
        The blocks data, encode, split and diagnose, and flat settings of one training in `train`; `model`, if there
        is one, is the entry of a model of the user's own to train in place of a network.
    """
    data, target, own = settings["data"], settings["data"]["target"], settings.get("model")
    train, test = (_typed(table, data) for table in (train, test))
    columns = plain_columns(train, data) if own else fit_columns(train, data, settings["encode"])
    X, y = encoded(train, columns), train[target].to_numpy()
    training_rows, validation_rows = split_rows(y, settings["split"])
    numeric = np.array([column.level is None for column in columns])
    scaling = Scaling(np.zeros(len(columns)), np.ones(len(columns)))  # own models read the columns as they are
    if not own:
        scaling = fit_scaling(X[training_rows], numeric, settings["split"]["scale"])
    training, validation = (Partition(scaling(X[rows]), y[rows]) for rows in (training_rows, validation_rows))
    model = _own_model(own, training, columns, settings) if own else _network(training, validation, settings)
    sets = Sets(
        training,
        validation,
        Partition(scaling(encoded(test, columns)), test[target].to_numpy()),
        Held(train.iloc[np.concatenate([training_rows, validation_rows])].reset_index(drop=True)),
        Held(test),
    )
    encode = Encoder(columns, scaling.mean, scaling.deviation)
    return diagnose(model, sets, encode, target, settings["diagnose"], settings["train"])


def _own_model(entry: dict, training: Partition, columns: list[Column], settings: dict) -> OwnModel:
    classes = [str(name) for name in settings["data"]["classes"]]
    model = OwnModel(Code(entry["python"]), None, columns, classes, entry.get("settings", {}))
    return model.trained_again(training.X, training.y, settings["train"]["seed"])


def _network(training: Partition, validation: Partition, settings: dict) -> Network:
    return train_network(training, validation, len(settings["data"]["classes"]), settings["train"])


def _typed(table: pd.DataFrame, data: dict) -> pd.DataFrame:
    """Complete rows of the named columns, with the types that a CSV would give: float64 and text."""
    types = {name: "float64" for name in data["numeric"]} | {name: "str" for name in data["categorical"]}
    return cleaned(table[[*types, data["target"]]], data["target"], None).astype(types)
