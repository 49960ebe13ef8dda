"""Published figures beside ours: where each of ours stands, and whether it rounds to the published digits."""

import math
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pandas as pd

from gapscope.common.files import read_json


def comparison(published: dict[str, list[dict]], results: str) -> pd.DataFrame:
    """A row per published figure: system, figure, published, ours (unrounded), difference, three columns for the page.

    Args:
        published: content of published.yaml.
        results: folder that holds one folder of results per system.
    """
    rows = []
    for system, figures in published.items():
        for record in figures:
            ours = found(Path(results, system), record)
            rows.append(
                {
                    "system": system,
                    "figure": record["figure"],
                    "published": record["published"],
                    "ours": ours,
                    "difference": ours - float(record["published"]),
                    "equal": rounds_to(ours, record["published"]),
                    "note": record.get("note", ""),
                }
            )
    return pd.DataFrame(rows)


def found(folder: Path, record: dict) -> float:
    """A figure of a file in `folder`, divided by that of record["over"] if given.

    In a JSON file it is the value `at` some keys; a mapping among them picks the entry of a list that has these values.
    In a CSV file it is the mean of `column` over rows that match `where`, or what `take` says (min, max).
    """
    path = folder / record["file"]
    value = _of_json(path, record["at"]) if "at" in record else _of_csv(path, record)
    return value / found(folder, record["over"]) if "over" in record else value


def _of_json(path: Path, keys: list) -> float:
    value = read_json(path)
    for key in keys:
        value = value[key] if not isinstance(key, dict) else _matching(value, key)
    return value


def _matching(entries: list[dict], wanted: dict) -> dict:
    return next(entry for entry in entries if wanted.items() <= entry.items())


def _of_csv(path: Path, record: dict) -> float:
    table = pd.read_csv(path, keep_default_na=False)
    for column, wanted in record["where"].items():
        table = table[table[column] == wanted]
    if table.empty:
        raise ValueError(f"{path}: no row with {record['where']}")
    values = table[record["column"]].astype(float)
    return float(values.iloc[0]) if len(values) == 1 else float(values.agg(record.get("take", "mean")))


def rounds_to(ours: float, published: str) -> bool:
    """Whether `ours`, rounded to as many decimals as were published, is the published figure."""
    digits = Decimal(published)
    return Decimal(str(ours)).quantize(digits, rounding=ROUND_HALF_EVEN) == digits


def settled(claims: list[dict], results: str) -> list[dict]:
    """The claims of claims.yaml, each with the values of its figures and the decision: holds, or does not hold."""
    return [
        {
            **claim,
            "evidence": (
                evidence := [{**record, "value": found(Path(results), record)} for record in claim["evidence"]]
            ),
            "decision": "holds" if within(evidence[0]["value"], **claim["holds"]) else "does not hold",
        }
        for claim in claims
    ]


def within(value: float, above: float = -math.inf, below: float = math.inf) -> bool:
    return above < value < below
