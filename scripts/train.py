"""train_<activation>: train a multilayer perceptron, or an ensemble of several, and record each iteration."""

import numpy as np

from gapscope.common.errors import UserError
from gapscope.common.files import read_json, whole, write_records
from gapscope.common.progress import Progress
from gapscope.common.stage import log, run
from gapscope.network.mlp import combined
from gapscope.network.model import Model, save
from gapscope.network.partition import read_partition
from gapscope.network.training import member_seeds, train_together

WORDS = "iteration {iteration} of {of}: loss {loss:.4f}, accuracy {train_accuracy:.4f} on training rows, "
WORDS += "{validation_accuracy:.4f} on validation rows"


def main(input, output, settings):
    training, validation = read_partition(input, "training"), read_partition(input, "validation")
    seeds, iterations = member_seeds(settings["train"]), settings["train"]["iterations"]
    records, diverged = {seed: [] for seed in seeds}, {}
    progress = Progress((iterations + 1) * len(seeds), log.info)

    def watch(seed, record):
        records[seed].append(record)
        progress(named(seed, record))

    def named(seed, record) -> str:
        member = f"seed {seed}, " if len(seeds) > 1 else ""
        return member + WORDS.format(of=iterations, **record)

    n_classes = len(settings["data"]["classes"])
    networks = train_together(training, validation, n_classes, settings["train"], seeds, watch, diverged.__setitem__)
    if not all(records.values()):
        raise UserError(
            "the network's loss is not finite before the first iteration; scale the features "
            "(split.scale.columns: all) or choose smaller start weights (train.initialisation, train.weight_scale)."
        )
    for seed, of_seed in records.items():
        log.info(named(seed, of_seed[-1]))
    for seed, iteration in diverged.items():
        log.warning(
            "seed %d diverged after iteration %d, whose network is kept; lower the learning rate", seed, iteration
        )
    log.debug("%.2g rows/s", len(training.y) * sum(len(of_seed) - 1 for of_seed in records.values()) / progress.spent)
    write_records(output.history, mean_history(list(records.values())), settings["data"]["source"])
    with whole(output.model) as temporary, temporary.open("wb") as file:
        save(file, model(combined(networks), diverged, input, settings))


def mean_history(each: list[list[dict]]) -> list[dict]:
    """The members' mean history; each iteration's mean is over the members that were still training."""
    means = []
    for iteration in range(max(map(len, each))):
        rows = [records[iteration] for records in each if iteration < len(records)]
        means.append({name: sum(row[name] for row in rows) / len(rows) for name in rows[0]} | {"iteration": iteration})
    return means


def model(network, diverged, input, settings) -> Model:
    """The network with all that prediction needs."""
    encoding, scaling, cleaning = (read_json(input[name]) for name in ("encoding", "scaling", "cleaning"))
    description = {
        **{name: settings["data"][name] for name in ("classes", "target", "source")},
        "columns": encoding["columns"],
        "imputation": cleaning["imputation"]["train"],
        "reading": cleaning["reading"],
        "settings": settings["train"],
        "diverged": {str(seed): iteration for seed, iteration in sorted(diverged.items())},
    }
    return Model(network, np.array(scaling["mean"]), np.array(scaling["deviation"]), description)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
