# The page.

SHOWN = dict(
    train=rules.clean.input.train,
    **({} if TEST == "none" else {"test": rules.clean.input.test}),
    cleaning=rules.clean.output.summary,
    eda=rules.eda.output.summary,
    means=rules.eda.output.means,
    correlations=rules.eda.output.correlation,
    level_shares=rules.eda.output.levels,
    classes=rules.eda.output.classes,
    boxplots=rules.eda.output.boxplots,
    shares=rules.eda.output.shares,
    correlation_matrix=rules.eda.output.matrix,
    encoding=rules.encode.output.encoding,
    scaling=rules.split.output.scaling,
    models=MODELS,
    histories=HISTORIES,
    gradients=rules.gradients.output.summary,
    curves=rules.gradients.output.curves,
    layer_gradients=rules.gradients.output.gradients,
    depth_table=rules.depth_sweep.output.table,
    depth=rules.depth_sweep.output.figure,
    saliency=rules.saliency.output.table,
    agreement=rules.saliency.output.agreement,
    completeness=rules.saliency.output.completeness,
    saliency_columns=rules.saliency.output.columns,
    saliency_features=rules.saliency.output.features,
    metrics=rules.test_eval.output.metrics,
    gap=rules.test_eval.output.gap,
    confusion=rules.test_eval.output.confusion,
    diagnosis=rules.diagnose.output.diagnosis,
    **BY_CLASSES,
    **({"predictions": PREDICTIONS} if TEST == "unlabelled" else {}),
    mitigations=rules.mitigate.output.table,
    remedies=rules.mitigate.output.summary,
    remedies_figure=rules.mitigate.output.figure,
    shared_bias=rules.shared_bias.output.summary,
    shared_bias_curves=rules.shared_bias.output.curves,
    convergence=rules.shared_bias.output.convergence,
    paths=rules.shared_bias.output.paths,
    **SWEPT,
)
STAGES = reads_of("report", SHOWN.values(), workflow.rules)


rule report:
    """The page: the verdict first, then data, networks, gradients, attribution, test evaluation, remedies."""
    input:
        **SHOWN,
    output:
        page=shown(f"{RESULTS}/report.html", "Page", "report"),
    log:
        f"{LOGS}/report.log",
    benchmark:
        f"{TIMES}/report.tsv"
    conda:
        "../envs/gapscope.yaml"
    params:
        settings={**settings("report"), "stages": STAGES},
        code=code_of("report", "workflow/report", packages=tracking.SHAPING),
    script:
        "../../scripts/report.py"


rule timings:
    """Time and memory of each job behind the page, on the graph of the rules and as a table; not part of `all`."""
    input:
        page=rules.report.output.page,
    output:
        page=f"{LOGS}/timings.html",
        table=f"{LOGS}/timings.csv",
    log:
        f"{LOGS}/timings.log",
    conda:
        "../envs/gapscope.yaml"
    params:
        settings={"stages": STAGES, "measured": measured()},
        code=code_of("timings", "workflow/report", packages=tracking.SHAPING),
    script:
        "../../scripts/timings.py"
