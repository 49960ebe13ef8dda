"""saliency: the importance of columns and features for the trained models, and how well the measures agree."""

from collections import Counter

from gapscope.common.files import write_records
from gapscope.common.stage import log, run
from gapscope.evaluation.permutation import AGREEMENT_COLUMNS, agreement
from gapscope.evaluation.saliency import COLUMNS, COMPLETENESS_COLUMNS, importances
from gapscope.evaluation.trained import load
from gapscope.network.partition import read_partition, read_test_partition
from gapscope.reporting.plots import saliency as plots
from gapscope.reporting.plots.style import write_figure


def main(input, output, settings):
    source, order = settings["data"]["source"], settings["test_eval"]["columns_by_position"]
    records, complete, feature_of = [], [], {}
    for name, path in zip([*settings["train"]["activations"], *settings["models"]], input.models):
        trained = load(path)
        feature_of |= {column["name"]: column["feature"] for column in trained.description["columns"]}
        partitions = {part: read_partition(input, part, trained.own) for part in ("training", "validation")}
        partitions["test"] = read_test_partition(input, trained, settings["test_eval"])
        ranked, sums = importances(trained, partitions, order, settings["saliency"])
        records += [{"activation": name, **record} for record in ranked]
        complete += [{"activation": name, **record} for record in sums]
        if not ranked:
            log.info("%s: nothing to measure; it needs the gradients of a network or predictions of new rows", name)
            continue
        first = [record for record in ranked if record["rank"] == 1]
        for record in first:
            log.debug("%s, %s over %d rows: first %s", name, record["method"], record["rows"], record["feature"])
        by_measures = Counter(sorted(record["feature"] for record in first))
        log.info("%s: first by most measures %s", name, by_measures.most_common(1)[0][0])
    write_records(output.table, records, source, COLUMNS)
    write_records(output.agreement, agreement(records, feature_of), source, AGREEMENT_COLUMNS)
    write_records(output.completeness, complete, source, COMPLETENESS_COLUMNS)
    write_figure(output.columns, plots.columns(records, source))
    write_figure(output.features, plots.features(records, source))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
