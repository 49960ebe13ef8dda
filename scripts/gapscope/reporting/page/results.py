"""The stages' results, reshaped for the page's tables."""

import csv
from collections.abc import Iterable

from gapscope.common.cells import bare
from gapscope.evaluation import depth
from gapscope.evaluation.permutation import JUDGES
from gapscope.network import model
from gapscope.network.activations import ACTIVATIONS
from gapscope.network.training import batch_rows

MEASURED = ("validation_accuracy", "test_accuracy", "test_macro_f1", "cross_validated_accuracy")
MITIGATION_NUMBERS = (*MEASURED, *(f"{name}_sd" for name in MEASURED))
MITIGATION_NUMBERS += ("test_change", "test_change_low", "test_change_high")
METHODS = {
    "winning_probability": "Winning class",
    "loss": "Loss",
    "gradient": "Gradient",
    "integrated_gradients": "Integrated gradients",
    "permutation_validation": "Permutation, validation",
    "permutation_test": "Permutation, test",
}


def read_rows(path: str, *numbers: str) -> list[dict]:
    """The rows of a CSV as texts, the columns `numbers` as numbers or None. A category named "NA" stays a text."""
    rows = bare_rows(path)
    return [{**row, **{name: float(row[name]) if row[name] else None for name in numbers}} for row in rows]


def bare_rows(path: str) -> list[dict[str, str]]:
    """The rows of a CSV as texts, names and cells as they were before `cells.inert`."""
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = ([bare(cell) for cell in row] for row in csv.reader(file))
    return [dict(zip(header, row)) for row in rows]


def tables(results: dict, input) -> dict:
    """Content of the page's tables, by the names that the templates use.

    `results`: content of the stages' JSON files, by name; `input`: the report's input files.
    """
    mitigations = read_rows(input.mitigations, *MITIGATION_NUMBERS)
    return {
        "means": nested(read_rows(input.means, "rows", "mean", "std", "median"), "feature", "class"),
        "correlations": _correlations(input.correlations),
        "confusion": _confusion(results["metrics"]),
        "networks": _networks(input.networks, results["scaling"]["rows"]["training"]),
        "layer_names": _layer_names(results["gradients"]),
        "depth_sweep": _depth_sweep(input.depth_table),
        "saliency": _saliency(input),
        "mitigations": mitigations,
        "step": next_step(mitigations),
        "activations": ACTIVATIONS,
    }


def next_step(mitigations: list[dict]) -> dict | None:
    """The remedy that follows from the verdict, beside what it is compared with; None if none is recommended."""
    by_name = {row["mitigation"]: row for row in mitigations}
    recommended = next((row for row in mitigations if row["recommended"] == "yes"), None)
    return recommended and {"remedy": recommended, "baseline": by_name[recommended["against"]]}


def nested(rows: list[dict], *keys: str) -> dict:
    """Rows by their values of `keys`: dicts within dicts, one level per key."""
    tree: dict = {}
    for row in rows:
        level = tree
        for key in keys[:-1]:
            level = level.setdefault(row[key], {})
        level[row[keys[-1]]] = row
    return tree


def _correlations(path: str) -> dict[str, list[float | None]]:
    """Each column's correlations, in the order of the columns, which may have equal names."""
    with open(path, encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return {bare(row[0]): [float(value) if value else None for value in row[1:-1]] for row in rows}


def _confusion(metrics: dict) -> dict[str, dict[str, list[list[dict]]]]:
    """Rows by true and predicted class, and their share of the true class, of each network on validation and test."""

    def cells(row: list) -> list[dict]:
        return [{"rows": cell, "share": cell / (sum(row) or 1)} for cell in row]

    return {
        name: {part: [*map(cells, parts[part]["confusion_matrix"])] for part in ("validation", "test") if parts[part]}
        for name, parts in metrics.items()
    }


def _networks(paths: Iterable[str], rows: int) -> list[dict]:
    """One record per trained network: name, activation, training settings, units of each layer, parameters.

    `rows`: of the training part, by which an automatic batch size goes.
    """
    return [
        {
            "name": trained.network.activation.name,
            "activation": trained.network.activation,
            "settings": _resolved(trained.description["settings"], rows),
            "diverged": trained.description["diverged"],
            "units": trained.network.units,
            "parameters": sum(array.size for array in trained.network.parameters),
        }
        for trained in map(model.load, paths)
    ]


def _resolved(settings: dict, rows: int) -> dict:
    size = settings["batch_size"]
    return settings if size != "auto" else {**settings, "batch_size": f"auto: {batch_rows(size, rows)}"}


def _layer_names(gradients: dict) -> list[str]:
    """A heading for each layer of the networks, which all have the same number of layers."""
    if not gradients["activations"]:
        return []
    layers = len(next(iter(gradients["activations"].values()))["layers"])
    return [f"Layer {place}" for place in range(1, layers)] + [f"Layer {layers} (output)"]


def _depth_sweep(path: str) -> list[dict]:
    """One record per initialisation and activation."""
    texts = {"initialisation", "activation", "data_source"}
    rows = [
        {name: cell if name in texts else float(cell or "nan") for name, cell in row.items()} for row in read_rows(path)
    ]
    return depth.summary(rows)


def _saliency(input) -> dict:
    """The tables of the section on attribution."""
    rows = read_rows(input.saliency, "importance", "rank", "rows", "standard_error")
    of_features = [row for row in rows if row["level"] == "feature"]
    methods = {row["method"] for row in of_features}
    judges = [name for name in JUDGES if name in methods]  # without test labels there is one less
    completeness = ("rows", "steps", "mean_error", "largest_error", "mean_output_difference")
    return {
        "names": METHODS,
        "permuted": judges,
        "judges": [METHODS[name] for name in judges],
        "features": _feature_tables(of_features),
        "agreement": nested(read_rows(input.agreement, "spearman"), "activation", "method", "judge"),
        "completeness": read_rows(input.completeness, *completeness),
    }


def _feature_tables(rows: list[dict]) -> dict[str, dict]:
    """For each network, the names of its methods, and each feature's row by method.

    Features stand in falling order of permutation importance, or of the first method without it.
    """
    tables = {}
    for network, features in nested(rows, "activation", "feature", "method").items():
        methods = {name: METHODS[name] for name in next(iter(features.values()))}
        judge = next(name for name in (*JUDGES, *methods) if name in methods)
        ranked = sorted(features.items(), key=lambda item: item[1][judge]["rank"])  # noqa: B023
        tables[network] = {"methods": methods, "features": dict(ranked)}
    return tables
