"""sweep: all points beside each other in a table and figures, with the winner's settings as a config overlay."""

from gapscope.common.stage import log, run

from itertools import chain
from pathlib import Path

from gapscope.common.errors import UserError
from gapscope.common.files import read_json, write_json, write_records, write_text
from gapscope.reporting.plots.saving import write_figure
from gapscope.studies.sweep.comparison import effects, luck, networks_table, ranked
from gapscope.studies.sweep.overlay import overlay_text
from gapscope.studies.sweep.plots import best, cost, sensitivity


def main(input, output, settings):
    points, source = settings["points"], settings["data"]["source"]
    if not points:
        raise UserError("config: sweep.grid and sweep.table are empty; write what to sweep, as docs/sweeps.md says.")
    results = list(chain.from_iterable(read_json(path)["points"] for path in input.results))
    results.sort(key=lambda result: result["number"])
    knobs = list(dict.fromkeys(key for point in points for key in point))
    table = ranked(results, points, settings["sweep"]["confidence"])
    shares = effects(table, knobs)
    write_records(output.table, table, source)
    write_records(output.networks, networks_table(results, points), source)
    write_records(output.knobs, shares, source)
    winner = table[0]
    as_good = sum(row["as_good_as_winner"] in ("winner", "yes") for row in table)
    found = {"source": source, "points": len(points), "knobs": knobs, "luck": luck(results), "as_good": as_good}
    number = winner["point"]
    write_json(output.summary, {**found, **settings["sweep"], "winner": number, "settings": points[number - 1]})
    write_text(output.winner, overlay_text(points[number - 1], settings["train"]))
    write_figure(output.best, best(table, knobs, source))
    write_figure(output.sensitivity, sensitivity(table, shares, source))
    write_figure(output.cost, cost(table, source))
    log.info("point %d of %d: validation accuracy %.4f", number, len(points), winner["validation_accuracy"])
    unused = unused_files(Path(input.results[0]).parent.parent / "points", {row["file"] for row in table})
    if unused:
        log.info("%d files of earlier points are kept in %s, for going back to them", len(unused), unused[0].parent)


def unused_files(folder: Path, used: set[str]) -> list[Path]:
    return sorted(path for path in folder.glob("*.json") if path.name not in used)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
