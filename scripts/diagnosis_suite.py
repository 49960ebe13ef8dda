"""diagnosis_suite: compare injected defects with diagnosed ones, and find the strength needed to recognise each."""

import pandas as pd

from gapscope.common.files import write_csv
from gapscope.common.stage import log, run
from gapscope.reporting.plots.style import write_figure
from gapscope.studies.suite import plots
from gapscope.studies.suite.recognition import by_strength, confusion, detectable, expected_verdicts


def main(input, output, settings):
    least = settings["suite"]["detectable"]
    cases = pd.concat([pd.read_csv(path, keep_default_na=False) for path in input.cases], ignore_index=True)
    table, shares = confusion(cases), by_strength(cases[cases["kind"] != "none"])
    limits = detectable(shares, least)
    write_csv(output.cases, cases.drop(columns="data_source"), "simulated")
    write_csv(output.confusion, table.reset_index(), "simulated")
    write_csv(output.detectable, shares.merge(limits, on="injected"), "simulated")
    write_figure(output.confusion_figure, plots.confusion(table, expected_verdicts(cases)))
    write_figure(output.detectable_figure, plots.detectable(shares, limits, least))
    for record in limits.itertuples():
        log.info("%-24s recognised at full strength: %4.0f%%", record.injected, 100 * record.recognised_at_full)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
