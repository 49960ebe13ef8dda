"""sweep: compare all points in a table and figures, and write the winner's settings as a config overlay."""

from pathlib import Path

from gapscope.common.errors import UserError
from gapscope.common.files import read_json, write_json, write_records, write_text
from gapscope.common.stage import log, run
from gapscope.reporting.plots.style import write_figure
from gapscope.studies.sweep import plots
from gapscope.studies.sweep.comparison import effects, luck, networks_table, ranked
from gapscope.studies.sweep.settings import overlay_text


def main(input, output, settings):
    points, source = settings["points"], settings["data"]["source"]
    if not points:
        raise UserError("config: sweep.grid and sweep.table are empty; write what to sweep, as docs/sweeps.md says.")
    results = [result for path in input.results for result in read_json(path)["points"]]
    results.sort(key=lambda result: result["number"])
    knobs = list(dict.fromkeys(key for point in points for key in point))
    table = ranked(results, points, settings["sweep"]["confidence"])
    shares = effects(table, knobs)
    write_records(output.table, table, source)
    write_records(output.networks, networks_table(results, points), source)
    write_records(output.knobs, shares, source)
    number = table[0]["point"]
    as_good = sum(row["as_good_as_winner"] in ("winner", "yes") for row in table)
    facts = {"source": source, "points": len(points), "knobs": knobs, "luck": luck(results), "as_good": as_good}
    write_json(output.summary, {**facts, **settings["sweep"], "winner": number, "settings": points[number - 1]})
    write_text(output.winner, overlay_text(points[number - 1], settings["train"]))
    write_figure(output.best, plots.best(table, knobs, source))
    write_figure(output.sensitivity, plots.sensitivity(table, shares, source))
    write_figure(output.cost, plots.cost(table, source))
    log.info("point %d of %d: validation accuracy %.4f", number, len(points), table[0]["validation_accuracy"])
    folder = Path(input.results[0]).parent.parent / "points"
    unused = {path.name for path in folder.glob("*.json")} - {row["file"] for row in table}
    if unused:
        log.info("%d files of earlier points stay in %s, in case you go back to them", len(unused), folder)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
