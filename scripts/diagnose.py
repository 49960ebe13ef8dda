"""diagnose: explain the gap between validation and test accuracy."""

import numpy as np

from gapscope.common.files import read_array, write_csv, write_json
from gapscope.common.stage import log, run
from gapscope.data.encode import columns_of
from gapscope.data.left_out import read_left_out
from gapscope.data.rows import Listed
from gapscope.diagnosis.diagnosis import diagnose
from gapscope.diagnosis.estimates import Encoder, Sets
from gapscope.diagnosis.evidence.segments import named
from gapscope.evaluation.trained import explained_model
from gapscope.network.partition import read_partition, read_test_partition
from gapscope.reporting.plots import diagnosis as plots
from gapscope.reporting.plots.style import write_figure


def main(input, output, settings):
    source, target = settings["data"]["source"], settings["data"]["target"]
    known = np.concatenate([read_array(input[f"{name}_rows"]) for name in ("training", "validation")])
    activation, trained = explained_model(input, settings["diagnose"]["activation"])
    test = read_test_partition(input, trained, settings["test_eval"])
    sets = Sets(
        read_partition(input, "training", trained.own),
        read_partition(input, "validation", trained.own),
        test,
        Listed(input.train, known),
        Listed(input.test, np.arange(len(test.X))) if test is not None else None,
        read_left_out(input, known),
    )
    encode = Encoder(columns_of(trained.description), trained.mean, trained.deviation)
    training = trained.description["settings"]
    result = diagnose(trained.network, sets, encode, target, settings["diagnose"], training, log.info)
    failures, classes = result.pop("failures", None), trained.description["classes"]
    write_json(output.diagnosis, {"source": source, "activation": activation, **result})
    if sets.labelled:
        write_csv(output.failures, named(failures, read_array(input.test_numbers), classes), source)
        write_figure(output.picture, plots.picture(result["picture"], classes, source))
        write_figure(output.counterfactual, plots.counterfactual(result, source))
        write_figure(output.features, plots.features(result, source))
    log.info("%s: %s", result["verdict"]["kind"], " and ".join(result["verdict"]["features"]) or "no feature")
    log.debug(result["verdict"]["sentence"])


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
