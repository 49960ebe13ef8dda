"""report: one self-contained page with every stage's findings, their figures and the derivations behind them."""

from gapscope.common.files import read_json, write_text
from gapscope.common.stage import log, run
from gapscope.network.activations import ACTIVATIONS
from gapscope.remedies.recommendation import WITHOUT
from gapscope.reporting.page import attribution, derivations, downloads, provenance, results, stages, summary
from gapscope.reporting.page.figure_data import figure_data
from gapscope.reporting.page.figures import numbered
from gapscope.reporting.page.page import render
from gapscope.reporting.page.warnings import warnings
from gapscope.studies.sweep import page as sweep

JSON = ("cleaning", "eda", "encoding", "scaling", "gradients", "metrics", "diagnosis", "remedies", "shared_bias")
FIGURES = (
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
    "counterfactual",
    "features",
    "remedies_figure",
    "convergence",
    "paths",
    "sweep_best",
    "sweep_sensitivity",
    "sweep_cost",
)  # in the order of the page, after the first screen's
MEASURED = ("validation_accuracy", "test_accuracy", "test_macro_f1", "cross_validated_accuracy")
CHANGED = ("test_change", "test_change_low", "test_change_high")


def main(input, output, settings):
    reads, settings = settings["stages"], {key: value for key, value in settings.items() if key != "stages"}
    found = {name: read_json(input[name]) for name in JSON}
    diagnosis, source = found["diagnosis"], settings["data"]["source"]
    lacking = WITHOUT.get(diagnosis["verdict"]["without"])
    figures = {name: input[name] for name in FIGURES if input.get(name)}
    mitigations = results.read_rows(input.mitigations, *MEASURED, *(f"{name}_sd" for name in MEASURED), *CHANGED)
    repair = results.shown_repair(diagnosis)
    accuracies = summary.accuracies(diagnosis, found["metrics"][diagnosis["activation"]], repair)
    used = provenance.settings_text(provenance.shown(settings))
    networks = results.network_records(input.models)
    page = render(
        "page.html.j2",
        {
            **found,
            "settings": settings,
            "summary": {
                "state": summary.state(diagnosis["verdict"]),
                "accuracies": accuracies,
                "majority": summary.majority(found["metrics"][diagnosis["activation"]]),
                "hypotheses": summary.hypotheses(diagnosis),
            },
            "mitigations": mitigations,
            "lacking": lacking and f"{lacking[0].upper()}{lacking[1:]}.",
            "figures": numbered(figures, first=2),
            "downloads": downloads.files(data_of({**found, "accuracies": accuracies}, input), source),
            "means": results.means_table(input.means),
            "correlations": results.correlation_table(input.correlations),
            "networks": networks,
            "warnings": warnings(networks, found["metrics"], mitigations, found["shared_bias"], found["cleaning"]),
            "layer_names": results.layer_names(found["gradients"]),
            "depth_sweep": results.depth_records(input.depth_table),
            "checks": results.check_records(found["gradients"]),
            "scaled": results.scaled_columns(found["encoding"], found["scaling"]),
            "saliency": attribution.tables(input, found["encoding"]),
            "step": results.next_step(mitigations),
            "repair": repair,
            "shared_activation": ACTIVATIONS[found["shared_bias"]["activation"]],
            "maths": derivations,
            "sweep": sweep.section(input),
            "files": provenance.checksums(
                {"training table": input.train, **({"test table": input.test} if input.get("test") else {})}
            ),
            "versions": provenance.versions(),
            "seeds": provenance.seeds(provenance.shown(settings)),
            "stages": {"reads": reads, "drawing": stages.drawing(reads)},
            "settings_text": used,
            "settings_uri": downloads.uri(used, "yaml"),
        },
    )
    write_text(output.page, page)
    log.info("%.1f MB, %d figures", len(page) / 1e6, len(figures) + 1)


def data_of(found, input) -> dict[str, list[dict]]:
    """The rows behind each figure."""
    return figure_data(found, input) | sweep.figure_data(input)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
