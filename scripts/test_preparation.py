"""test_preparation: 25280072's two networks, the second over several seeds, by the way the test set is handed over."""

from itertools import product

from gapscope.common.files import read_array, write_records
from gapscope.common.stage import log, run
from gapscope.network import model
from gapscope.network.mlp import predict
from gapscope.network.partition import Partition, in_memory, read_partition
from gapscope.network.training import train_together
from gapscope.reporting.plots.style import write_figure
from gapscope.studies.reproduction.plots import test_preparation


def main(input, output, settings):
    study, prepared = settings["study"], model.load(input.model)
    parts = {name: in_memory(read_partition(input, name)) for name in ("training", "validation")}
    parts["test"] = Partition(read_array(input.test_X), read_array(input.test_y))
    n_classes = len(prepared.description["classes"])
    tests = {
        (scaling, columns): model.test_matrix(
            prepared, parts["test"].X, {"scaling": scaling, "columns_by_position": order}
        )
        for scaling, (columns, order) in product(study["scaling"], study["columns"].items())
    }
    rows = tested("first", prepared.network, prepared.description["settings"]["seed"], tests, parts)
    own = {**settings["train"], **study["train"]}
    networks = train_together(parts["training"], parts["validation"], n_classes, own, study["seeds"])
    for seed, network in zip(study["seeds"], networks):
        rows += tested("second", network, seed, tests, parts)
    write_records(output.table, rows, "download")
    write_figure(output.figure, test_preparation([row for row in rows if row["network"] == "second"]))


def tested(name: str, network, seed: int, tests: dict, parts: dict) -> list[dict]:
    """One record per way of handing the test set over."""
    validation = accuracy(network, parts["validation"].X, parts["validation"].y)
    rows = [
        {
            "network": name,
            "seed": seed,
            "scaling": scaling,
            "columns": columns,
            "validation_accuracy": validation,
            "test_accuracy": accuracy(network, X, parts["test"].y),
        }
        for (scaling, columns), X in tests.items()
    ]
    log.info(
        "%s network, seed %d: validation %.4f, test %s",
        name,
        seed,
        validation,
        [round(row["test_accuracy"], 4) for row in rows],
    )
    return rows


def accuracy(network, X, y) -> float:
    return float((predict(network, X) == y).mean())


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
