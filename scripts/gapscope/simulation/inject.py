"""Known breaks injected into a pair of tables, with a check that each can be, and the truth about them all."""

from dataclasses import replace

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError
from gapscope.simulation.defects import (
    CATEGORICAL_ONLY,
    KINDS,
    NUMERIC_ONLY,
    ON_NO_COLUMN,
    Break,
    break_test,
    break_train,
)


def inject(
    train: pd.DataFrame,
    test: pd.DataFrame,
    breaks: list[Break],
    target: str,
    for_train: np.random.Generator,
    for_test: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables after the breaks, one after the other; the tables given are left as they are.

    Raises UserError if a kind is unknown, the target is absent, or a column that a break needs is absent, the
    target, or of the wrong type.
    """
    for wrong in breaks:
        _check(test, wrong, target)
        if wrong.kind in ON_NO_COLUMN:
            wrong = replace(wrong, feature=target)
        train, test = break_train(train, wrong, for_train), break_test(test, wrong, for_test)
    return train, test


def truth_of(breaks: list[Break], numeric: list[str]) -> dict:
    """`kind` is mixed for several breaks; `feature` is the first one broken, None if none is.

    `numeric`: the names of all numeric features.
    """
    real = [wrong for wrong in breaks if wrong.kind != "none" and wrong.strength > 0]
    features = list(dict.fromkeys(name for wrong in real for name in broken_columns(wrong, numeric)))
    return {
        "kind": "none" if not real else "mixed" if len(real) > 1 else real[0].kind,
        "feature": features[0] if features else None,
        "features": features,
        "breaks": [
            {"kind": wrong.kind, "features": broken_columns(wrong, numeric), "strength": wrong.strength}
            for wrong in real
        ],
    }


def broken_columns(wrong: Break, numeric: list[str]) -> list[str]:
    """The features that a break touches: none for those of the labels and of the training rows."""
    if wrong.kind == "never_standardised":
        return numeric
    if wrong.kind in ON_NO_COLUMN:
        return []
    return [wrong.feature, wrong.other] if wrong.kind == "columns_swapped" else [wrong.feature]


def _check(test: pd.DataFrame, wrong: Break, target: str) -> None:
    if wrong.kind not in KINDS:
        known = ", ".join(KINDS)
        raise UserError(f"config key simulate.break.kind: no break is called {wrong.kind!r}; choose one of {known}")
    if target not in test.columns:
        raise UserError(f"config key data.target: simulated tables have no {target!r}; set price_class")
    if wrong.kind in ON_NO_COLUMN:
        return
    _check_feature(test, wrong.kind, wrong.feature, target, "simulate.break.feature")
    if wrong.kind != "columns_swapped":
        return
    _check_feature(test, wrong.kind, wrong.other, target, "simulate.break.other")
    if wrong.other == wrong.feature:
        raise UserError(f"config key simulate.break.other: {wrong.other!r} is the broken feature too; name another")


def _check_feature(test: pd.DataFrame, kind: str, feature: str | None, target: str, key: str) -> None:
    allowed = [
        column
        for column, dtype in test.dtypes.drop(target).items()
        if kind not in (CATEGORICAL_ONLY if pd.api.types.is_numeric_dtype(dtype) else NUMERIC_ONLY)
    ]
    if feature not in allowed:
        choice = ", ".join(allowed)
        raise UserError(f"config key {key}: {kind} cannot be applied to {feature!r}; choose one of {choice}")
