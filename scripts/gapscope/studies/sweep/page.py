"""The report's section on a sweep, if there is one."""

from pathlib import Path

from gapscope.common.files import read_json
from gapscope.reporting.page.downloads import csv_rows
from gapscope.reporting.page.results import read_rows

SHOWN = 15  # points in the table
NUMBERS = ("validation_accuracy", "validation_accuracy_low", "validation_accuracy_high", "validation_macro_f1")
NUMBERS += ("behind_winner", "behind_winner_low", "behind_winner_high", "gigaflop")


def section(input) -> dict | None:
    """Content of the section, from the report's input files; None without a sweep."""
    if not input.get("sweep"):
        return None
    shares = {row["setting"]: row["share"] for row in read_rows(input.sweep_knobs, "share")}
    return {
        **read_json(input.sweep),
        "rows": read_rows(input.sweep_table, *NUMBERS)[:SHOWN],
        "shares": dict(sorted(shares.items(), key=lambda item: -item[1])),
        "overlay": Path(input.sweep_winner).read_text(encoding="utf-8"),
    }


def figure_data(input) -> dict[str, list[dict]]:
    """The rows behind each of the section's figures."""
    if not input.get("sweep"):
        return {}
    rows = csv_rows(input.sweep_table)
    return {"sweep_best": rows[:SHOWN], "sweep_sensitivity": csv_rows(input.sweep_knobs), "sweep_cost": rows}
