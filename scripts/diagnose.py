"""diagnose: what the gap between validation and test accuracy comes from."""

import pandas as pd

from gapscope.analysis.diagnosis import Sets, diagnose
from gapscope.files import read_array, read_json, write_json
from gapscope.network import model
from gapscope.network.steps import Part
from gapscope.plots import diagnosis as plots
from gapscope.plots.saving import write_figure
from gapscope.stage import log, run
from gapscope.tables.encode import columns_of, feature_groups


def main(input, output, settings):
    source, metrics = settings["data"]["source"], read_json(input.metrics)
    activation = settings["diagnose"]["activation"]
    if activation == "best":
        activation = max(metrics, key=lambda name: metrics[name]["validation"]["accuracy"])
    trained = model.load(next(path for path in input.models if path.endswith(f"/{activation}.npz")))
    encoding, cleaning = read_json(input.encoding), read_json(input.cleaning)
    train_table, test_table = pd.read_parquet(input.train), pd.read_parquet(input.test)
    sets = Sets(
        Part(read_array(input.training_X), read_array(input.training_y)),
        Part(read_array(input.validation_X), read_array(input.validation_y)),
        Part(model.test_matrix(trained, read_array(input.test_X), settings["test_eval"]), read_array(input.test_y)),
        train_table.iloc[read_array(input.validation_rows)].reset_index(drop=True),
        test_table,
    )
    rows = len(test_table)
    other = {
        "unseen_rows": max((sum(levels.values()) for levels in encoding["unseen_levels"].values()), default=0) / rows,
        "shared_rows": cleaning["test_rows_also_in_train"] / rows,
    }
    found = diagnose(
        trained.network,
        sets,
        feature_groups(columns_of(encoding)),
        settings["data"]["target"],
        settings["diagnose"],
        other,
    )
    write_json(output.diagnosis, {"source": source, "activation": activation, **found})
    write_figure(output.counterfactual, plots.counterfactual(found, source))
    write_figure(output.features, plots.features(found, source))
    log.info("%s: %s", found["verdict"]["kind"], found["verdict"]["sentence"])


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
