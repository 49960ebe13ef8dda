# What the trained networks do: their gradients, what they look at, how they fare on the test set.


rule gradients:
    input:
        histories=HISTORIES,
        models=MODELS,
        X=rules.split.output.training_X,
        y=rules.split.output.training_y,
    output:
        summary=f"{RESULTS}/gradients/summary.json",
        curves=f"{RESULTS}/gradients/curves.svg",
        gradients=f"{RESULTS}/gradients/gradients.svg",
    log:
        f"{LOGS}/gradients.log",
    benchmark:
        f"{TIMES}/gradients.tsv"
    params:
        settings=settings("gradients"),
        code=code_of("gradients"),
    script:
        "../../scripts/gradients.py"


rule depth_sweep:
    input:
        X=rules.split.output.training_X,
        y=rules.split.output.training_y,
    output:
        table=f"{RESULTS}/depth_sweep/table.csv",
        figure=f"{RESULTS}/depth_sweep/depth.svg",
    log:
        f"{LOGS}/depth_sweep.log",
    benchmark:
        f"{TIMES}/depth_sweep.tsv"
    params:
        settings=settings("depth_sweep"),
        code=code_of("depth_sweep"),
    script:
        "../../scripts/depth_sweep.py"


rule saliency:
    input:
        models=MODELS,
        training_X=rules.split.output.training_X,
        training_y=rules.split.output.training_y,
        validation_X=rules.split.output.validation_X,
        validation_y=rules.split.output.validation_y,
        test_X=rules.encode.output.test_X,
        test_y=rules.encode.output.test_y,
    output:
        table=f"{RESULTS}/saliency.csv",
        agreement=f"{RESULTS}/saliency/agreement.csv",
        completeness=f"{RESULTS}/saliency/completeness.csv",
        columns=f"{RESULTS}/saliency/columns.svg",
        features=f"{RESULTS}/saliency/features.svg",
    log:
        f"{LOGS}/saliency.log",
    benchmark:
        f"{TIMES}/saliency.tsv"
    params:
        settings=settings("saliency"),
        code=code_of("saliency"),
    script:
        "../../scripts/saliency.py"


rule test_eval:
    input:
        models=MODELS,
        training_X=rules.split.output.training_X,
        training_y=rules.split.output.training_y,
        validation_X=rules.split.output.validation_X,
        validation_y=rules.split.output.validation_y,
        test_X=rules.encode.output.test_X,
        test_y=rules.encode.output.test_y,
    output:
        metrics=f"{RESULTS}/metrics.json",
        gap=f"{RESULTS}/test_eval/gap.svg",
        confusion=f"{RESULTS}/test_eval/confusion.svg",
    log:
        f"{LOGS}/test_eval.log",
    benchmark:
        f"{TIMES}/test_eval.tsv"
    params:
        settings=settings("test_eval"),
        code=code_of("test_eval"),
    script:
        "../../scripts/test_eval.py"
