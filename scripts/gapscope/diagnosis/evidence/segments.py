"""Where the model fails: weak segments of the test rows, and the rows that it is surest of and wrong about."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from gapscope.diagnosis.context import accuracy
from gapscope.diagnosis.estimates import Estimate
from gapscope.diagnosis.evidence.bins import is_numeric
from gapscope.diagnosis.evidence.duplicates import row_keys
from gapscope.diagnosis.evidence.gather import Gathered

MEASURED = 5  # conditions that are measured on the second half
LEAST_ROWS = 30  # of the first half under a condition
LEVELS = 10  # of a categorical feature that are looked at, the commonest
OVERLAP = 0.5  # share of common rows from which two conditions count as one


@dataclass(frozen=True)
class Condition:
    """A stretch of values, after `low` up to `high`, or one level of a feature."""

    feature: str
    level: str | None = None
    low: float = -np.inf
    high: float = np.inf

    def of(self, table: pd.DataFrame) -> np.ndarray:
        """Whether each row meets it (n,)."""
        values = table[self.feature].to_numpy()
        return values == self.level if self.level is not None else (values > self.low) & (values <= self.high)

    @property
    def words(self) -> str:
        if self.level is not None:
            return f"{self.feature} = {self.level}"
        low = f"{self.low:.4g} < " if np.isfinite(self.low) else ""
        high = f" ≤ {self.high:.4g}" if np.isfinite(self.high) else ""
        return f"{low}{self.feature}{high}"


def quarters(values: pd.Series) -> list[tuple[float, float]]:
    """Ranges of a number, each with a quarter of the rows."""
    return list(pairwise([-np.inf, *np.unique(np.quantile(values, (0.25, 0.5, 0.75))), np.inf]))


def conditions(table: pd.DataFrame, features: list[str], ranges: Callable = quarters) -> list[Condition]:
    """These `ranges` of each numeric feature, and the commonest levels of each other one."""
    found = []
    for name in features:
        if is_numeric(table[name]):
            found += [Condition(name, None, *ends) for ends in ranges(table[name])]
        else:
            found += [Condition(name, level) for level in table[name].value_counts().index[:LEVELS]]
    return found


def candidates(meets: np.ndarray, right: np.ndarray) -> tuple[list[tuple[int, int]], int]:
    """Pairs of conditions (both the same for a single one), the weakest rows first, and how many were looked at.

    `meets` (n, conditions): whether each row meets each of them.
    """
    meets = meets.astype(np.float64)
    rows, hits = meets.T @ meets, (meets * right[:, None]).T @ meets
    rest = len(right) - rows
    enough = np.triu((rows >= LEAST_ROWS) & (rest >= LEAST_ROWS))
    inside, outside = hits / np.maximum(rows, 1), (right.sum() - hits) / np.maximum(rest, 1)
    error = np.sqrt((inside * (1 - inside) + 0.5) / np.maximum(rows, 1))
    score = np.where(enough, (outside - inside) / error, -np.inf)
    order = np.argsort(-score, axis=None, kind="stable")[: int(enough.sum())]
    return [divmod(place, len(score)) for place in order.tolist()], int(enough.sum())


def weak_segments(g: Gathered) -> dict:
    """Conditions found on one half of the test rows and measured on the other; equal rows are in one half."""
    case, test, right = g.case, g.repaired.came, g.repaired.came_right
    _, group = np.unique(row_keys(test), return_inverse=True)
    first = (case.rng.permutation(group.max() + 1) % 2 == 0)[group]
    tried = conditions(test[first], case.features) if first.any() else []
    if not tried or first.all():
        return {"looked_at": 0, "measured": 0, "found": []}
    meets = np.column_stack([one.of(test) for one in tried])
    pairs, looked_at = candidates(meets[first], right[first])
    chosen: list[tuple[tuple[int, int], np.ndarray]] = []
    for pair in pairs[:1000]:
        mask = meets[:, pair].all(axis=1)
        if len(chosen) < MEASURED and all((mask & one).sum() <= OVERLAP * (mask | one).sum() for _, one in chosen):
            chosen.append((pair, mask))
    near = case.sets.validation_sample(case.features, case.settings["rows"], case.rng)
    in_validation, confidence = g.on.right["validation"][near.rows], 1 - (1 - case.confidence) / MEASURED
    found = []
    for pair, mask in chosen:
        inside, rest = right[~first & mask], right[~first & ~mask]
        if not len(inside) or not len(rest):
            continue
        below = accuracy(rest, confidence).minus(accuracy(inside, confidence))
        if below.low > 0:
            both = [tried[place] for place in dict.fromkeys(pair)]
            validation = in_validation[np.all([one.of(near.table) for one in both], axis=0)]
            found.append(segment(both, inside, rest, validation, below, g.evidence.test_gap.value))
    return {"looked_at": looked_at, "measured": len(chosen), "found": found}


def segment(
    both: list[Condition], inside: np.ndarray, rest: np.ndarray, validation: np.ndarray, below: Estimate, gap: float
) -> dict:
    """A weak segment as plain JSON. `gap_share`: what it adds to the gap, against validation rows like these."""
    before = float(validation.mean()) if len(validation) else None
    lost = None if before is None else len(inside) / (len(inside) + len(rest)) * (before - inside.mean())
    return {
        "condition": " and ".join(one.words for one in both),
        "features": [one.feature for one in both],
        "rows": len(inside),
        "accuracy": float(inside.mean()),
        "below_rest": below.record,
        "validation_rows": len(validation),
        "validation_accuracy": before,
        "gap_share": float(lost / gap) if lost is not None and gap > 0 else None,
    }


MOST = 200  # rows in failures.csv


def failing_rows(g: Gathered) -> pd.DataFrame:
    """The surest first, of the test rows that the diagnosis looks at.

    `row` is the place in the cleaned table; `true`, `predicted` and `predicted_repaired` (NaN where no column can be
    repaired) are class codes, 0, 1, ... the probabilities of the classes. The features' values follow.
    """
    tested, network = g.repaired, g.case.network
    p, wrong = network.probabilities(tested.came_X), np.flatnonzero(tested.came_right == 0)
    wrong = wrong[np.argsort(-p[wrong].max(axis=1), kind="stable")][:MOST]
    table = tested.came.iloc[wrong].reset_index(drop=True)
    about = pd.DataFrame(
        {"row": tested.rows[wrong], "true": table[g.case.target], "predicted": p[wrong].argmax(axis=1)}
    )
    about["predicted_repaired"] = network.predict(tested.X[wrong]) if tested.repairs and network.can_predict else np.nan
    return pd.concat([about, pd.DataFrame(p[wrong]), table[g.case.features]], axis=1)


def named(failures: pd.DataFrame, numbers: np.ndarray, classes: list) -> pd.DataFrame:
    """`failing_rows` with the row `numbers` (n,) of the user's file, names of classes, and p_<class> as headings."""
    names = np.array([str(name) for name in classes], dtype=object)
    codes = failures[["true", "predicted", "predicted_repaired"]]
    about = codes.apply(lambda column: column.map(lambda code: None if np.isnan(code) else names[int(code)]))
    about.insert(0, "row", numbers[failures["row"]])
    table = pd.concat([about, failures.iloc[:, 4:]], axis=1)
    table.columns = [*about, *(f"p_{name}" for name in names), *failures.columns[4 + len(names) :]]
    return table
