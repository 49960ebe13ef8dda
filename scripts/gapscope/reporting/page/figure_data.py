"""The rows behind each figure of the page, as its reader can download them."""

from gapscope.evaluation.metrics import judged
from gapscope.reporting.page.downloads import table

CLASSES = {"rows": "counts", "weight": "weights", "share": "shares"}
SHARED = ("network", "seed", "iteration")


def figure_data(found: dict, input) -> dict[str, list[dict]]:
    """By figure: records of what it shows.

    Args:
        found: the JSON results by name, and `accuracies`, the rows of the first figure.
        input: the report's input files.
    """
    features = [] if found["diagnosis"]["verdict"]["without"] else found["diagnosis"]["features"]
    curves = table(input.shared_bias_curves)
    history = dict(zip(found["gradients"]["activations"], input.histories))
    return {
        "verdict": [_interval(row, "accuracy", rows=row["name"]) for row in found["accuracies"]],
        "classes": _classes(found["eda"]["classes"]),
        "boxplots": table(input.means),
        "shares": table(input.level_shares),
        "correlation_matrix": table(input.correlations),
        "curves": _history(history, "loss", "train_", "validation_"),
        "layer_gradients": _history(history, "grad_"),
        "depth": table(input.depth_table),
        "saliency_columns": table(input.saliency, lambda row: row["level"] == "column"),
        "saliency_features": table(input.saliency, lambda row: row["level"] == "feature"),
        "gap": _gap(found["metrics"]),
        "confusion": _confusion(found["metrics"]),
        "counterfactual": [_counterfactual(record) for record in features],
        "features": [_feature(record) for record in features],
        "remedies_figure": table(input.mitigations),
        "convergence": [_only(row, *SHARED, "loss", "accuracy") for row in curves],
        "paths": [_only(row, *SHARED, "hidden_path_norm", "output_path_norm", "path_cosine") for row in curves],
    }


def reproduction_data(input, histories: dict[str, dict[str, str]]) -> dict[str, list[dict]]:
    """The same for the page of the reproduction; `histories` by system and network: their paths."""
    columns = ("variant", "seed", "iteration", "loss", "validation_accuracy")
    data = {"preparation": table(input.test_preparation)}
    for name in ("orders", "starts"):
        data[f"{name}_figure"] = [_only(row, *columns) for row in table(input[f"{name}_curves"])]
    for system, own in histories.items():
        data[f"curves_{system}"] = _history(own, "loss", "train_", "validation_")
        data[f"gradients_{system}"] = _history(own, "grad_")
    return data


def _history(paths: dict[str, str], *columns: str) -> list[dict]:
    """By network: the columns that begin so, at every iteration."""
    kept = ("iteration", *columns)
    return [
        {"network": name, **{key: value for key, value in row.items() if key.startswith(kept)}}
        for name, path in paths.items()
        for row in table(path)
    ]


def _classes(found: dict) -> list[dict]:
    return [
        {"class": name, **{key: found[of][name] for key, of in CLASSES.items() if of in found}}
        for name in found["counts"]
    ]


def _gap(metrics: dict) -> list[dict]:
    return [
        _interval(result, "accuracy", network=name, part=part, majority=result["majority_accuracy"])
        for name, results in metrics.items()
        for part, result in results.items()
        if result
    ]


def _confusion(metrics: dict) -> list[dict]:
    part = judged(metrics)
    counted = "weight" if any("effective_rows" in results[part] for results in metrics.values()) else "rows"
    return [
        {"network": name, "part": part, "class": true, "predicted": predicted, counted: rows}
        for name, results in metrics.items()
        for true, row in zip(results[part]["classes"], results[part]["confusion_matrix"])
        for predicted, rows in zip(results[part]["classes"], row)
    ]


def _counterfactual(record: dict) -> dict:
    gain = record["undone"]["gain"] if record["undone"] else None
    return {**_only(record, "feature", "repaired_accuracy", "broken_accuracy"), "gain_when_undone": gain}


def _feature(record: dict) -> dict:
    row = {"feature": record["feature"]}
    for key in ("information_validation", "information_test", "gap_share"):
        low, high = record[f"{key}_interval"]
        row |= {key: record[key], f"{key}_low": low, f"{key}_high": high}
    return row


def _interval(record: dict, key: str, **before) -> dict:
    """A figure and the ends of its interval, which may be unknown."""
    interval = record.get(f"{key}_interval") or record.get("interval") or (None, None)
    return {**before, key: record[key], f"{key}_low": interval[0], f"{key}_high": interval[1]}


def _only(row: dict, *keys: str) -> dict:
    return {key: row[key] for key in keys}
