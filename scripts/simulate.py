"""simulate: listings drawn from the published shares, with a known break in the test set."""

from gapscope.files import whole, write_json
from gapscope.stage import log, run
from gapscope.tables.simulate import simulate_pair


def main(input, output, settings):
    simulate, wrong = settings["simulate"], settings["simulate"]["break"]
    train, test, truth = simulate_pair(
        simulate["train_rows"],
        simulate["test_rows"],
        simulate["seed"],
        wrong["kind"],
        wrong["feature"],
        other=wrong["other"],
    )
    for path, table in ((output.train, train), (output.test, test)):
        with whole(path) as temporary:
            table.to_csv(temporary, index=False, lineterminator="\n")
    write_json(output.truth, truth)
    log.info("%d train and %d test rows; break: %s of %s", len(train), len(test), truth["kind"], truth["feature"])


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
