"""eda: the cleaned training table explored: classes, features by class, correlations."""

from gapscope.common.stage import log, run

from gapscope.common.files import read_array, write_csv, write_json
from gapscope.data.parquet import Stored
from gapscope.evaluation.exploration import (
    boxes_by_class,
    class_distribution,
    correlations,
    dominant_features,
    in_rows,
    level_shares,
    means_by_class,
)
from gapscope.reporting.plots import eda as plots
from gapscope.reporting.plots.saving import write_figure


def main(input, output, settings):
    data, source = settings["data"], settings["data"]["source"]
    table = Stored(input.train)
    weights = read_array(input.train_weights) if input.get("train_weights") else None
    distribution = class_distribution(table[data["target"]], data["classes"], weights)
    means = means_by_class(table, data)
    matrix = correlations(table, data)
    boxes = boxes_by_class(table, data["numeric"][: plots.BOXES], data["target"])
    shares = {name: level_shares(table, name, data) for name in data["categorical"]}
    dominant = dominant_features(matrix, data["target"], settings["eda"]["dominant_correlation"])

    write_json(
        output.summary,
        {
            "source": source,
            "classes": distribution,
            "dominant": dominant,
            "dominant_correlation": settings["eda"]["dominant_correlation"],
            "correlation_with_target": matrix[data["target"]]
            .astype(object)
            .where(matrix.notna().any(), None)
            .to_dict(),
        },
    )
    write_csv(output.means, means, source)
    write_csv(output.correlation, matrix.rename_axis("column").reset_index(allow_duplicates=True), source)
    write_csv(output.levels, in_rows(shares), source)
    write_figure(output.classes, plots.classes(distribution, source))
    write_figure(output.boxplots, plots.boxplots(boxes, data, source))
    write_figure(output.shares, plots.shares(shares, source))
    write_figure(output.matrix, plots.correlation_matrix(matrix, source))
    log.info(
        "imbalance ratio %.2f; dominant: %s",
        distribution["imbalance_ratio"],
        [item["feature"] for item in dominant] or "none",
    )


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
