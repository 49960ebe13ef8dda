"""mitigate_<remedy>: train one remedy with several seeds, evaluate it on validation and test rows, cross-validate."""

import numpy as np

from gapscope.common.files import read_json, write_array, write_json
from gapscope.common.stage import log, run
from gapscope.evaluation.trained import explained_model
from gapscope.remedies.comparison import BASELINE
from gapscope.remedies.recommendation import Untried, of_data, words
from gapscope.remedies.trial import change_of, tried
from gapscope.remedies.trial_data import prepared, sampled_partitions


def main(input, output, settings):
    activation, trained = explained_model(input, settings["diagnose"]["activation"])
    diagnosis = read_json(input.diagnosis) if input.get("diagnosis") else None
    record, right = {"source": settings["data"]["source"]}, np.array([])
    partitions, rows, sample = sampled_partitions(input, trained, settings)
    if sample:
        sizes = (f"{size['rows']} of {size['of']} {name}" for name, size in sample.items())
        log.info("rows, drawn at random: %s", ", ".join(sizes))
        record["sample"] = sample
    record["mitigation"] = settings["name"]
    try:
        change = change_of(settings["name"], settings["remedy"], diagnosis)
        if trained.own:
            change, train_settings = of_data(change, activation, trained.own), None
        else:
            network = settings["networks"][change.get("activation", activation)]
            train_settings = {**network, **change.get("train", {})}
        data = prepared(input, partitions, rows, change, trained, settings)
        seeds, folds = settings["mitigate"]["seeds"], settings["mitigate"]["folds"]
        figures, right = tried(data, change, train_settings, seeds, folds, log.info)
    except Untried as reason:
        record["untried"] = str(reason)
        log.info("not tried: %s", reason)
    else:
        record |= {"change": change, **figures}
        judged = "test_accuracy" if figures["test_accuracy"] else "validation_accuracy"
        log.info("%s: %s %.4f", words(change), judged.replace("_", " "), np.mean(figures[judged]))
        if "seed" in figures and settings["name"] == BASELINE:
            log.info("%s ignores the seed: each seed gives the same model, so there is no spread", activation)
        if figures["diverged"]:
            log.warning("%d trainings diverged; the last weights before that are evaluated", figures["diverged"])
    write_json(output.result, record)
    write_array(output.right, right)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
