# What the gap comes from, and which remedy closes it.


rule diagnose:
    input:
        models=MODELS,
        metrics=rules.test_eval.output.metrics,
        train=rules.clean.output.train,
        test=rules.clean.output.test,
        training_X=rules.split.output.training_X,
        training_y=rules.split.output.training_y,
        training_rows=rules.split.output.training_rows,
        validation_X=rules.split.output.validation_X,
        validation_y=rules.split.output.validation_y,
        validation_rows=rules.split.output.validation_rows,
        test_X=rules.encode.output.test_X,
        test_y=rules.encode.output.test_y,
    output:
        diagnosis=f"{RESULTS}/diagnosis.json",
        counterfactual=f"{RESULTS}/diagnose/counterfactual.svg",
        features=f"{RESULTS}/diagnose/features.svg",
    log:
        f"{LOGS}/diagnose.log",
    benchmark:
        f"{TIMES}/diagnose.tsv"
    params:
        settings=settings("diagnose"),
        code=code_of("diagnose"),
    script:
        "../../scripts/diagnose.py"


rule mitigate:
    input:
        models=MODELS,
        diagnosis=rules.diagnose.output.diagnosis,
        training_X=rules.split.output.training_X,
        training_y=rules.split.output.training_y,
        validation_X=rules.split.output.validation_X,
        validation_y=rules.split.output.validation_y,
        test_X=rules.encode.output.test_X,
        test_y=rules.encode.output.test_y,
    output:
        table=f"{RESULTS}/mitigations.csv",
    log:
        f"{LOGS}/mitigate.log",
    benchmark:
        f"{TIMES}/mitigate.tsv"
    params:
        settings=settings("mitigate"),
        code=code_of("mitigate"),
    script:
        "../../scripts/mitigate.py"
