"""Content of the reproduction's page, and of the report's section on a sweep."""

from pathlib import Path

from gapscope.common.files import read_json
from gapscope.reporting.page.downloads import csv_rows, network_histories, only
from gapscope.reporting.page.results import read_rows

TRAINED = 0.6  # validation accuracy from which a network counts as trained; the largest class has 0.56
SWEEP_ROWS = 15  # points in the sweep's table
SWEEP_NUMBERS = ("validation_accuracy", "validation_accuracy_low", "validation_accuracy_high", "validation_macro_f1")
SWEEP_NUMBERS += ("behind_winner", "behind_winner_low", "behind_winner_high", "gigaflop")


def reproduction(table, claims: list[dict], variants: dict, preparations) -> dict:
    """Content of the page that compares published figures with ours, by the names that its template uses.

    `table` and `claims` are what `comparison` and `settled` give, `variants` (by system) and `preparations` are pandas
    tables of the two studies.
    """
    first, second = (preparations[preparations["network"] == name] for name in ("first", "second"))
    by_preparation = second.groupby(["scaling", "columns"], sort=False)["test_accuracy"]
    summary = by_preparation.agg(mean="mean", least="min", most="max")
    places = table["published"].str.partition(".")[2].str.len()
    table = table.assign(decimals=places.where(places == 0, places + 2))  # two more than were published, of fractions
    return {
        "systems": {name: rows.to_dict("records") for name, rows in table.groupby("system")},
        "equal": table.groupby("system")["equal"].sum().to_dict(),
        "claims": claims,
        "variants": {system: _variants(rows) for system, rows in variants.items()},
        "seeds": second["seed"].nunique(),
        "preparations": summary.reset_index().to_dict("records"),
        "as_trained": summary["mean"].xs("as trained", level="columns").to_dict(),
        "first": {(row.columns, row.scaling): row.test_accuracy for row in first.itertuples()},
    }


def _variants(table) -> dict[str, dict]:
    """Each variant's number of seeds, medians and range of its figures, and how many networks were trained."""
    summary = table.groupby("variant", sort=False).agg(
        activation=("activation", "first"),
        seeds=("seed", "size"),
        every=("every", "first"),
        loss=("loss", "median"),
        validation_loss=("validation_loss", "median"),
        training=("training_accuracy", "median"),
        validation=("validation_accuracy", "median"),
        least=("validation_accuracy", "min"),
        most=("validation_accuracy", "max"),
        trained=("validation_accuracy", lambda accuracy: (accuracy >= TRAINED).sum()),
    )
    return summary.to_dict("index")


def reproduction_data(input, histories: dict[str, dict[str, str]]) -> dict[str, list[dict]]:
    """Rows behind each figure of the page; `histories` has each network's path by system and network."""
    columns = ("variant", "seed", "iteration", "loss", "validation_loss", "validation_accuracy")
    data = {"preparation": csv_rows(input.test_preparation)}
    for name in ("orders", "starts"):
        data[f"{name}_figure"] = [only(row, *columns) for row in csv_rows(input[f"{name}_curves"])]
    for system, paths in histories.items():
        data[f"curves_{system}"] = network_histories(paths, "loss", "train_", "validation_")
        data[f"gradients_{system}"] = network_histories(paths, "grad_")
    return data


def sweep_section(input) -> dict | None:
    """Content of the section, from the report's input files; None without a sweep."""
    if not input.get("sweep"):
        return None
    shares = {row["setting"]: row["share"] for row in read_rows(input.sweep_knobs, "share")}
    return {
        **read_json(input.sweep),
        "rows": read_rows(input.sweep_table, *SWEEP_NUMBERS)[:SWEEP_ROWS],
        "shares": dict(sorted(shares.items(), key=lambda item: -item[1])),
        "overlay": Path(input.sweep_winner).read_text(encoding="utf-8"),
    }


def sweep_data(input) -> dict[str, list[dict]]:
    """Rows behind each of the section's figures."""
    if not input.get("sweep"):
        return {}
    rows = csv_rows(input.sweep_table)
    return {"sweep_best": rows[:SWEEP_ROWS], "sweep_sensitivity": csv_rows(input.sweep_knobs), "sweep_cost": rows}
