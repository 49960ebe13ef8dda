"""saliency: which columns and which features the trained networks answer to, and how far measures agree."""

from gapscope.stage import log, run

import pandas as pd

from gapscope.analysis.agreement import agreement
from gapscope.analysis.importance import Data, importances
from gapscope.files import write_csv
from gapscope.network import model
from gapscope.parts import part, part_of_test
from gapscope.plots import saliency as plots
from gapscope.plots.saving import write_figure

COMPLETENESS = ["activation", "method", "steps", "baseline", "rows"]
COMPLETENESS += ["mean_error", "largest_error", "mean_output_difference"]


def main(input, output, settings):
    source = settings["data"]["source"]
    tables, complete, feature_of = [], [], {}
    for name, path in zip(settings["train"]["activations"], input.models):
        trained = model.load(path)
        feature_of = {column["name"]: column["feature"] for column in trained.description["columns"]}
        found, rows = importances(trained, data(input, trained, settings["test_eval"]), settings["saliency"])
        found.insert(0, "activation", name)
        tables.append(found)
        complete += [{"activation": name, **row} for row in rows]
        for row in found[found["rank"] == 1].itertuples():
            log.debug("%s, %s over %d rows: first %s", name, row.method, row.rows, row.feature)
        log.info("%s: first by most measures %s", name, found[found["rank"] == 1]["feature"].mode()[0])
    table = pd.concat(tables, ignore_index=True)
    write_csv(output.table, table, source)
    write_csv(output.agreement, agreement(table, feature_of), source)
    write_csv(output.completeness, pd.DataFrame(complete, columns=COMPLETENESS), source)
    write_figure(output.columns, plots.columns(table, source))
    write_figure(output.features, plots.features(table, source))


def data(input, trained, test_eval) -> Data:
    parts = {name: part(input, name) for name in ("training", "validation")}
    names = [column["name"] for column in trained.description["columns"]]
    test = part_of_test(input, trained, test_eval)
    return Data(**parts, test=test, test_columns=test_eval["columns_by_position"] or names)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
