"""split: choose training and validation rows, and fit the scaling on the training rows."""

import numpy as np

from gapscope.common.files import read_array, read_json, write_array, write_json
from gapscope.common.stage import log, run
from gapscope.data.encode import columns_of
from gapscope.data.split import fit_scaling, split_rows
from gapscope.network.row_storage import StoredRows


def main(input, output, settings):
    y = read_array(input.y)
    columns = columns_of(read_json(input.encoding))
    groups = read_array(input.train_groups) if input.get("train_groups") else None
    rows = dict(zip(("training", "validation"), split_rows(y, settings["split"], groups)))
    numeric = np.array([column.level is None for column in columns])
    scale = settings["split"]["scale"]
    fitted = StoredRows(input.X, None if scale["fit_on"] == "all_rows" else rows["training"])
    scaling = fit_scaling(fitted, numeric, scale)
    for part, chosen in rows.items():
        write_array(output[f"{part}_y"], y[chosen])
        write_array(output[f"{part}_rows"], chosen)
    write_json(
        output.scaling,
        {
            "source": settings["data"]["source"],
            "fit_on": scale["fit_on"],
            "mean": scaling.mean,
            "deviation": scaling.deviation,
            "rows": {part: len(chosen) for part, chosen in rows.items()},
            "groups": {part: len(np.unique(groups[chosen])) for part, chosen in rows.items()}
            if groups is not None
            else None,
        },
    )
    log.info("%d rows to train on, %d to validate with", len(rows["training"]), len(rows["validation"]))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
