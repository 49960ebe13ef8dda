"""mitigate_<remedy>: one remedy trained over several seeds and cross-validated, on validation and on the test set."""

import numpy as np

from gapscope.common.files import read_json, write_array, write_json
from gapscope.common.progress import Progress
from gapscope.common.stage import log, run
from gapscope.evaluation.metrics import explained_model
from gapscope.remedies.recommendation import Untried, merged, recommended, resolved, words
from gapscope.remedies.trial import tried
from gapscope.remedies.trial_data import chosen, prepared


def main(input, output, settings):
    activation, trained = explained_model(input, settings["diagnose"]["activation"])
    verdict = read_json(input.diagnosis)["verdict"] if input.get("diagnosis") else None
    name, record, right = settings["name"], {"source": settings["data"]["source"]}, np.array([])
    parts, rows, sample = chosen(input, trained, settings)
    if sample:
        said = (f"{size['rows']} of {size['of']} {part}" for part, size in sample.items())
        log.info("rows, drawn at random: %s", ", ".join(said))
        record["sample"] = sample
    try:
        if name == "recommended":
            change = merged([settings["remedy"], recommended(verdict)])
            if change.get("train", {}).get("early_stopping"):
                change.pop("rows", None)  # stopping early needs validation rows that are not trained on
        else:
            change = resolved(settings["remedy"], verdict)
        bench = prepared(input, parts, rows, change, trained, settings)
        train_settings = {**settings["networks"][change.get("activation", activation)], **change.get("train", {})}
        seeds, folds = settings["mitigate"]["seeds"], settings["mitigate"]["folds"]
        again = change.get("rows") == "all" and bench.labelled
        progress = Progress(len(seeds) * (2 if again else 1) + folds, log.info)
        figures, right = tried(bench, change, train_settings, seeds, folds, progress)
        record |= {"mitigation": name, "change": change, **figures}
        judged = "test_accuracy" if figures["test_accuracy"] else "validation_accuracy"
        log.info("%s: %s %.4f", words(change), judged.replace("_", " "), np.mean(figures[judged]))
        if figures["diverged"]:
            log.warning("%d trainings diverged: the last weights before are judged", figures["diverged"])
    except Untried as reason:
        record |= {"mitigation": name, "untried": str(reason)}
        log.info("not tried: %s", reason)
    write_json(output.result, record)
    write_array(output.right, right)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
