# What the gap comes from, and which remedy closes it.

REMEDIES = params_of.remedies_of(config)


rule diagnose:
    """Explains the gap between validation and test accuracy, with evidence (config: diagnose)."""
    input:
        train=f"{RESULTS}/clean/train.parquet",
        test=when(HAS_TEST, f"{RESULTS}/clean/test.parquet"),
        train_left_out=when(LABELLED, f"{RESULTS}/clean/train_left_out.parquet"),
        test_left_out=when(LABELLED, f"{RESULTS}/clean/test_left_out.parquet"),
        train_X=f"{RESULTS}/encode/train_X.npy",
        training_y=f"{RESULTS}/split/training_y.npy",
        training_rows=f"{RESULTS}/split/training_rows.npy",
        validation_y=f"{RESULTS}/split/validation_y.npy",
        validation_rows=f"{RESULTS}/split/validation_rows.npy",
        scaling=f"{RESULTS}/split/scaling.json",
        train_weights=when(WEIGHTED, f"{RESULTS}/clean/train_weights.npy"),
        test_X=when(HAS_TEST, f"{RESULTS}/encode/test_X.npy"),
        test_y=when(LABELLED, f"{RESULTS}/encode/test_y.npy"),
        test_weights=when(HAS_TEST and WEIGHTED, f"{RESULTS}/clean/test_weights.npy"),
        test_numbers=when(LABELLED, f"{RESULTS}/clean/test_numbers.npy"),
        models=MODELS,
        metrics=f"{RESULTS}/metrics.json",
    output:
        diagnosis=f"{RESULTS}/diagnosis.json",
        failures=when(LABELLED, shown(f"{RESULTS}/diagnose/failures.csv", "5 Diagnosis", "diagnose")),
        picture=when(LABELLED, shown(f"{RESULTS}/diagnose/picture.svg", "5 Diagnosis", "diagnose")),
        counterfactual=when(LABELLED, shown(f"{RESULTS}/diagnose/counterfactual.svg", "5 Diagnosis", "diagnose")),
        features=when(LABELLED, shown(f"{RESULTS}/diagnose/features.svg", "5 Diagnosis", "diagnose")),
    log:
        f"{LOGS}/diagnose.log",
    cache: CACHED
    priority: URGENT
    conda:
        "../envs/gapscope.yaml"
    params:
        **settings("data.source", "data.target", "diagnose", "test_eval.scaling", "test_eval.columns_by_position"),
        code=code_of("diagnose"),
    script:
        "../../scripts/diagnose.py"


rule mitigate_remedy:
    """Trains one remedy with several seeds and evaluates it on validation and test rows (config: mitigate)."""
    input:
        train=f"{RESULTS}/clean/train.parquet",
        train_groups=when(GROUPED, f"{RESULTS}/clean/train_groups.npy"),
        test=when(HAS_TEST, f"{RESULTS}/clean/test.parquet"),
        train_X=f"{RESULTS}/encode/train_X.npy",
        training_y=f"{RESULTS}/split/training_y.npy",
        training_rows=f"{RESULTS}/split/training_rows.npy",
        validation_y=f"{RESULTS}/split/validation_y.npy",
        validation_rows=f"{RESULTS}/split/validation_rows.npy",
        scaling=f"{RESULTS}/split/scaling.json",
        train_weights=when(WEIGHTED, f"{RESULTS}/clean/train_weights.npy"),
        test_X=when(HAS_TEST, f"{RESULTS}/encode/test_X.npy"),
        test_y=when(LABELLED, f"{RESULTS}/encode/test_y.npy"),
        test_weights=when(HAS_TEST and WEIGHTED, f"{RESULTS}/clean/test_weights.npy"),
        models=MODELS,
        metrics=f"{RESULTS}/metrics.json",
        diagnosis=branch(lambda wildcards: follows_diagnosis(config, wildcards.remedy), f"{RESULTS}/diagnosis.json"),
    output:
        result=f"{RESULTS}/mitigate/{{remedy}}.json",
        right=f"{RESULTS}/mitigate/{{remedy}}.npy",
    log:
        f"{LOGS}/mitigate_{{remedy}}.log",
    wildcard_constraints:
        remedy="|".join(REMEDIES),
    cache: CACHED
    conda:
        "../envs/gapscope.yaml"
    params:
        **settings("data.source", "diagnose.activation", "test_eval.scaling", "test_eval.columns_by_position"),
        **settings("mitigate.seeds", "mitigate.rows", "mitigate.folds"),
        remedy=lambda wildcards: params_of.remedy(config, wildcards.remedy),
        networks=lambda wildcards: params_of.remedy_networks(config, wildcards.remedy),
        code=code_of("remedy"),
    script:
        "../../scripts/remedy.py"


if LABELLED:

    rule mitigate_ceiling:
        """Cross-validation inside the test set: how well its features predict its classes."""
        input:
            models=MODELS,
            metrics=f"{RESULTS}/metrics.json",
            training_y=f"{RESULTS}/split/training_y.npy",
            test_X=f"{RESULTS}/encode/test_X.npy",
            test=TEST_TABLE,
            test_y=f"{RESULTS}/encode/test_y.npy",
            test_groups=when(GROUPED, f"{RESULTS}/clean/test_groups.npy"),
            test_weights=when(WEIGHTED, f"{RESULTS}/clean/test_weights.npy"),
        output:
            ceiling=f"{RESULTS}/mitigate/ceiling.json",
        log:
            f"{LOGS}/mitigate_ceiling.log",
        conda:
            "../envs/gapscope.yaml"
        params:
            **settings("data.source", "diagnose.activation", "test_eval.scaling", "test_eval.columns_by_position"),
            **settings("mitigate.seeds", "mitigate.rows", "mitigate.ceiling_folds"),
            networks=params_of.remedy_networks(config, "baseline"),
            code=code_of("ceiling"),
        script:
            "../../scripts/ceiling.py"


rule mitigate:
    """Compares all remedies, and recommends the one that follows from the verdict (config: mitigate)."""
    input:
        results=expand(f"{RESULTS}/mitigate/{{remedy}}.json", remedy=REMEDIES),
        rights=expand(f"{RESULTS}/mitigate/{{remedy}}.npy", remedy=REMEDIES),
        diagnosis=f"{RESULTS}/diagnosis.json",
        ceiling=when(LABELLED, f"{RESULTS}/mitigate/ceiling.json"),
        test_weights=when(LABELLED and WEIGHTED, f"{RESULTS}/clean/test_weights.npy"),
    output:
        table=shown(f"{RESULTS}/mitigations.csv", "6 Remedies", "mitigate"),
        summary=f"{RESULTS}/mitigate/summary.json",
        figure=shown(f"{RESULTS}/mitigate/remedies.svg", "6 Remedies", "mitigate"),
    log:
        f"{LOGS}/mitigate.log",
    conda:
        "../envs/gapscope.yaml"
    params:
        **settings("data.source", "mitigate.seeds", "mitigate.rows", "mitigate.train", "mitigate.confidence"),
        code=code_of("mitigate"),
    script:
        "../../scripts/mitigate.py"
