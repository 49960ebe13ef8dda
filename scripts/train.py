"""train_<activation>: a multilayer perceptron, or several as an ensemble, trained with a record of every iteration."""

import time

import numpy as np

from gapscope.errors import UserError
from gapscope.files import read_array, read_json, whole, write_records
from gapscope.network.mlp import combined
from gapscope.network.model import Model, save
from gapscope.network.steps import Part
from gapscope.network.training import member_seeds, train_together
from gapscope.stage import log, run


def main(input, output, settings):
    training = Part(read_array(input.training_X), read_array(input.training_y))
    validation = Part(read_array(input.validation_X), read_array(input.validation_y))
    seeds, iterations = member_seeds(settings["train"]), settings["train"]["iterations"]
    records = {seed: [] for seed in seeds}
    progress = {
        seed: Progress(iterations, len(training.y), f"seed {seed}, " if len(seeds) > 1 else "") for seed in seeds
    }
    networks = train_together(
        training,
        validation,
        len(settings["data"]["classes"]),
        settings["train"],
        seeds,
        lambda seed, record: (records[seed].append(record), progress[seed](record)),
    )
    if not all(records.values()):
        raise UserError(
            "the network's loss is not finite before the first iteration; scale the features "
            "(split.scale.columns: all) or choose smaller start weights (train.initialisation, train.weight_scale)."
        )
    for seed, own in records.items():
        if diverged(own, settings["train"]):
            log.warning(
                "seed %d diverged after iteration %d: the last finite weights are kept; try a smaller learning rate",
                seed,
                own[-1].iteration,
            )
    write_records(output.history, mean_history(list(records.values())), settings["data"]["source"])
    with whole(output.model) as temporary, temporary.open("wb") as file:
        save(file, model(combined(networks), input, settings))


def diverged(records, train_settings) -> bool:
    """Whether training ended before its last iteration, and not because early stopping had waited long enough."""
    last, patience = records[-1].iteration, train_settings["early_stopping"]
    best = max(records, key=lambda record: record.validation_accuracy).iteration
    return last < train_settings["iterations"] and not (patience and last + 1 - best >= patience)


def history(records) -> list[dict]:
    """One row per iteration: loss, accuracies, and the mean absolute gradient of each layer's weights."""
    return [
        {
            "iteration": r.iteration,
            "loss": r.loss,
            "train_accuracy": r.train_accuracy,
            "validation_accuracy": r.validation_accuracy,
            **{f"grad_{layer}": value for layer, value in enumerate(r.gradients, 1)},
        }
        for r in records
    ]


def mean_history(each: list[list]) -> list[dict]:
    """The history of one member; of several, at each iteration, the mean over those that were still training."""
    rows = []
    for iteration in range(max(len(records) for records in each)):
        own = history([records[iteration] for records in each if iteration < len(records)])
        rows.append({name: sum(row[name] for row in own) / len(own) for name in own[0]} | {"iteration": iteration})
    return rows


def model(network, input, settings) -> Model:
    encoding, scaling = read_json(input.encoding), read_json(input.scaling)
    description = {
        "classes": settings["data"]["classes"],
        "target": settings["data"]["target"],
        "source": settings["data"]["source"],
        "columns": encoding["columns"],
        "imputation": read_json(input.cleaning)["imputation"]["train"],
        "settings": settings["train"],
    }
    return Model(network, np.array(scaling["mean"]), np.array(scaling["deviation"]), description)


class Progress:
    """Ten lines per training, with its speed and the time that is left."""

    def __init__(self, iterations: int, rows: int, name: str):
        self.name = name
        self.every, self.last, self.rows, self.start = max(1, iterations // 10), iterations, rows, time.monotonic()

    def __call__(self, record) -> None:
        if record.iteration % self.every and record.iteration != self.last:
            return
        spent = time.monotonic() - self.start
        done = record.iteration / spent if record.iteration else float("nan")  # iterations per second
        log.info(
            "%siteration %4d of %d  loss %.4f  accuracy: training %.4f, validation %.4f%s%s",
            self.name,
            record.iteration,
            self.last,
            record.loss,
            record.train_accuracy,
            record.validation_accuracy,
            f"  {done * self.rows:.2g} rows/s" if record.iteration else "",
            f"  {(self.last - record.iteration) / done:.0f} s left" if 0 < record.iteration < self.last else "",
        )


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
