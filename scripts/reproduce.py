"""reproduce: every published figure of both systems beside ours, as a table and as a page."""

from pathlib import Path

import pandas as pd
import yaml

from gapscope.common.files import whole, write_text
from gapscope.common.stage import log, run
from gapscope.reporting.page.downloads import data_uris, reproduction_data
from gapscope.studies.reproduction.figures import comparison, settled
from gapscope.studies.reproduction.page import page

FIGURES = (
    "curves_25280022",
    "gradients_25280022",
    "curves_25280072",
    "gradients_25280072",
    "orders_figure",
    "starts_figure",
    "preparation",
)  # in the order of the page

NETWORKS = ("relu", "sigmoid")


def main(input, output, settings):
    table = comparison(yaml.safe_load(Path(input.published).read_text(encoding="utf-8")), settings["results"])
    claims = yaml.safe_load(Path(input.claims).read_text(encoding="utf-8"))
    variants = {"25280022": pd.read_csv(input.orders), "25280072": pd.read_csv(input.starts)}
    with whole(output.table) as temporary:
        table[["system", "figure", "published", "ours", "difference"]].to_csv(
            temporary, index=False, lineterminator="\n"
        )
    figures = {name: input[name] for name in FIGURES}
    preparations = pd.read_csv(input.test_preparation, keep_default_na=False)
    histories = {
        system: {name: f"{settings['results']}/{system}/history/{name}.csv" for name in NETWORKS} for system in variants
    }
    data = data_uris(reproduction_data(input, histories), source="download")
    write_text(output.page, page(table, settled(claims, settings["results"]), variants, preparations, figures, data))
    for system, part in table.groupby("system"):
        log.info("%s: %d of %d figures equal the published digits", system, part["equal"].sum(), len(part))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
