"""simulate: listings drawn from the published shares, with known breaks in them."""

from gapscope.stage import log, run

from gapscope.files import write_json
from gapscope.tables.breaks import Break
from gapscope.tables.simulate import simulate_pair
from gapscope.tables.write import write_table


def main(input, output, settings):
    simulate = settings["simulate"]
    breaks = [Break(**wrong) for wrong in (simulate["break"], *simulate["also"])]
    train, test, truth = simulate_pair(simulate["train_rows"], simulate["test_rows"], simulate["seed"], breaks)
    for path, table in ((output.train, train), (output.test, test)):
        write_table(path, table)
    write_json(output.truth, truth)
    log.info("%d train and %d test rows; break: %s of %s", len(train), len(test), truth["kind"], truth["feature"])


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
