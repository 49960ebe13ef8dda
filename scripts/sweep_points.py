"""sweep_points_<batch>: train points of a sweep for all seeds and folds, unless there already is a result."""

from functools import partial
from pathlib import Path

from gapscope.common.files import write_json
from gapscope.common.fingerprint import sha256
from gapscope.common.progress import Progress
from gapscope.common.stage import log, run
from gapscope.studies.sweep.points import encoded_table, point_results


def main(input, output, settings):
    folder, data = Path(output.results).parent.parent / "points", [sha256(path) for path in input]
    progress, results, seconds = Progress(len(settings["points"]), log.info), [], []
    load = partial(encoded_table, input, folds=settings["folds"])
    for result, spent in point_results(settings, folder, data, load):
        results.append(result)
        seconds += [] if spent is None else [spent]
        progress(f"point {result['number']}")
    write_json(output.results, {"source": settings["data"]["source"], "points": results})
    new = len(seconds)
    log.info("%d points: %d trained now, %d taken from earlier runs", len(results), new, len(results) - new)
    log.debug("%.2f s of processor time on training and judging points", sum(seconds))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
