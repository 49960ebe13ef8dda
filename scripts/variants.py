"""variants: a published system's network with one thing changed, over one or several seeds, with the curve of each."""

from gapscope.common.files import read_columns, write_records
from gapscope.common.stage import log, run
from gapscope.config.settings import training_settings
from gapscope.network.partition import Partition, in_memory, read_partition
from gapscope.network.training import train
from gapscope.reporting.plots.style import write_figure
from gapscope.studies.reproduction.plots import curves_by_variant

STATE = {"loss": "loss", "training_accuracy": "train_accuracy", "validation_accuracy": "validation_accuracy"}
SET_APART = ("activation", "seed", "update_order", "blas_threads", "initialisation", "weight_scale")


def main(input, output, settings):
    parts = [in_memory(read_partition(input, name)) for name in ("training", "validation")]
    n_classes, curves, last = int(parts[0].y.max()) + 1, [], []
    for variant in settings["variants"]:
        every = variant.get("every", 1)
        for seed in variant.get("seeds", [settings["train"]["seed"]]):
            own = training_settings(settings["train"], variant["activation"], {**variant["change"], "seed": seed})
            if variant["change"]:
                states = trained([thinned(part, every) for part in parts], n_classes, own)
            else:
                states = read(input[f"history_{variant['activation']}"])
            setting = {"variant": variant["name"], **{name: own[name] for name in SET_APART}, "every": every}
            curves += [{**setting, "iteration": iteration, **state} for iteration, state in enumerate(states)]
            last.append(curves[-1])
            log.info(
                "%s, seed %d: training %.4f, validation %.4f",
                variant["name"],
                seed,
                last[-1]["training_accuracy"],
                last[-1]["validation_accuracy"],
            )
    write_records(output.curves, curves, "download")
    write_records(output.table, last, "download")
    write_figure(output.figure, curves_by_variant(curves, [v["name"] for v in settings["variants"] if "seeds" in v]))


def thinned(part: Partition, every: int) -> Partition:
    return Partition(part.X[::every], part.y[::every])


def trained(parts: list[Partition], n_classes: int, own: dict) -> list[dict]:
    """The states of a training on the first part, from iteration 0 on."""
    records = []
    train(*parts, n_classes, own, records.append)
    return [{name: getattr(record, field) for name, field in STATE.items()} for record in records]


def read(history: str) -> list[dict]:
    """The states of a training that the system's own run has recorded."""
    columns = read_columns(history)
    return [dict(zip(STATE, values)) for values in zip(*(columns[field] for field in STATE.values()))]


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
