"""report: one self-contained page with every stage's findings, their figures and the derivations behind them."""

from gapscope.analysis.permutation import JUDGES
from gapscope.files import read_json, write_text
from gapscope.network.activations import ACTIVATIONS
from gapscope.report import attribution, derivations, results
from gapscope.report.figures import numbered
from gapscope.report.page import render
from gapscope.report.provenance import checksums, settings_text, versions
from gapscope.stage import log, run

JSON = ("cleaning", "eda", "encoding", "scaling", "gradients", "metrics", "diagnosis", "remedies", "shared_bias")
FIGURES = (
    "counterfactual",
    "classes",
    "boxplots",
    "shares",
    "correlation_matrix",
    "curves",
    "layer_gradients",
    "depth",
    "saliency_columns",
    "saliency_features",
    "gap",
    "confusion",
    "features",
    "remedies_figure",
    "convergence",
    "paths",
)  # in the order of the page
MEASURED = ("validation_accuracy", "test_accuracy", "test_macro_f1", "cross_validated_accuracy")
CHANGED = ("test_change", "test_change_low", "test_change_high")


def main(input, output, settings):
    found = {name: read_json(input[name]) for name in JSON}
    mitigations = results.read_rows(input.mitigations, *MEASURED, *(f"{name}_sd" for name in MEASURED), *CHANGED)
    page = render(
        "page.html.j2",
        {
            **found,
            "settings": settings,
            "mitigations": mitigations,
            "figures": numbered({name: input[name] for name in FIGURES}),
            "means": results.means_table(input.means),
            "correlations": results.correlation_table(input.correlations),
            "networks": results.network_records(input.models),
            "layer_names": results.layer_names(found["gradients"]),
            "depth_sweep": results.depth_records(input.depth_table),
            "checks": results.check_records(found["gradients"]),
            "scaled": results.scaled_columns(found["encoding"], found["scaling"]),
            "saliency": {
                "names": attribution.NAMES,
                "judges": [attribution.NAMES[name] for name in JUDGES if name in settings["saliency"]["methods"]],
                "columns": attribution.column_tables(input.saliency),
                "features": attribution.feature_tables(input.saliency),
                "agreement": attribution.agreement_table(input.agreement),
                "completeness": attribution.completeness(input.completeness),
                "refuted_sums": attribution.refuted_sums(input.saliency, found["encoding"]),
            },
            "step": results.next_step(mitigations),
            "repair": results.shown_repair(found["diagnosis"]),
            "shared_activation": ACTIVATIONS[found["shared_bias"]["activation"]],
            "maths": derivations,
            "files": checksums({"training table": input.train, "test table": input.test}),
            "versions": versions(),
            "settings_text": settings_text(settings),
        },
    )
    write_text(output.page, page)
    log.info("%.1f MB, %d figures", len(page) / 1e6, len(FIGURES))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
