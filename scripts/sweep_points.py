"""sweep_points_<batch>: points of a sweep, each trained over its seeds and folds unless its result is there already."""

from gapscope.common.stage import log, run

import time
from pathlib import Path

import numpy as np

from gapscope.common.files import read_array, read_json, write_json
from gapscope.common.memory import sha256
from gapscope.common.progress import Progress
from gapscope.data.encode import columns_of
from gapscope.network.stored import StoredRows
from gapscope.studies.sweep.points import Table, judged
from gapscope.studies.sweep.store import Store, key_of

SHARED = ("code", "encoding", "seeds", "folds", "data")


def main(input, output, settings):
    store = Store(Path(output.results).parent.parent / "points")
    data, table = [sha256(path) for path in input], None
    shared = {name: settings[name] for name in SHARED}
    n_classes, results, new = len(settings["data"]["classes"]), [], 0
    computing = 0.0
    progress = Progress(len(settings["points"]), log.info)
    for point in settings["points"]:
        key = key_of(shared, data, point["split"], point["train"])
        found = store.read(key)
        if found is None:
            table = table_of(input, point["split"], table)
            start = time.process_time()
            found = judged(table, point["train"], settings["seeds"], settings["folds"], n_classes)
            computing += time.process_time() - start
            store.write(key, found)
            new += 1
        results.append({"number": point["number"], "file": f"{key}.json", **found})
        progress(f"point {point['number']}")
    write_json(output.results, {"source": settings["data"]["source"], "points": results})
    log.info("%d points: %d trained now, %d taken from earlier runs", len(results), new, len(results) - new)
    log.debug("%.2f s of processor time on training and judging points", computing)


def table_of(input, split: dict, last: Table | None) -> Table:
    """The table cut by `split`: `last` again, if it is; its arrays in any case."""
    if last is None:
        numeric = np.array([column.level is None for column in columns_of(read_json(input.encoding))])
        beside = [read_array(input[name]) if input.get(name) else None for name in ("train_groups", "train_weights")]
        return Table(StoredRows(input.X), read_array(input.y), numeric, split, *beside)
    return last if last.split == split else Table(last.X, last.y, last.numeric, split, last.groups, last.weights)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
