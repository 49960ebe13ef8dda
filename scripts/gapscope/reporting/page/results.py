"""The stages' results, reshaped for the page's tables."""

import csv
from collections.abc import Iterable

from gapscope.common.cells import bare
from gapscope.evaluation.depth import summary
from gapscope.network import model


def read_rows(path: str, *figures: str) -> list[dict]:
    """The rows of a CSV as texts, the columns `figures` as numbers or None. A category named "NA" stays a text."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = bare_rows(file)
    return [{**row, **{name: float(row[name]) if row[name] else None for name in figures}} for row in rows]


def bare_rows(file) -> list[dict[str, str]]:
    """The rows of an open CSV as texts, names and cells as they were before `cells.inert`."""
    header, *rows = ([bare(cell) for cell in row] for row in csv.reader(file))
    return [dict(zip(header, row)) for row in rows]


def means_table(path: str) -> dict[str, dict[str, dict]]:
    """eda/means_by_class.csv as feature -> class -> its figures."""
    table: dict[str, dict[str, dict]] = {}
    for row in read_rows(path, "rows", "mean", "std", "median"):
        table.setdefault(row["feature"], {})[row["class"]] = row
    return table


def correlation_table(path: str) -> dict[str, list[float | None]]:
    """eda/correlation.csv as column -> its correlations, in the order of the columns."""
    with open(path, encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return {bare(row[0]): [float(value) if value else None for value in row[1:-1]] for row in rows}


def network_records(paths: Iterable[str]) -> list[dict]:
    """One record per trained network: name, activation, training settings, units of each layer, parameters."""
    records = []
    for path in paths:
        trained = model.load(path)
        network = trained.network
        records.append(
            {
                "name": network.activation.name,
                "activation": network.activation,
                "settings": trained.description["settings"],
                "diverged": trained.description["diverged"],
                "units": network.units,
                "parameters": sum(array.size for array in network.parameters),
            }
        )
    return records


def layer_names(gradients: dict) -> list[str]:
    """A heading for each layer of the networks, which all have the same number of layers."""
    layers = len(next(iter(gradients["activations"].values()))["layers"])
    return [f"Layer {place}" for place in range(1, layers)] + [f"Layer {layers} (output)"]


def depth_records(path: str) -> list[dict]:
    """depth_sweep/table.csv summed up: one record per initialisation and activation."""
    texts = ("initialisation", "activation", "data_source")
    return summary(
        [{name: row[name] if name in texts else float(row[name] or "nan") for name in row} for row in read_rows(path)]
    )


def check_records(gradients: dict) -> list[dict]:
    """Of each network's gradient check: its figures, and the direction in which they lie furthest apart, or None."""
    return [
        {
            "name": name,
            **found["check"],
            "worst": max(found["check"]["directions"], key=lambda one: one["relative_difference"], default=None),
        }
        for name, found in gradients["activations"].items()
    ]


def scaled_columns(encoding: dict, scaling: dict) -> list[dict]:
    """Name, mean and deviation of each encoded column that is scaled."""
    columns = zip(encoding["columns"], scaling["mean"], scaling["deviation"])
    return [
        {"name": column["name"], "mean": mean, "deviation": deviation}
        for column, mean, deviation in columns
        if (mean, deviation) != (0.0, 1.0)
    ]


def next_step(mitigations: list[dict]) -> dict | None:
    """The remedy that follows from the verdict, beside the baseline; None if none was recommended."""
    following = [row for row in mitigations if row["recommended"] == "yes"]
    baseline = next(row for row in mitigations if row["mitigation"] == "baseline")
    return {"remedy": following[0], "baseline": baseline} if following else None


def shown_repair(diagnosis: dict) -> dict | None:
    """The counterfactual figures of the one feature that the verdict names, or None."""
    blamed = diagnosis["verdict"]["features"]
    return next((record for record in diagnosis["features"] if [record["feature"]] == blamed), None)
