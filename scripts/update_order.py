"""update_order: 25280022's sigmoid network, updated in its own order and the correct one, by number of BLAS threads."""

import pandas as pd

from gapscope.files import read_array, write_csv
from gapscope.network.mlp import predict
from gapscope.network.steps import Part
from gapscope.network.training import train
from gapscope.stage import log, run


def main(input, output, settings):
    study = settings["study"]
    parts = {
        name: Part(read_array(input[f"{name}_X"]), read_array(input[f"{name}_y"]))
        for name in ("training", "validation")
    }
    n_classes = int(parts["training"].y.max()) + 1
    rows = []
    for variant in study["variants"]:
        own = {**settings["train"], **variant}
        network = train(parts["training"], parts["validation"], n_classes, own)
        accuracy = {
            f"{name}_accuracy": float((predict(network, part.X) == part.y).mean()) for name, part in parts.items()
        }
        rows.append(
            {**{key: own[key] for key in ("activation", "update_order", "blas_threads", "form", "seed")}, **accuracy}
        )
        log.info("%s: %s", variant, accuracy)
    write_csv(output.table, pd.DataFrame(rows), "download")


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
