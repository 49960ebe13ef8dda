"""simulate: draw listings from the published shares, with known defects."""

from gapscope.common.files import write_json
from gapscope.common.stage import log, run
from gapscope.common.whole import whole
from gapscope.simulation.defects import Defect
from gapscope.simulation.listings import simulate_pair


def main(input, output, settings):
    simulate = settings["simulate"]
    defects = [Defect(**fields) for fields in (simulate["break"], *simulate["also"])]
    train, test, truth = simulate_pair(simulate["train_rows"], simulate["test_rows"], simulate["seed"], defects)
    for path, table in ((output.train, train), (output.test, test)):
        with whole(path) as temporary:
            table.to_csv(temporary, index=False, lineterminator="\n")
    write_json(output.truth, truth)
    log.info("%d train and %d test rows; break: %s of %s", len(train), len(test), truth["kind"], truth["feature"])


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
