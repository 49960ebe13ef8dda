# The page.


rule report:
    input:
        clean=rules.clean.output,
        eda=rules.eda.output,
        encode=rules.encode.output.encoding,
        split=rules.split.output.scaling,
        histories=HISTORIES,
        gradients=rules.gradients.output,
        saliency=rules.saliency.output,
        test_eval=rules.test_eval.output,
        diagnose=rules.diagnose.output,
        mitigate=rules.mitigate.output,
        shared_bias=rules.shared_bias.output,
    output:
        page=f"{RESULTS}/report.html",
    log:
        f"{LOGS}/report.log",
    params:
        settings=settings("report"),
        code=code_of("report", "workflow/report"),
        results=RESULTS,
    script:
        "../../scripts/report.py"
