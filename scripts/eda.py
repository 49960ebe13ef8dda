"""eda: explore the cleaned training table: classes, features by class, correlations."""

from gapscope.common.files import read_array, write_csv, write_json
from gapscope.common.stage import log, run
from gapscope.data.parquet import Stored
from gapscope.evaluation import exploration
from gapscope.reporting.plots import eda as plots
from gapscope.reporting.plots.style import write_figure


def main(input, output, settings):
    data, source, threshold = settings["data"], settings["data"]["source"], settings["eda"]["dominant_correlation"]
    table = Stored(input.train)
    weights = read_array(input.train_weights) if input.get("train_weights") else None
    classes = exploration.class_distribution(table[data["target"]], data["classes"], weights)
    means = exploration.means_by_class(table, data)
    matrix = exploration.correlations(table, data)
    boxes = exploration.boxes_by_class(table, data["numeric"][: plots.BOXES], data["target"])
    shares = {name: exploration.level_shares(table, name, data) for name in data["categorical"]}
    ratios = exploration.correlation_ratios(table, data)
    dominant = exploration.dominant_features(ratios, threshold)

    summary = {"source": source, "classes": classes, "dominant": dominant, "dominant_correlation": threshold}
    summary["correlation_ratios"] = ratios
    summary["correlation_with_target"] = exploration.target_correlations(matrix, data["target"])
    write_json(output.summary, summary)
    write_csv(output.means, means, source)
    write_csv(output.correlation, matrix.rename_axis("column").reset_index(allow_duplicates=True), source)
    write_csv(output.levels, exploration.in_rows(shares), source)
    write_figure(output.classes, plots.classes(classes, source))
    write_figure(output.boxplots, plots.boxplots(boxes, data, source))
    write_figure(output.shares, plots.shares(shares, source))
    log.info("imbalance ratio %.2f; dominant: %s", classes["imbalance_ratio"], dominant or "none")


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
