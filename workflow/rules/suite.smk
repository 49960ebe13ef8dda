# `snakemake diagnosis_suite`: known breaks injected into simulated listings, and what the diagnosis makes of them. Not part of `all`.

if not IS_MODULE:

    rule suite_cases:
        """Injects one kind of defect with all strengths and seeds, and diagnoses it."""
        output:
            cases=f"{RESULTS}/diagnosis_suite/by_break/{{name}}.csv",
        log:
            f"{LOGS}/suite_cases_{{name}}.log",
        conda:
            "../envs/gapscope.yaml"
        params:
            **settings("data.target", "data.classes", "data.numeric", "data.categorical", "split"),
            **settings("diagnose", without=["diagnose.activation"]),
            case=lambda wildcards: params_of.suite_case(config, wildcards.name),
            own_code=code_of_model(OWN_MODELS.get(config["diagnose"]["activation"], {})),
            code=code_of("suite_cases"),
        script:
            "../../scripts/suite_cases.py"

    rule diagnosis_suite:
        """Compares known defects with their diagnoses: cases, confusion table, detectable strengths (config: suite)."""
        input:
            cases=expand(f"{RESULTS}/diagnosis_suite/by_break/{{name}}.csv", name=config["suite"]["injected"]),
        output:
            cases=f"{RESULTS}/diagnosis_suite/cases.csv",
            confusion=f"{RESULTS}/diagnosis_suite/confusion.csv",
            confusion_figure=f"{RESULTS}/diagnosis_suite/confusion.svg",
            detectable=f"{RESULTS}/diagnosis_suite/detectable.csv",
            detectable_figure=f"{RESULTS}/diagnosis_suite/detectable.svg",
        log:
            f"{LOGS}/diagnosis_suite.log",
        conda:
            "../envs/gapscope.yaml"
        params:
            **settings("suite.detectable"),
            code=code_of("diagnosis_suite"),
        script:
            "../../scripts/diagnosis_suite.py"
