"""report: write one self-contained page with the results of all stages, figures and derivations."""

from gapscope.common.files import read_json, write_text
from gapscope.common.stage import log, run
from gapscope.reporting.page import downloads, provenance, results, summary
from gapscope.reporting.page.rendering import derivations, numbered, render
from gapscope.studies import pages

JSON = ("cleaning", "eda", "encoding", "scaling", "gradients", "metrics", "diagnosis", "remedies", "shared_bias")
WITHOUT = {"gradients": {"activations": {}}, "shared_bias": None}  # of a run without a network, or without the study
FIGURES = (  # in the order of the page, after the first screen's accuracies
    *("picture", "gap", "counterfactual", "features", "remedies_figure"),
    *("classes", "boxplots", "shares", "curves", "layer_gradients", "depth"),
    *("saliency_columns", "saliency_features", "convergence", "paths"),
    *("sweep_best", "sweep_sensitivity", "sweep_cost"),
)


def main(input, output, settings):
    content = {name: read_json(input[name]) if input.get(name) else WITHOUT[name] for name in JSON}
    diagnosis = content["diagnosis"]
    tables, first_screen = results.tables(content, input), summary.first_screen(content)
    shown = [name for name in FIGURES if input.get(name) and (name != "picture" or diagnosis["picture"])]
    figures = numbered({name: input[name] for name in shown}, first=2)
    data = downloads.figure_data(content, first_screen["accuracies"], input) | pages.sweep_data(input)
    context = {
        **content,
        **tables,
        **provenance.section(settings, input),
        "settings": settings,
        "title": summary.title(diagnosis["verdict"], settings["report"]["title"]),
        "summary": first_screen,
        "kind_of_model": "model" if diagnosis["activation"] in settings["models"] else "network",
        "failures": downloads.csv_rows(input.failures) if input.get("failures") else [],
        "lacking": summary.lacking(diagnosis["verdict"]),
        "repair": summary.shown_repair(diagnosis),
        "figures": figures,
        "downloads": downloads.data_uris(data, settings["data"]["source"]),
        "maths": derivations(),
        "sweep": pages.sweep_section(input),
    }
    write_text(output.settings, context["settings_text"])
    page = render("page.html.j2", context)
    write_text(output.page, page)
    log.info("%.1f MB, %d figures", len(page) / 1e6, len(figures) + 1)


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
