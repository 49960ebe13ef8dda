"""The page of the reproduction: every published figure beside ours, and the two studies that go with them."""

import pandas as pd

from gapscope.reporting.page.rendering import numbered, render

MAJORITY = 0.6  # validation accuracy up to which a network counts as not trained; the largest class has 0.56


def page(
    table: pd.DataFrame,
    claims: list[dict],
    variants: dict[str, pd.DataFrame],
    preparations: pd.DataFrame,
    figures: dict[str, str],
    data: dict[str, str],
) -> str:
    """HTML from the comparison, the settled claims, the studies' tables, the figures' paths in the page's order, and
    the addresses of their data."""
    seeded = preparations[preparations["network"] == "second"]
    return render(
        "reproduction.html.j2",
        {
            "systems": [_system(name, part) for name, part in table.groupby("system")],
            "claims": claims,
            "started": int(
                (variants["25280072"].query("variant == 'Xavier weights'")["validation_accuracy"] > 0.56).sum()
            ),
            "variants": {system: _variants(part) for system, part in variants.items()},
            "seeds": seeded["seed"].nunique(),
            "preparations": _summary(seeded),
            "scaled": seeded.loc[
                (seeded["scaling"] == "fitted") & (seeded["columns"] == "as trained"), "test_accuracy"
            ].mean(),
            "first": _first_network(preparations[preparations["network"] == "first"]),
            "figures": numbered(figures),
            "downloads": data,
        },
    )


def _system(name: str, part: pd.DataFrame) -> dict:
    rows = part.assign(ours=[_shown(row.ours, row.published) for row in part.itertuples()])
    return {"name": name, "rows": rows.to_dict("records"), "equal": int(part["equal"].sum())}


def _shown(ours: float, published: str) -> str:
    """Two more decimals than were published; whole numbers as they are."""
    decimals = len(published.partition(".")[2])
    return f"{ours:.{decimals + 2}f}" if decimals else f"{ours:.0f}"


def _variants(table: pd.DataFrame) -> list[dict]:
    """One record per variant: how many seeds, the range of their accuracies, and how many did not train."""
    records = []
    for name, part in table.groupby("variant", sort=False):
        accuracy = part["validation_accuracy"]
        records.append(
            {
                "name": name,
                "activation": part["activation"].iloc[0],
                "seeds": len(part),
                "every": part["every"].iloc[0],
                "training": part["training_accuracy"].median(),
                "validation": accuracy.median(),
                "least": accuracy.min(),
                "most": accuracy.max(),
                "untrained": int((accuracy < MAJORITY).sum()),
            }
        )
    return records


def _summary(seeded: pd.DataFrame) -> list[dict]:
    groups = seeded.groupby(["scaling", "columns"], sort=False)["test_accuracy"]
    return groups.agg(mean="mean", least="min", most="max").reset_index().to_dict("records")


def _first_network(table: pd.DataFrame) -> dict[str, float]:
    """Test accuracies of the first (ReLU, NumPy) network, by columns and scaling."""
    names = {"as trained": "trained", "amenity_score last": "last"}
    return {f"{names[row.columns]}_{row.scaling}": row.test_accuracy for row in table.itertuples()}
