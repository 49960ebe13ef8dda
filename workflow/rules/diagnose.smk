# What the gap comes from, and which remedy closes it.


BY_CLASSES = with_classes(
    counterfactual=shown(f"{RESULTS}/diagnose/counterfactual.svg", "5 Diagnosis", "diagnose"),
    features=shown(f"{RESULTS}/diagnose/features.svg", "5 Diagnosis", "diagnose"),
)


rule diagnose:
    """Where the gap between validation and test accuracy comes from, with the evidence (config: diagnose)."""
    input:
        **CLEAN_TEST,
        **ENCODED_TEST,
        **TEST_WEIGHTS,
        **PARTS,
        models=MODELS,
        metrics=rules.test_eval.output.metrics,
        train=rules.clean.output.train,
    output:
        **BY_CLASSES,
        diagnosis=f"{RESULTS}/diagnosis.json",
    log:
        f"{LOGS}/diagnose.log",
    benchmark:
        f"{TIMES}/diagnose.tsv"
    priority: URGENT
    conda:
        "../envs/gapscope.yaml"
    params:
        settings=settings("diagnose"),
        code=code_of("diagnose"),
    script:
        "../../scripts/diagnose.py"


SCORED = dict(models=MODELS, metrics=rules.test_eval.output.metrics, **ENCODED_TEST, **TEST_WEIGHTS)
REMEDY_CODE = code_of("remedy")
REMEDIES = ["baseline", "recommended", *(name for name in config["mitigate"]["remedies"] if name != "baseline")]

for name in REMEDIES:

    rule:
        """One remedy trained over several seeds, on validation and on test rows (config: mitigate)."""
        name:
            f"mitigate_{name}"
        input:
            **SCORED,
            **({"diagnosis": rules.diagnose.output.diagnosis} if asks_the_diagnosis(name) else {}),
            **GROUPS,
            **CLEAN_TEST,
            **PARTS,
            train=rules.clean.output.train,
        output:
            result=f"{RESULTS}/mitigate/{name}.json",
            right=f"{RESULTS}/mitigate/{name}.npy",
        log:
            f"{LOGS}/mitigate_{name}.log",
        benchmark:
            f"{TIMES}/mitigate_{name}.tsv"
        priority: URGENT if asks_the_diagnosis(name) else 0
        conda:
            "../envs/gapscope.yaml"
        params:
            settings=remedy(name),
            code=REMEDY_CODE,
        script:
            "../../scripts/remedy.py"


if TEST == "labelled":

    rule mitigate_ceiling:
        """Cross-validation inside the test set: how well its classes can be told at all."""
        input:
            **SCORED,
            **TEST_GROUPS,
            training_y=rules.split.output.training_y,
        output:
            ceiling=f"{RESULTS}/mitigate/ceiling.json",
        log:
            f"{LOGS}/mitigate_ceiling.log",
        benchmark:
            f"{TIMES}/mitigate_ceiling.tsv"
        conda:
            "../envs/gapscope.yaml"
        params:
            settings=settings_of.settings_for_ceiling(config),
            code=code_of("ceiling"),
        script:
            "../../scripts/ceiling.py"


rule mitigate:
    """All remedies side by side, and the one that follows from the verdict (config: mitigate)."""
    input:
        **with_classes(ceiling=f"{RESULTS}/mitigate/ceiling.json", **TEST_WEIGHTS),
        results=expand(f"{RESULTS}/mitigate/{{name}}.json", name=REMEDIES),
        rights=expand(f"{RESULTS}/mitigate/{{name}}.npy", name=REMEDIES),
        diagnosis=rules.diagnose.output.diagnosis,
    output:
        table=shown(f"{RESULTS}/mitigations.csv", "6 Remedies", "mitigate"),
        summary=f"{RESULTS}/mitigate/summary.json",
        figure=shown(f"{RESULTS}/mitigate/remedies.svg", "6 Remedies", "mitigate"),
    log:
        f"{LOGS}/mitigate.log",
    benchmark:
        f"{TIMES}/mitigate.tsv"
    conda:
        "../envs/gapscope.yaml"
    params:
        settings=settings("mitigate"),
        code=code_of("mitigate"),
    script:
        "../../scripts/mitigate.py"
