"""saliency: which columns and which features the trained networks answer to, and how far measures agree."""

from gapscope.common.stage import log, run

from collections import Counter

from gapscope.common.files import write_records
from gapscope.evaluation.agreement import NAMES, agreement
from gapscope.evaluation.importance import Data, importances
from gapscope.network import model
from gapscope.network.partition import read_partition, read_test_partition
from gapscope.reporting.plots import saliency as plots
from gapscope.reporting.plots.saving import write_figure

COMPLETENESS = ["activation", "method", "steps", "baseline", "rows"]
COMPLETENESS += ["mean_error", "largest_error", "mean_output_difference"]


def main(input, output, settings):
    source = settings["data"]["source"]
    records, complete, feature_of = [], [], {}
    for name, path in zip(settings["train"]["activations"], input.models):
        trained = model.load(path)
        feature_of = {column["name"]: column["feature"] for column in trained.description["columns"]}
        found, rows = importances(trained, data(input, trained, settings["test_eval"]), settings["saliency"])
        records += [{"activation": name, **record} for record in found]
        complete += [{"activation": name, **row} for row in rows]
        first = [record for record in found if record["rank"] == 1]
        for record in first:
            log.debug("%s, %s over %d rows: first %s", name, record["method"], record["rows"], record["feature"])
        by_measures = Counter(sorted(record["feature"] for record in first))
        log.info("%s: first by most measures %s", name, by_measures.most_common(1)[0][0])
    write_records(output.table, records, source)
    write_records(output.agreement, agreement(records, feature_of), source, NAMES)
    write_records(output.completeness, complete, source, COMPLETENESS)
    write_figure(output.columns, plots.columns(records, source))
    write_figure(output.features, plots.features(records, source))


def data(input, trained, test_eval) -> Data:
    parts = {name: read_partition(input, name) for name in ("training", "validation")}
    names = [column["name"] for column in trained.description["columns"]]
    test = read_test_partition(input, trained, test_eval)
    return Data(**parts, test=test, test_columns=test_eval["columns_by_position"] or names)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
