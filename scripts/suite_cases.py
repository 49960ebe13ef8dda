"""suite_cases: inject one defect into simulated listings, for all strengths and seeds, and diagnose each."""

import pandas as pd

from gapscope.common.files import write_csv
from gapscope.common.progress import Progress
from gapscope.common.stage import log, run
from gapscope.studies.suite.cases import cases


def main(input, output, settings):
    records, suite = [], settings["suite"]
    progress = Progress(len(suite["strengths"]) * suite["seeds_per_strength"] + suite["seeds"], log.info)
    for record in cases(settings["name"], settings):
        records.append(record)
        progress("{injected} at strength {strength:g}, seed {seed}: {verdict} {blamed} ({outcome})".format_map(record))
    recognised = sum(record["outcome"] == "recognised" for record in records)
    log.info("%s: %d of %d cases recognised", settings["name"], recognised, len(records))
    write_csv(output.cases, pd.DataFrame(records), "simulated")


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
