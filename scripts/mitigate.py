"""mitigate: each remedy trained over several seeds, on validation and on the test set."""

import numpy as np
import pandas as pd

from gapscope.analysis.evaluation import evaluate
from gapscope.files import read_array, read_json, write_csv
from gapscope.network import model
from gapscope.network.steps import Part
from gapscope.network.training import train_together
from gapscope.settings import training_settings
from gapscope.stage import log, run


def main(input, output, settings):
    mitigate, diagnosis = settings["mitigate"], read_json(input.diagnosis)
    trained = model.load(next(path for path in input.models if path.endswith(f"/{diagnosis['activation']}.npz")))
    sets = {
        part: Part(read_array(input[f"{part}_X"]), read_array(input[f"{part}_y"]))
        for part in ("training", "validation")
    }
    sets["test"] = Part(
        model.test_matrix(trained, read_array(input.test_X), settings["test_eval"]), read_array(input.test_y)
    )
    rows = []
    for name, remedy in mitigate["remedies"].items():
        drop = diagnosis["verdict"]["features"] if remedy.get("drop") == "suspect" else remedy.get("drop", [])
        if remedy.get("drop") and not drop:
            log.info("%s: left out, since the diagnosis names no feature", name)
            continue
        keep = [place for place, column in enumerate(trained.description["columns"]) if column["feature"] not in drop]
        own = {part: Part(rows_.X[:, keep], rows_.y) for part, rows_ in sets.items()}
        change = {**mitigate["train"], **remedy.get("train", {})}
        train_settings = training_settings(settings["train"], diagnosis["activation"], change)
        rows.append(
            {
                "mitigation": name,
                "dropped": ", ".join(drop),
                **over_seeds(own, train_settings, mitigate["seeds"], len(trained.description["classes"])),
            }
        )
        log.info("%s: test accuracy %.4f", name, rows[-1]["test_accuracy"])
    write_csv(output.table, pd.DataFrame(rows), settings["data"]["source"])


def over_seeds(sets: dict[str, Part], train_settings: dict, seeds: list[int], n_classes: int) -> dict:
    """Mean and standard deviation over the seeds of validation and test accuracy and test macro F1."""
    results = []
    for network in train_together(sets["training"], sets["validation"], n_classes, train_settings, seeds):
        scores = {part: evaluate(network, sets[part].X, sets[part].y, 0.95) for part in ("validation", "test")}
        results.append((scores["validation"]["accuracy"], scores["test"]["accuracy"], scores["test"]["macro_f1"]))
    names, figures = ("validation_accuracy", "test_accuracy", "test_macro_f1"), np.array(results)
    deviation = figures.std(axis=0, ddof=1) if len(seeds) > 1 else np.full(3, np.nan)
    return {
        **dict(zip(names, figures.mean(axis=0))),
        **{f"{name}_sd": value for name, value in zip(names, deviation)},
        "seeds": len(seeds),
    }


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
