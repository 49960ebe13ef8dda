"""Published figures beside ours: where each of ours stands, and whether it rounds to the published digits."""

from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pandas as pd

from gapscope.files import read_json


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
    """Our figure: a JSON file's value `at` some keys, or the mean of a CSV's `column` over rows that match `where`."""
    path = folder / record["file"]
    if "at" in record:
        value = read_json(path)
        for key in record["at"]:
            value = value[key]
        return value
    table = pd.read_csv(path, keep_default_na=False)
    for column, wanted in record["where"].items():
        table = table[table[column] == wanted]
    if table.empty:
        raise ValueError(f"{path}: no row with {record['where']}")
    values = table[record["column"]].astype(float)
    return float(values.iloc[0]) if len(values) == 1 else float(values.mean())


def rounds_to(ours: float, published: str) -> bool:
    """Whether `ours`, rounded to as many decimals as were published, is the published figure."""
    digits = Decimal(published)
    return Decimal(str(ours)).quantize(digits, rounding=ROUND_HALF_EVEN) == digits


def settled(claims: list[dict], variants: dict[str, pd.DataFrame]) -> list[dict]:
    """The claims of claims.yaml, each with the least validation accuracy that decides it and the decision."""
    records = []
    for claim in claims:
        table = variants[claim["system"]]
        least = float(table.loc[table["variant"] == claim["variant"], "validation_accuracy"].min())
        refuted = least > claim["refuted_above"]
        records.append({**claim, "least": least, "decision": "does not hold" if refuted else "not refuted"})
    return records
