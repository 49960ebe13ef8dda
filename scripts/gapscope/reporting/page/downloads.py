"""The data behind each figure as CSV files inside the page."""

from urllib.parse import quote

from gapscope.common.cells import NUMBER, lines
from gapscope.reporting.page.results import bare_rows

CLASSES = {"rows": "counts", "weight": "weights", "share": "shares"}
SHARED = ("network", "seed", "iteration")


def data_uris(tables: dict[str, list[dict]], source: str) -> dict[str, str]:
    """Each figure's records as the address of a CSV, whose last column tells where the data comes from."""
    return {
        name: uri(csv_text([{**row, "data_source": source} for row in rows]), "csv")
        for name, rows in tables.items()
        if rows
    }


def uri(text: str, kind: str) -> str:
    """The text as a file inside an address, of the type text/`kind`."""
    return f"data:text/{kind};charset=utf-8," + quote(text, safe=",:;/?@!$()*+-._~=")


def csv_text(rows: list[dict]) -> str:
    """Records as CSV that no spreadsheet runs: columns as they first come, floats with six significant digits."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    return "".join(lines([columns, *([_cell(row.get(column)) for column in columns] for row in rows)]))


def _cell(value):
    if isinstance(value, list):
        return " ".join(map(_cell, value))
    return f"{value:.6g}" if isinstance(value, float) else value


def csv_rows(path: str) -> list[dict]:
    """The rows of a result's CSV without data_source; numbers but counts as floats."""
    return [{key: _as_number(value) for key, value in row.items() if key != "data_source"} for row in bare_rows(path)]


def _as_number(text: str) -> float | str:
    return text if text.isdigit() or not NUMBER.fullmatch(text) else float(text)


def figure_data(results: dict, accuracies: list[dict], input) -> dict[str, list[dict]]:
    """Records behind each figure of the report.

    `results`: content of the stages' JSON files, by name; `accuracies`: rows of the first figure; `input`: the report's
    input files.
    """
    features = [] if results["diagnosis"]["verdict"]["without"] else results["diagnosis"]["features"]
    curves = csv_rows(input.shared_bias_curves) if input.get("shared_bias_curves") else []
    histories = dict(zip(results["gradients"]["activations"], input.histories))
    saliency = csv_rows(input.saliency)
    return {
        "verdict": [_interval(row, "accuracy", rows=row["name"]) for row in accuracies],
        "picture": _picture(results["diagnosis"]["picture"]),
        "classes": _classes(results["eda"]["classes"]),
        "boxplots": csv_rows(input.means),
        "shares": csv_rows(input.level_shares),
        "curves": network_histories(histories, "loss", "train_", "validation_"),
        "layer_gradients": network_histories(histories, "grad_"),
        "depth": csv_rows(input.depth_table),
        "saliency_columns": [row for row in saliency if row["level"] == "column"],
        "saliency_features": [row for row in saliency if row["level"] == "feature"],
        "gap": _gap(results["metrics"]),
        "counterfactual": [_counterfactual(record) for record in features],
        "features": [_feature(record) for record in features],
        "remedies_figure": csv_rows(input.mitigations),
        "convergence": [only(row, *SHARED, "loss", "accuracy") for row in curves],
        "paths": [only(row, *SHARED, "hidden_path_norm", "output_path_norm", "path_cosine") for row in curves],
    }


def network_histories(paths: dict[str, str], *columns: str) -> list[dict]:
    """Each network's columns that begin like one of `columns`, at every iteration."""
    kept = ("iteration", *columns)
    return [
        {"network": name, **{key: value for key, value in row.items() if key.startswith(kept)}}
        for name, path in paths.items()
        for row in csv_rows(path)
    ]


def _picture(shown: dict | None) -> list[dict]:
    if not shown or "rows" in shown:
        return shown["rows"] if shown else []
    ranges = zip(shown["edges"], shown["edges"][1:], shown["train"], shown["test"])
    return [dict(zip(("from", "to", "train", "test"), one)) for one in ranges]


def _classes(distribution: dict) -> list[dict]:
    return [
        {"class": name, **{key: distribution[of][name] for key, of in CLASSES.items() if of in distribution}}
        for name in distribution["counts"]
    ]


def _gap(metrics: dict) -> list[dict]:
    return [
        _interval(result, "accuracy", network=name, part=partition, majority=result["majority_accuracy"])
        for name, results in metrics.items()
        for partition, result in results.items()
        if result
    ]


def _counterfactual(record: dict) -> dict:
    gain = record["undone"]["gain"] if record["undone"] else None
    return {**only(record, "feature", "repaired_accuracy", "broken_accuracy"), "gain_when_undone": gain}


def _feature(record: dict) -> dict:
    information = _interval(record, "information_validation") | _interval(record, "information_test")
    return {"feature": record["feature"], **information, **_interval(record, "gap_share")}


def _interval(record: dict, key: str, **before) -> dict:
    """A value and the ends of its interval, which may be unknown."""
    low, high = record.get(f"{key}_interval") or record.get("interval") or (None, None)
    return {**before, key: record[key], f"{key}_low": low, f"{key}_high": high}


def only(row: dict, *keys: str) -> dict:
    return {key: row[key] for key in keys}
