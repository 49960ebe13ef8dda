"""Page of the reproduction, and the report's section on a sweep."""

from pathlib import Path

from gapscope.common.files import read_json
from gapscope.reporting.page.downloads import csv_rows, network_histories, only
from gapscope.reporting.page.rendering import numbered, render
from gapscope.reporting.page.results import read_rows

TRAINED = 0.6  # validation accuracy from which a network counts as trained; the largest class has 0.56
SWEEP_ROWS = 15  # points in the sweep's table
SWEEP_NUMBERS = ("validation_accuracy", "validation_accuracy_low", "validation_accuracy_high", "validation_macro_f1")
SWEEP_NUMBERS += ("behind_winner", "behind_winner_low", "behind_winner_high", "gigaflop")


def reproduction_page(table, claims: list[dict], variants: dict, preparations, figures: dict, data: dict) -> str:
    """HTML of the page that compares published figures with ours, with two studies that explain differences.

    Parameters
    ----------
    table, claims
        Published figures and claims, as `comparison` and `settled` give them.
    variants, preparations
        pandas tables of the two studies; the first by system.
    figures, data
        Paths of the figures in the order of the page, and links to their data, by name.
    """
    first, second = (preparations[preparations["network"] == name] for name in ("first", "second"))
    by_preparation = second.groupby(["scaling", "columns"], sort=False)["test_accuracy"]
    summary = by_preparation.agg(mean="mean", least="min", most="max")
    context = {
        "systems": [_system(name, rows) for name, rows in table.groupby("system")],
        "claims": claims,
        "variants": {system: _variants(rows) for system, rows in variants.items()},
        "seeds": second["seed"].nunique(),
        "preparations": summary.reset_index().to_dict("records"),
        "scaled": summary.loc[("fitted", "as trained"), "mean"],
        "first": {(row.columns, row.scaling): row.test_accuracy for row in first.itertuples()},
        "figures": numbered(figures),
        "downloads": data,
    }
    return render("reproduction.html.j2", context)


def _system(name: str, rows) -> dict:
    """Rows of a system's table; ours has two more decimals than were published, unless these are whole numbers."""
    decimals = rows["published"].str.partition(".")[2].str.len()
    shown = [f"{ours:.{places + 2 if places else 0}f}" for ours, places in zip(rows["ours"], decimals)]
    return {"name": name, "rows": rows.assign(ours=shown).to_dict("records"), "equal": int(rows["equal"].sum())}


def _variants(table) -> list[dict]:
    """One record per variant: number of seeds, range of their accuracies, and how many did not train."""
    summary = table.groupby("variant", sort=False).agg(
        activation=("activation", "first"),
        seeds=("seed", "size"),
        every=("every", "first"),
        loss=("loss", "median"),
        training=("training_accuracy", "median"),
        validation=("validation_accuracy", "median"),
        least=("validation_accuracy", "min"),
        most=("validation_accuracy", "max"),
        untrained=("validation_accuracy", lambda accuracy: (accuracy < TRAINED).sum()),
    )
    return summary.rename_axis("name").reset_index().to_dict("records")


def reproduction_data(input, histories: dict[str, dict[str, str]]) -> dict[str, list[dict]]:
    """Rows behind each figure of the page; `histories` has each network's path by system and network."""
    columns = ("variant", "seed", "iteration", "loss", "validation_accuracy")
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
