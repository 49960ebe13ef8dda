"""Inject defects into a pair of tables, and describe them."""

from dataclasses import replace

import numpy as np
import pandas as pd

from gapscope.common.errors import UserError
from gapscope.data.rows import replaced
from gapscope.simulation import defects as kinds
from gapscope.simulation.defects import Defect


def inject(
    train: pd.DataFrame,
    test: pd.DataFrame,
    defects: list[Defect],
    target: str,
    for_train: np.random.Generator,
    for_test: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Copies of both tables with the defects, applied one after the other.

    Raises UserError for an unknown kind of defect, or for a column that is missing, the target, or of the wrong type.
    """
    for defect in defects:
        _check(test, defect, target)
        if defect.kind in kinds.ON_NO_COLUMN:
            defect = replace(defect, feature=target)
        if of_train := {**kinds.OF_TRAINING, **kinds.OF_BOTH}.get(defect.kind):
            train = of_train(train, defect, for_train)
        test = with_defect(test, defect, for_test)
    return train, test


def with_defect(test: pd.DataFrame, defect: Defect, rng: np.random.Generator) -> pd.DataFrame:
    """A copy of the test table with one defect. `feature` must be the target for defects of the labels."""
    if whole := {**kinds.SHIFTS, **kinds.OF_BOTH}.get(defect.kind):
        return whole(test, defect, rng)
    if defect.kind not in kinds.OF_VALUES:
        return test.copy()
    changed = kinds.OF_VALUES[defect.kind](test, defect, rng)
    if defect.strength == 1:
        return changed
    reached = rng.random(len(test)) < defect.strength
    return replaced(changed, {name: changed[name].where(reached, test[name]) for name in changed})


def truth_of(defects: list[Defect], numeric: list[str]) -> dict:
    """Description of the defects: kind (`mixed` for several), damaged features, and each defect.

    `feature` is the first damaged one, or None. `numeric` are the names of all numeric features.
    """
    real = [defect for defect in defects if defect.kind != "none" and defect.strength > 0]
    breaks = [{"kind": d.kind, "features": damaged_columns(d, numeric), "strength": d.strength} for d in real]
    features = list(dict.fromkeys(name for record in breaks for name in record["features"]))
    return {
        "kind": "none" if not real else "mixed" if len(real) > 1 else real[0].kind,
        "feature": features[0] if features else None,
        "features": features,
        "breaks": breaks,
    }


def damaged_columns(defect: Defect, numeric: list[str]) -> list[str]:
    """Names of the features with the defect; empty for defects of the labels and of the training rows."""
    if defect.kind in kinds.OF_ALL_NUMBERS:
        return numeric
    if defect.kind in kinds.ON_NO_COLUMN:
        return []
    return [defect.feature, defect.other] if defect.kind in kinds.OF_TWO else [defect.feature]


def _check(test: pd.DataFrame, defect: Defect, target: str) -> None:
    kind, key = defect.kind, "config key simulate.break"
    if kind not in kinds.KINDS:
        raise UserError(f"{key}.kind: no break is called {kind!r}; choose one of {', '.join(kinds.KINDS)}")
    wrong_kind = {True: kinds.CATEGORICAL_ONLY, False: kinds.NUMERIC_ONLY}
    features = test.drop(columns=target)
    allowed = [name for name in features if kind not in wrong_kind[pd.api.types.is_numeric_dtype(features[name])]]
    needed = {} if kind in kinds.ON_NO_COLUMN else {"feature": defect.feature}
    for name, column in (needed | ({"other": defect.other} if kind in kinds.OF_TWO else {})).items():
        if column not in allowed:
            raise UserError(f"{key}.{name}: {kind} cannot be applied to {column!r}; choose one of {', '.join(allowed)}")
    if kind in kinds.OF_TWO and defect.other == defect.feature:
        raise UserError(f"{key}.other: {defect.other!r} is also simulate.break.feature; choose another column")
