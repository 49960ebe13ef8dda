"""The whole path from two tables to a verdict, in memory: how the diagnosis is tried on breaks that are known."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError
from gapscope.data.clean import cleaned
from gapscope.data.encode import encoded, fit_columns
from gapscope.data.listed import Held
from gapscope.data.split import fit_scaling, split_rows
from gapscope.diagnosis.diagnosis import diagnose
from gapscope.diagnosis.estimates import Encoder, Sets
from gapscope.network.partition import Partition
from gapscope.network.training import train as trained
from gapscope.simulation.defects import Break
from gapscope.simulation.listings import TARGET, simulate, simulate_pair
from gapscope.studies.suite.recognition import outcome


def diagnosed(train: pd.DataFrame, test: pd.DataFrame, settings: dict) -> dict:
    """diagnosis.json's content for a training and a test table, by the functions that the stages call.

    Args:
        train, test: as read_table gives them: numbers, text, class codes in the target; holes are allowed.
        settings: the blocks data, encode, split and diagnose of config.yaml, and flat settings of one training
            in train. Rows with a missing value are dropped.
    """
    data, target = settings["data"], settings["data"]["target"]
    names = [*data["numeric"], *data["categorical"], target]
    train, test = (_typed(table[names], data) for table in (train, test))
    columns = fit_columns(train, data, settings["encode"])
    X, y = encoded(train, columns), train[target].to_numpy()
    training_rows, validation_rows = split_rows(y, settings["split"])
    numeric = pd.Series([column.level is None for column in columns]).to_numpy()
    scaling = fit_scaling(X[training_rows], numeric, settings["split"]["scale"])
    training, validation = (Partition(scaling(X[rows]), y[rows]) for rows in (training_rows, validation_rows))
    network = trained(training, validation, len(data["classes"]), settings["train"])
    sets = Sets(
        training,
        validation,
        Partition(scaling(encoded(test, columns)), test[target].to_numpy()),
        Held(train.iloc[np.concatenate([training_rows, validation_rows])].reset_index(drop=True)),
        Held(test),
    )
    encode = Encoder(columns, scaling.mean, scaling.deviation)
    return diagnose(network, sets, encode, target, settings["diagnose"])


def _typed(table: pd.DataFrame, data: dict) -> pd.DataFrame:
    """Complete rows with the types that a CSV would give: numbers as float64, categories as text."""
    types = {name: "float64" for name in data["numeric"]} | {name: "str" for name in data["categorical"]}
    return cleaned(table, data["target"], None).astype(types)


def cases(name: str, settings: dict) -> Iterator[dict]:
    """One record per strength and seed of the breaks in settings["suite"]: what was injected, what was diagnosed.

    Args:
        name: the entry of suite.injected. settings: as config.settings_for_suite gives them.

    Raises:
        UserError: if the data block does not name columns of the simulated listings.
    """
    _check_columns(settings["data"])
    suite = settings["suite"]
    runs = [(strength, suite["seeds_per_strength"]) for strength in sorted(suite["strengths"])] + [
        (1.0, suite["seeds"])
    ]
    for strength, seeds in runs:
        for seed in range(1, seeds + 1):
            yield {"injected": name, "strength": strength, "seed": seed, **_case(strength, seed, settings)}


def _case(strength: float, seed: int, settings: dict) -> dict:
    suite = settings["suite"]
    breaks = [Break(**wrong, strength=strength) for wrong in suite["breaks"]]
    train, test, truth = simulate_pair(suite["train_rows"], suite["test_rows"], seed, breaks)
    seeded = {block: {**settings[block], "seed": seed} for block in ("split", "train", "diagnose")}
    found = diagnosed(train, test, {**settings, **seeded})
    gap, said = found["gap"], found["verdict"]
    return {
        "kind": truth["kind"],
        "features": " + ".join(truth["features"]),
        "train": gap["train"],
        "validation": gap["validation"],
        "test": gap["test"],
        "verdict": said["kind"],
        "blamed": " + ".join(said["features"]),
        "outcome": outcome(truth, said),
        "confidence": said["confidence"],
        "sentence": said["sentence"],
    }


def _check_columns(data: dict) -> None:
    listings = simulate(1, np.random.default_rng(0))
    unknown = [name for name in [*data["numeric"], *data["categorical"]] if name not in listings]
    if unknown or data["target"] != TARGET:
        raise UserError(
            f"config: data: the suite simulates listings, which have no column '{(unknown or [data['target']])[0]}'; "
            "run diagnosis_suite with the data block that came with gapscope."
        )
