"""diagnose: what the gap between validation and test accuracy comes from."""

from gapscope.stage import log, run

import pandas as pd

from gapscope.analysis.diagnosis import diagnose
from gapscope.analysis.rows import Encoder, Sets
from gapscope.files import read_array, read_json, write_json
from gapscope.network import model
from gapscope.network.steps import Part
from gapscope.plots import diagnosis as plots
from gapscope.plots.saving import write_figure
from gapscope.tables.encode import columns_of


def main(input, output, settings):
    source, metrics, target = settings["data"]["source"], read_json(input.metrics), settings["data"]["target"]
    activation = settings["diagnose"]["activation"]
    if activation == "best":
        activation = max(metrics, key=lambda name: metrics[name]["validation"]["accuracy"])
    trained = model.load(next(path for path in input.models if path.endswith(f"/{activation}.npz")))
    train_table, test_table = pd.read_parquet(input.train), pd.read_parquet(input.test)
    training, validation = (
        train_table.iloc[read_array(input[f"{part}_rows"])].reset_index(drop=True)
        for part in ("training", "validation")
    )
    sets = Sets(
        Part(read_array(input.training_X), read_array(input.training_y)),
        Part(read_array(input.validation_X), read_array(input.validation_y)),
        Part(model.test_matrix(trained, read_array(input.test_X), settings["test_eval"]), read_array(input.test_y)),
        training,
        validation,
        test_table,
    )
    encode = Encoder(columns_of(trained.description), trained.mean, trained.deviation)
    found = diagnose(trained.network, sets, encode, target, settings["diagnose"])
    write_json(output.diagnosis, {"source": source, "activation": activation, **found})
    write_figure(output.counterfactual, plots.counterfactual(found, source))
    write_figure(output.features, plots.features(found, source))
    log.info("%s: %s", found["verdict"]["kind"], " and ".join(found["verdict"]["features"]) or "no feature")
    log.debug(found["verdict"]["sentence"])


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
