"""reproduce: every published figure of both systems beside ours, as a table and as a page."""

import pandas as pd
import yaml

from gapscope.analysis.reproduction import comparison
from gapscope.files import whole, write_text
from gapscope.report.reproduction import page
from gapscope.stage import log, run

FIGURES = (
    "curves_25280022",
    "gradients_25280022",
    "curves_25280072",
    "gradients_25280072",
    "preparation",
)  # in the order of the page


def main(input, output, settings):
    with open(input.published, encoding="utf-8") as file:
        table = comparison(yaml.safe_load(file), settings["results"])
    with whole(output.table) as temporary:
        table[["system", "figure", "published", "ours", "difference"]].to_csv(
            temporary, index=False, lineterminator="\n"
        )
    figures = {name: input[name] for name in FIGURES}
    write_text(
        output.page,
        page(
            table, pd.read_csv(input.update_order), pd.read_csv(input.test_preparation, keep_default_na=False), figures
        ),
    )
    for system, part in table.groupby("system"):
        log.info("%s: %d of %d figures equal the published digits", system, part["equal"].sum(), len(part))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
