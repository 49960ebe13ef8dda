"""timings: show the time of each job in the last run, on the graph of the stages and as a table."""

from pathlib import Path

from gapscope.common.errors import UserError
from gapscope.common.files import write_text
from gapscope.common.stage import log, run
from gapscope.reporting.page import downloads, stages, timings
from gapscope.reporting.page.rendering import render


def main(input, output, settings):
    reads, logs = settings["stages"], Path(output.page).parent
    times = timings.times(logs, list(reads))
    job, longest = next(iter(times.items()))
    if longest.wall_seconds is None:
        raise UserError(
            f"{logs}: no stage has left its time in a log there; `snakemake --forceall timings` makes and times all "
            "results anew."
        )
    table = downloads.csv_text(timings.records(times))
    write_text(output.table, table)
    context = {
        "times": times,
        "drawing": stages.drawing(reads, timings.notes(reads, times)),
        "machine": timings.machine(),
        "downloads": {"timings": downloads.uri(table, "csv")},
    }
    write_text(output.page, render("timings.html.j2", context))
    log.info("%s took longest: %.1f s", job, longest.wall_seconds)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
