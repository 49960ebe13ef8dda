"""The page of the reproduction: every published figure beside ours, and the two studies that explain some of them."""

import pandas as pd

from gapscope.reporting.page.rendering import numbered, render

MAJORITY = 0.6  # validation accuracy up to which a network counts as not trained; the largest class has 0.56
COLUMNS = {"as trained": "trained", "amenity_score last": "last"}  # as the template names them


def page(
    table: pd.DataFrame,
    claims: list[dict],
    variants: dict[str, pd.DataFrame],
    preparations: pd.DataFrame,
    figures: dict[str, str],
    data: dict[str, str],
) -> str:
    """HTML of the page.

    Parameters
    ----------
    table, claims
        Published figures and claims, as `figures.comparison` and `figures.settled` give them.
    variants, preparations
        Tables of the two studies; the first by system.
    figures, data
        Paths of the figures in the order of the page, and links to their data, by name.
    """
    first, second = (preparations[preparations["network"] == name] for name in ("first", "second"))
    by_preparation = second.groupby(["scaling", "columns"], sort=False)["test_accuracy"]
    summary = by_preparation.agg(mean="mean", least="min", most="max")
    context = {
        "systems": [_system(name, rows) for name, rows in table.groupby("system")],
        "claims": claims,
        "started": int((variants["25280072"].query("variant == 'Xavier weights'")["validation_accuracy"] > 0.56).sum()),
        "variants": {system: _variants(rows) for system, rows in variants.items()},
        "seeds": second["seed"].nunique(),
        "preparations": summary.reset_index().to_dict("records"),
        "scaled": summary.loc[("fitted", "as trained"), "mean"],
        "first": {f"{COLUMNS[row.columns]}_{row.scaling}": row.test_accuracy for row in first.itertuples()},
        "figures": numbered(figures),
        "downloads": data,
    }
    return render("reproduction.html.j2", context)


def _system(name: str, rows: pd.DataFrame) -> dict:
    shown = rows.assign(ours=[_shown(row.ours, row.published) for row in rows.itertuples()])
    return {"name": name, "rows": shown.to_dict("records"), "equal": int(rows["equal"].sum())}


def _shown(ours: float, published: str) -> str:
    """Two more decimals than were published; whole numbers as they are."""
    decimals = len(published.partition(".")[2])
    return f"{ours:.{decimals + 2}f}" if decimals else f"{ours:.0f}"


def _variants(table: pd.DataFrame) -> list[dict]:
    """One record per variant: number of seeds, range of their accuracies, and how many did not train."""
    summary = table.groupby("variant", sort=False).agg(
        activation=("activation", "first"),
        seeds=("seed", "size"),
        every=("every", "first"),
        training=("training_accuracy", "median"),
        validation=("validation_accuracy", "median"),
        least=("validation_accuracy", "min"),
        most=("validation_accuracy", "max"),
        untrained=("validation_accuracy", lambda accuracy: (accuracy < MAJORITY).sum()),
    )
    return summary.rename_axis("name").reset_index().to_dict("records")
