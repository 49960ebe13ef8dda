"""suite_cases: one break injected into simulated listings, over strengths and seeds, and the diagnosis of each."""

import pandas as pd

from gapscope.analysis.suite import cases
from gapscope.files import write_csv
from gapscope.stage import log, run


def main(input, output, settings):
    records = []
    for record in cases(settings["name"], settings):
        records.append(record)
        log.info(
            "%s at strength %g, seed %d: %s %s (%s)",
            *(record[key] for key in ("injected", "strength", "seed", "verdict", "blamed", "outcome")),
        )
    write_csv(output.cases, pd.DataFrame(records), "simulated")


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
