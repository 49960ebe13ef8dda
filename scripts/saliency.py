"""saliency: which input columns the trained networks answer to, on the training part."""

import pandas as pd

from gapscope.analysis.saliency import METHODS, ranking
from gapscope.files import read_array, write_csv
from gapscope.network import model
from gapscope.plots import saliency as plots
from gapscope.plots.saving import write_figure
from gapscope.stage import log, run


def main(input, output, settings):
    source = settings["data"]["source"]
    X, y = read_array(input.X), read_array(input.y)
    tables = []
    for name, path in zip(settings["train"]["activations"], input.models):
        trained = model.load(path)
        columns = [column["name"] for column in trained.description["columns"]]
        for method in settings["saliency"]["methods"]:
            importance, rows = METHODS[method](trained.network, X, y)
            tables.append(ranking(name, method, columns, importance).assign(rows=rows))
            log.info("%s, %s over %d rows: first %s", name, method, rows, tables[-1]["feature"].iloc[0])
    table = pd.concat(tables, ignore_index=True)
    write_csv(output.table, table, source)
    write_figure(output.figure, plots.saliency(table, source))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
