"""mitigate_ceiling: cross-validate inside the test set, to see how well its features predict its classes."""

from gapscope.common.files import read_array, write_json
from gapscope.common.stage import log, run
from gapscope.evaluation.trained import explained_model
from gapscope.network.partition import read_test_partition
from gapscope.remedies.comparison import judged_rows
from gapscope.remedies.trial import ceiling
from gapscope.remedies.trial_data import renumbered


def main(input, output, settings):
    mitigate = settings["mitigate"]
    activation, trained = explained_model(input, settings["diagnose"]["activation"])
    test = read_test_partition(input, trained, settings["test_eval"])
    rows = judged_rows(len(test.y), mitigate["rows"], mitigate["seeds"][0])
    accuracies = ceiling(
        test.at(rows),
        min(len(read_array(input.training_y)), mitigate["rows"]),
        len(trained.description["classes"]),
        trained.own or settings["networks"][activation],
        mitigate["seeds"],
        mitigate["ceiling_folds"],
        renumbered(read_array(input.test_groups)[rows]) if input.get("test_groups") else None,
    )
    write_json(output.ceiling, {"source": settings["data"]["source"], "rows": len(rows), "accuracies": accuracies})
    why_none = "none, since its rows are equal or in one group, or the model cannot be trained"
    by_fold = ", ".join(f"{value:.3f}" for value in accuracies) or why_none
    log.info("inside the test set: accuracy by fold %s", by_fold)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
