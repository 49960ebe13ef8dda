"""reproduce: every published figure of both systems beside ours, as a table and as a page."""

from pathlib import Path

import pandas as pd

from gapscope.common.files import write_text
from gapscope.common.stage import log, run
from gapscope.config.defaults import read_yaml
from gapscope.reporting.page.downloads import data_uris
from gapscope.reporting.page.rendering import numbered, render
from gapscope.studies.pages import reproduction, reproduction_data
from gapscope.studies.reproduction.figures import comparison, settled

FIGURES = (  # in the order of the page
    *("curves_25280022", "gradients_25280022", "curves_25280072", "gradients_25280072"),
    *("orders_figure", "starts_figure", "preparation"),
)
COLUMNS = ["system", "figure", "published", "ours", "difference"]
NETWORKS = ("relu", "sigmoid")


def main(input, output, settings):
    results = settings["results"]
    table = comparison(read_yaml(Path(input.published)), results)
    write_text(output.table, table.to_csv(columns=COLUMNS, index=False, lineterminator="\n"))
    claims = settled(read_yaml(Path(input.claims)), results)
    variants = {"25280022": pd.read_csv(input.orders), "25280072": pd.read_csv(input.starts)}
    preparations = pd.read_csv(input.test_preparation, keep_default_na=False)
    histories = {system: {name: f"{results}/{system}/history/{name}.csv" for name in NETWORKS} for system in variants}
    content = reproduction(table, claims, variants, preparations)
    content["figures"] = numbered({name: input[name] for name in FIGURES})
    content["downloads"] = data_uris(reproduction_data(input, histories), source="download")
    write_text(output.page, render("reproduction.html.j2", content))
    for system, rows in table.groupby("system"):
        log.info("%s: %d of %d figures equal the published digits", system, rows["equal"].sum(), len(rows))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
