"""variants: a published system's network with one thing changed, over one or several seeds, with the curve of each."""

import pandas as pd

from gapscope.files import read_array, write_csv
from gapscope.network.steps import Part
from gapscope.network.training import train
from gapscope.plots.reproduction import curves_by_variant
from gapscope.plots.saving import write_figure
from gapscope.settings import training_settings
from gapscope.stage import log, run


def main(input, output, settings):
    training, validation = (
        Part(read_array(input[f"{name}_X"]), read_array(input[f"{name}_y"])) for name in ("training", "validation")
    )
    n_classes, rows = int(training.y.max()) + 1, []
    for variant in settings["variants"]:
        for seed in variant.get("seeds", [settings["train"]["seed"]]):
            change = {**variant["change"], "seed": seed}
            own = training_settings(settings["train"], variant["activation"], change)
            records = []
            train(training, validation, n_classes, own, records.append)
            rows += [record_of(variant, own, record) for record in records]
            log.info(
                "%s, seed %d: training %.4f, validation %.4f",
                variant["name"],
                seed,
                records[-1].train_accuracy,
                records[-1].validation_accuracy,
            )
    curves = pd.DataFrame(rows)
    last = curves.groupby(["variant", "seed"], sort=False).tail(1)
    write_csv(output.curves, curves, "download")
    write_csv(output.table, last.reset_index(drop=True), "download")
    write_figure(output.figure, curves_by_variant(curves, [v["name"] for v in settings["variants"] if "seeds" in v]))


def record_of(variant: dict, own: dict, record) -> dict:
    names = ("activation", "seed", "update_order", "blas_threads", "initialisation", "weight_scale")
    return {
        "variant": variant["name"],
        **{name: own[name] for name in names},
        "iteration": record.iteration,
        "loss": record.loss,
        "training_accuracy": record.train_accuracy,
        "validation_accuracy": record.validation_accuracy,
    }


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
