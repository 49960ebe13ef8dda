"""Compare published figures with ours, and check whether ours round to the published digits."""

import math
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pandas as pd

from gapscope.common.files import read_json


def comparison(published: dict[str, list[dict]], results: str) -> pd.DataFrame:
    """One row per published figure: system, figure, published, ours (unrounded), difference, equal, note.

    `published` is the content of published.yaml, `results` a folder with one folder of results per system.
    """
    rows = []
    for system, records in published.items():
        for record in records:
            ours, digits = value_of(Path(results, system), record), record["published"]
            row = {"system": system, "figure": record["figure"], "published": digits, "ours": ours}
            row |= {"difference": ours - float(digits), "equal": rounds_to(ours, digits)}
            rows.append(row | {"note": record.get("note", "")})
    return pd.DataFrame(rows)


def settled(claims: list[dict], results: str) -> list[dict]:
    """The claims of claims.yaml with the values of their evidence. The first value decides whether a claim holds."""
    decided = []
    for claim in claims:
        evidence = [{**record, "value": value_of(Path(results), record)} for record in claim["evidence"]]
        above, below = claim["holds"].get("above", -math.inf), claim["holds"].get("below", math.inf)
        holds = above < evidence[0]["value"] < below
        decided.append({**claim, "evidence": evidence, "decision": "holds" if holds else "does not hold"})
    return decided


def value_of(folder: Path, record: dict) -> float:
    """Read a figure from a file in `folder`, and divide it by that of record["over"] if given.

    In a JSON file it is the value `at` some keys; a mapping among them picks the entry of a list that has these values.
    In a CSV file it is the mean of `column` over rows that match `where`, or what `take` says (min, max).
    """
    path = folder / record["file"]
    value = _from_json(path, record["at"]) if "at" in record else _from_csv(path, record)
    return value / value_of(folder, record["over"]) if "over" in record else value


def _from_json(path: Path, keys: list) -> float:
    value = read_json(path)
    for key in keys:
        is_mapping = isinstance(key, dict)
        value = next(entry for entry in value if key.items() <= entry.items()) if is_mapping else value[key]
    return value


def _from_csv(path: Path, record: dict) -> float:
    table = pd.read_csv(path, keep_default_na=False)
    where = pd.Series(record["where"], dtype=object)
    rows = table[(table[where.index] == where).all(axis=1)]
    if rows.empty:
        raise ValueError(f"{path}: no row with {record['where']}")
    values = rows[record["column"]].astype(float)
    return float(values.iloc[0]) if len(values) == 1 else float(values.agg(record.get("take", "mean")))


def rounds_to(ours: float, published: str) -> bool:
    """Whether `ours`, rounded to as many decimals as were published, is the published figure."""
    digits = Decimal(published)
    return Decimal(str(ours)).quantize(digits, rounding=ROUND_HALF_EVEN) == digits
