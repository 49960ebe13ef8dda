# What the trained networks do: their gradients, what they look at, how they fare on the test set.


rule gradients:
    """Each network's gradients by layer: learning curves, saturated and dead units, vanishing gradients."""
    input:
        **TRAINING,
        histories=HISTORIES,
        models=MODELS,
    output:
        summary=f"{RESULTS}/gradients/summary.json",
        curves=shown(f"{RESULTS}/gradients/curves.svg", "2 Networks", "gradients"),
        gradients=shown(f"{RESULTS}/gradients/gradients.svg", "2 Networks", "gradients"),
    log:
        f"{LOGS}/gradients.log",
    benchmark:
        f"{TIMES}/gradients.tsv"
    conda:
        "../envs/gapscope.yaml"
    params:
        settings=settings("gradients"),
        code=code_of("gradients"),
    script:
        "../../scripts/gradients.py"


rule depth_sweep:
    """What depth alone does to the gradients of untrained networks, beside theory (config: gradients)."""
    input:
        **TRAINING,
    output:
        table=shown(f"{RESULTS}/depth_sweep/table.csv", "2 Networks", "depth_sweep"),
        figure=shown(f"{RESULTS}/depth_sweep/depth.svg", "2 Networks", "depth_sweep"),
    log:
        f"{LOGS}/depth_sweep.log",
    benchmark:
        f"{TIMES}/depth_sweep.tsv"
    conda:
        "../envs/gapscope.yaml"
    params:
        settings=settings("depth_sweep"),
        code=code_of("depth_sweep"),
    script:
        "../../scripts/depth_sweep.py"


rule saliency:
    """What each network answers to: gradients, integrated gradients, permutation (config: saliency)."""
    input:
        **ENCODED_TEST,
        **TEST_WEIGHTS,
        **PARTS,
        models=MODELS,
    output:
        table=shown(f"{RESULTS}/saliency.csv", "3 Attribution", "saliency"),
        agreement=shown(f"{RESULTS}/saliency/agreement.csv", "3 Attribution", "saliency"),
        completeness=shown(f"{RESULTS}/saliency/completeness.csv", "3 Attribution", "saliency"),
        columns=shown(f"{RESULTS}/saliency/columns.svg", "3 Attribution", "saliency"),
        features=shown(f"{RESULTS}/saliency/features.svg", "3 Attribution", "saliency"),
    log:
        f"{LOGS}/saliency.log",
    benchmark:
        f"{TIMES}/saliency.tsv"
    conda:
        "../envs/gapscope.yaml"
    params:
        settings=settings("saliency"),
        code=code_of("saliency"),
    script:
        "../../scripts/saliency.py"


PREDICTIONS = expand(f"{RESULTS}/predictions/{{activation}}.csv", activation=ACTIVATIONS)


rule test_eval:
    """Accuracy and its interval, confusion, log-loss of each network on training, validation and test rows."""
    input:
        **ENCODED_TEST,
        **TEST_WEIGHTS,
        **PARTS,
        models=MODELS,
    output:
        metrics=f"{RESULTS}/metrics.json",
        gap=shown(f"{RESULTS}/test_eval/gap.svg", "4 Test set", "test_eval"),
        confusion=shown(f"{RESULTS}/test_eval/confusion.svg", "4 Test set", "test_eval"),
    log:
        f"{LOGS}/test_eval.log",
    benchmark:
        f"{TIMES}/test_eval.tsv"
    priority: URGENT
    conda:
        "../envs/gapscope.yaml"
    params:
        settings=settings("test_eval"),
        code=code_of("test_eval"),
    script:
        "../../scripts/test_eval.py"


if TEST == "unlabelled":

    rule predictions:
        """What each network predicts for the test rows, whose classes are not known."""
        input:
            models=MODELS,
            table=rules.clean.input.test,
        output:
            tables=PREDICTIONS,
        log:
            f"{LOGS}/predictions.log",
        benchmark:
            f"{TIMES}/predictions.tsv"
        conda:
            "../envs/gapscope.yaml"
        params:
            settings={},
            code=code_of("predictions"),
        script:
            "../../scripts/predictions.py"
