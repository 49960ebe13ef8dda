"""The whole path from two tables to a verdict, in memory: how the diagnosis is tried on breaks that are known."""

import pandas as pd

from gapscope.analysis.diagnosis import Sets, diagnose
from gapscope.network.steps import Part
from gapscope.network.training import train as trained
from gapscope.tables.clean import cleaned, shared_rows
from gapscope.tables.encode import encoded, feature_groups, fit_columns, unseen_levels
from gapscope.tables.split import fit_scaling, split_rows


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
    training, validation = (Part(scaling(X[rows]), y[rows]) for rows in (training_rows, validation_rows))
    network = trained(training, validation, len(data["classes"]), settings["train"])
    sets = Sets(
        training,
        validation,
        Part(scaling(encoded(test, columns)), test[target].to_numpy()),
        train.iloc[validation_rows].reset_index(drop=True),
        test,
    )
    unseen = unseen_levels(test, columns)
    other = {
        "unseen_rows": max((sum(levels.values()) for levels in unseen.values()), default=0) / len(test),
        "shared_rows": shared_rows(train, test) / len(test),
    }
    return diagnose(network, sets, feature_groups(columns), target, settings["diagnose"], other)


def _typed(table: pd.DataFrame, data: dict) -> pd.DataFrame:
    """Complete rows with the types that a CSV would give: numbers as float64, categories as text."""
    types = {name: "float64" for name in data["numeric"]} | {name: "str" for name in data["categorical"]}
    return cleaned(table, data["target"], None).astype(types)
