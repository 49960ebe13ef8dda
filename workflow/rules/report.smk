# The page, and pages beside it.

RUN_FILES = ("diagnosis.json", "metrics.json", "settings.yaml")  # of a run that is compared


rule report:
    """Writes the page: verdict, data, networks, gradients, attribution, test evaluation, remedies."""
    input:
        train=TRAIN_CSV,
        test=when(HAS_TEST, TEST_CSV),
        cleaning=f"{RESULTS}/clean/summary.json",
        eda=f"{RESULTS}/eda/summary.json",
        means=f"{RESULTS}/eda/means_by_class.csv",
        correlations=f"{RESULTS}/eda/correlation.csv",
        level_shares=f"{RESULTS}/eda/level_shares.csv",
        classes=f"{RESULTS}/eda/classes.svg",
        boxplots=f"{RESULTS}/eda/boxplots.svg",
        shares=f"{RESULTS}/eda/shares.svg",
        encoding=f"{RESULTS}/encode/encoding.json",
        scaling=f"{RESULTS}/split/scaling.json",
        networks=NETWORKS,
        histories=expand(f"{RESULTS}/history/{{activation}}.csv", activation=ACTIVATIONS),
        gradients=when(ACTIVATIONS, f"{RESULTS}/gradients/summary.json"),
        curves=when(ACTIVATIONS, f"{RESULTS}/gradients/curves.svg"),
        layer_gradients=when(ACTIVATIONS, f"{RESULTS}/gradients/gradients.svg"),
        depth_table=f"{RESULTS}/depth_sweep/table.csv",
        depth=f"{RESULTS}/depth_sweep/depth.svg",
        saliency=f"{RESULTS}/saliency.csv",
        agreement=f"{RESULTS}/saliency/agreement.csv",
        completeness=f"{RESULTS}/saliency/completeness.csv",
        saliency_columns=f"{RESULTS}/saliency/columns.svg",
        saliency_features=f"{RESULTS}/saliency/features.svg",
        metrics=f"{RESULTS}/metrics.json",
        gap=f"{RESULTS}/test_eval/gap.svg",
        predictions=when(
            HAS_TEST and not LABELLED, expand(f"{RESULTS}/predictions/{{name}}.csv", name=[*ACTIVATIONS, *OWN_MODELS])
        ),
        diagnosis=f"{RESULTS}/diagnosis.json",
        failures=when(LABELLED, f"{RESULTS}/diagnose/failures.csv"),
        picture=when(LABELLED, f"{RESULTS}/diagnose/picture.svg"),
        counterfactual=when(LABELLED, f"{RESULTS}/diagnose/counterfactual.svg"),
        features=when(LABELLED, f"{RESULTS}/diagnose/features.svg"),
        mitigations=f"{RESULTS}/mitigations.csv",
        remedies=f"{RESULTS}/mitigate/summary.json",
        remedies_figure=f"{RESULTS}/mitigate/remedies.svg",
        shared_bias=when(SHARED_BIAS, f"{RESULTS}/shared_bias/summary.json"),
        shared_bias_curves=when(SHARED_BIAS, f"{RESULTS}/shared_bias/curves.csv"),
        convergence=when(SHARED_BIAS, f"{RESULTS}/shared_bias/convergence.svg"),
        paths=when(SHARED_BIAS, f"{RESULTS}/shared_bias/paths.svg"),
        sweep=when(SWEPT, f"{RESULTS}/sweep/summary.json"),
        sweep_table=when(SWEPT, f"{RESULTS}/sweep.csv"),
        sweep_knobs=when(SWEPT, f"{RESULTS}/sweep/knobs.csv"),
        sweep_winner=when(SWEPT, f"{RESULTS}/sweep/winner.yaml"),
        sweep_best=when(SWEPT, f"{RESULTS}/sweep/best.svg"),
        sweep_sensitivity=when(SWEPT, f"{RESULTS}/sweep/sensitivity.svg"),
        sweep_cost=when(SWEPT, f"{RESULTS}/sweep/cost.svg"),
    output:
        page=shown(f"{RESULTS}/report.html", "Page", "report"),
        settings=f"{RESULTS}/settings.yaml",
    log:
        f"{LOGS}/report.log",
    conda:
        "../envs/gapscope.yaml"
    params:
        **settings("data", "simulate", "clean", "eda", "encode", "split", without=["data.train", "data.test"]),
        **settings(
            "train", "models", "gradients", "saliency", "test_eval", "diagnose", "mitigate", "shared_bias", "report"
        ),
        code=code_of("report", "workflow/report", packages=SHAPING),
    script:
        "../../scripts/report.py"


rule compare:
    """Two runs on one page, not part of `all`: `snakemake compare --config first=results/x second=results/y`."""
    output:
        page=f"{RESULTS}/compare.html",
    log:
        f"{LOGS}/compare.log",
    conda:
        "../envs/gapscope.yaml"
    params:
        runs={"runs": COMPARED},
        results=content_of(*(f"{run}/{name}" for run in COMPARED.values() for name in RUN_FILES)),
        code=code_of("compare", "workflow/report", packages=SHAPING),
    script:
        "../../scripts/compare.py"


rule timings:
    """Time and memory of each job behind the page, on the graph of the rules and as a table; not part of `all`."""
    input:
        page=f"{RESULTS}/report.html",
    output:
        page=f"{LOGS}/timings.html",
        table=f"{LOGS}/timings.csv",
    log:
        f"{LOGS}/timings.log",
    conda:
        "../envs/gapscope.yaml"
    params:
        jobs={"jobs": jobs_of(config)},
        measured=lambda wildcards: content_of(*sorted(Path(LOGS).glob("*.log"))),  # new times, new page
        code=code_of("timings", "workflow/report", packages=SHAPING),
    script:
        "../../scripts/timings.py"
