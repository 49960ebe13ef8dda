"""saliency.csv and what stands beside it, reshaped for the page's tables."""

from gapscope.evaluation.permutation import JUDGES
from gapscope.reporting.page.results import read_rows

NAMES = {
    "winning_probability": "Winning class",
    "loss": "Loss",
    "gradient": "Gradient",
    "integrated_gradients": "Integrated gradients",
    "permutation_validation": "Permutation, validation",
    "permutation_test": "Permutation, test",
}


def tables(input, encoding: dict) -> dict:
    """All that the section on attribution shows, from the report's input files."""
    found = {row["method"] for row in _rows(input.saliency, "feature")}
    judges = [name for name in JUDGES if name in found]  # without classes of test rows there is one less
    return {
        "names": NAMES,
        "permuted": judges,
        "judges": [NAMES[name] for name in judges],
        "columns": column_tables(input.saliency),
        "features": feature_tables(input.saliency),
        "agreement": agreement_table(input.agreement),
        "completeness": completeness(input.completeness),
        "refuted_sums": refuted_sums(input.saliency, encoding),
    }


def column_tables(path: str) -> dict[str, dict]:
    """By method that ranks encoded columns: rows used by each activation, and per column its row by activation.

    Columns stand in falling order of their largest importance.
    """
    tables: dict[str, dict] = {}
    for row in _rows(path, "column"):
        table = tables.setdefault(row["method"], {"rows": {}, "columns": {}})
        table["rows"][row["activation"]] = row["rows"]
        table["columns"].setdefault(row["feature"], {})[row["activation"]] = row
    for table in tables.values():
        ranked = sorted(table["columns"].items(), key=lambda item: -max(row["importance"] for row in item[1].values()))
        table["columns"] = dict(ranked)
    return tables


def feature_tables(path: str) -> dict[str, dict]:
    """By activation: `methods` that rank original features, their `headings`, and per feature its row by method.

    Features stand in falling order of permutation importance, or of the first method where it is not.
    """
    tables: dict[str, dict] = {}
    for row in _rows(path, "feature"):
        table = tables.setdefault(row["activation"], {"methods": [], "features": {}})
        if row["method"] not in table["methods"]:
            table["methods"].append(row["method"])
        table["features"].setdefault(row["feature"], {})[row["method"]] = row
    for table in tables.values():
        judge = next((name for name in JUDGES if name in table["methods"]), table["methods"][0])
        table["headings"] = [NAMES[name] for name in table["methods"]]
        table["features"] = dict(sorted(table["features"].items(), key=lambda item: item[1][judge]["rank"]))
    return tables


def agreement_table(path: str) -> dict[str, dict[str, dict[str, float | None]]]:
    """saliency/agreement.csv as activation -> method -> judge -> rank correlation."""
    table: dict[str, dict] = {}
    for row in read_rows(path, "spearman"):
        by_method = table.setdefault(row["activation"], {})
        by_method.setdefault(row["method"], {})[row["judge"]] = row["spearman"]
    return table


def refuted_sums(path: str, encoding: dict) -> list[dict]:
    """Where summing a method's columns puts another feature first than permutation importance on validation does.

    Each: activation, method, first by the sum, first by permutation.
    """
    feature_of = {column["name"]: column["feature"] for column in encoding["columns"]}
    judged = {
        row["activation"]: row["feature"]
        for row in _rows(path, "feature")
        if row["method"] == "permutation_validation" and row["rank"] == 1
    }
    sums: dict[tuple[str, str], dict[str, float]] = {}
    for row in _rows(path, "column"):
        own = sums.setdefault((row["activation"], row["method"]), {})
        own[feature_of[row["feature"]]] = own.get(feature_of[row["feature"]], 0.0) + row["importance"]
    found = []
    for (activation, method), own in sums.items():
        first = max(own, key=own.get)
        if first != judged.get(activation, first):
            found.append({"activation": activation, "method": method, "sum": first, "judge": judged[activation]})
    return found


def completeness(path: str) -> list[dict]:
    """The rows of saliency/completeness.csv."""
    return read_rows(path, "rows", "steps", "mean_error", "largest_error", "mean_output_difference")


def _rows(path: str, level: str) -> list[dict]:
    rows = read_rows(path, "importance", "rank", "rows", "standard_error")
    return [row for row in rows if row["level"] == level]
