"""variants: a published system's network with one thing changed, over one or several seeds, with the curve of each."""

from gapscope.stage import log, run

import pandas as pd

from gapscope.files import write_csv
from gapscope.network.part import Part
from gapscope.network.training import train
from gapscope.parts import in_memory, part
from gapscope.plots.reproduction import curves_by_variant
from gapscope.plots.saving import write_figure
from gapscope.settings import training_settings


def main(input, output, settings):
    parts = [in_memory(part(input, name)) for name in ("training", "validation")]
    n_classes, rows = int(parts[0].y.max()) + 1, []
    for variant in settings["variants"]:
        for seed in variant.get("seeds", [settings["train"]["seed"]]):
            own = training_settings(settings["train"], variant["activation"], {**variant["change"], "seed": seed})
            if variant["change"]:
                states = trained([thinned(part, variant.get("every", 1)) for part in parts], n_classes, own)
            else:
                states = pd.read_csv(input[f"history_{variant['activation']}"], float_precision="round_trip")
            rows.append(described(variant, own, states))
            last = states.iloc[-1]
            log.info(
                "%s, seed %d: training %.4f, validation %.4f",
                variant["name"],
                seed,
                last["train_accuracy"],
                last["validation_accuracy"],
            )
    curves = pd.concat(rows, ignore_index=True)
    last = curves.groupby(["variant", "seed"], sort=False).tail(1)
    write_csv(output.curves, curves, "download")
    write_csv(output.table, last.reset_index(drop=True), "download")
    write_figure(output.figure, curves_by_variant(curves, [v["name"] for v in settings["variants"] if "seeds" in v]))


def thinned(part: Part, every: int) -> Part:
    return Part(part.X[::every], part.y[::every])


def trained(parts: list[Part], n_classes: int, own: dict) -> pd.DataFrame:
    """The record of every iteration of a training on the first part."""
    records = []
    train(*parts, n_classes, own, records.append)
    return pd.DataFrame(map(vars, records))


def described(variant: dict, own: dict, states: pd.DataFrame) -> pd.DataFrame:
    """The curve of one run, with what sets it apart from the others."""
    names = ("activation", "seed", "update_order", "blas_threads", "initialisation", "weight_scale")
    columns = ["iteration", "loss", "training_accuracy", "validation_accuracy"]
    curve = states.rename(columns={"train_accuracy": "training_accuracy"})[columns]
    return pd.concat(
        [pd.DataFrame({"variant": variant["name"], **{name: own[name] for name in names}}, index=curve.index), curve],
        axis=1,
    )


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
