# One network per activation, and Question 2's network with a shared bias.

for activation in ACTIVATIONS:

    rule:
        """One network of this activation: its weights, and its record of every iteration (config: train)."""
        name:
            f"train_{activation}"
        input:
            **PARTS,
            encoding=rules.encode.output.encoding,
            cleaning=rules.clean.output.summary,
        output:
            model=f"{RESULTS}/models/{activation}.npz",
            history=f"{RESULTS}/history/{activation}.csv",
        log:
            f"{LOGS}/train_{activation}.log",
        benchmark:
            f"{TIMES}/train_{activation}.tsv"
        priority: URGENT
        conda:
            "../envs/gapscope.yaml"
        threads: blas_threads(activation)
        params:
            settings=training(activation),
            code=code_of("train"),
        script:
            "../../scripts/train.py"


MODELS = [getattr(rules, f"train_{activation}").output.model for activation in ACTIVATIONS]
HISTORIES = [getattr(rules, f"train_{activation}").output.history for activation in ACTIVATIONS]


rule models:
    """All networks of train.activations, trained."""
    input:
        MODELS,


rule shared_bias:
    """One bias vector used in two layers, beside two vectors (config: shared_bias)."""
    input:
        **TRAINING,
    output:
        summary=f"{RESULTS}/shared_bias/summary.json",
        curves=shown(f"{RESULTS}/shared_bias/curves.csv", "2 Networks", "shared_bias"),
        convergence=shown(f"{RESULTS}/shared_bias/convergence.svg", "2 Networks", "shared_bias"),
        paths=shown(f"{RESULTS}/shared_bias/paths.svg", "2 Networks", "shared_bias"),
    log:
        f"{LOGS}/shared_bias.log",
    benchmark:
        f"{TIMES}/shared_bias.tsv"
    conda:
        "../envs/gapscope.yaml"
    params:
        settings=settings("shared_bias"),
        code=code_of("shared_bias"),
    script:
        "../../scripts/shared_bias.py"
