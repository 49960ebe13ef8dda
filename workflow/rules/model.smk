# One network per activation, and a network whose two layers share one bias.

for activation in ACTIVATIONS:

    rule:
        """Trains the network with this activation; writes weights and a record of each iteration (config: train)."""
        name:
            f"train_{activation}"
        input:
            train_X=f"{RESULTS}/encode/train_X.npy",
            training_y=f"{RESULTS}/split/training_y.npy",
            training_rows=f"{RESULTS}/split/training_rows.npy",
            validation_y=f"{RESULTS}/split/validation_y.npy",
            validation_rows=f"{RESULTS}/split/validation_rows.npy",
            scaling=f"{RESULTS}/split/scaling.json",
            train_weights=when(WEIGHTED, f"{RESULTS}/clean/train_weights.npy"),
            encoding=f"{RESULTS}/encode/encoding.json",
            cleaning=f"{RESULTS}/clean/summary.json",
        output:
            model=f"{RESULTS}/models/{activation}.npz",
            history=f"{RESULTS}/history/{activation}.csv",
        log:
            f"{LOGS}/train_{activation}.log",
        cache: CACHED
        priority: URGENT
        conda:
            "../envs/gapscope.yaml"
        threads: params_of.training_settings(config["train"], activation)["blas_threads"]
        params:
            **settings("data.classes", "data.source", "data.target"),
            **params_of.training(config, activation),
            code=code_of("train"),
        script:
            "../../scripts/train.py"


for name, entry in OWN_MODELS.items():

    rule:
        """Fits a model of the user's own (config: models)."""
        name:
            f"train_{name}"
        input:
            train=f"{RESULTS}/clean/train.parquet",
            training_y=f"{RESULTS}/split/training_y.npy",
            training_rows=f"{RESULTS}/split/training_rows.npy",
            validation_y=f"{RESULTS}/split/validation_y.npy",
            validation_rows=f"{RESULTS}/split/validation_rows.npy",
            train_weights=when(WEIGHTED, f"{RESULTS}/clean/train_weights.npy"),
            train_numbers=when("predictions" in entry, f"{RESULTS}/clean/train_numbers.npy"),
            test_numbers=when("predictions" in entry and HAS_TEST, f"{RESULTS}/clean/test_numbers.npy"),
            cleaning=f"{RESULTS}/clean/summary.json",
        output:
            model=f"{RESULTS}/models/{name}.json",
            fitted=f"{RESULTS}/models/{name}.model",
        log:
            f"{LOGS}/train_{name}.log",
        cache: CACHED
        priority: URGENT
        conda:
            "../envs/gapscope.yaml"
        params:
            **settings("data.classes", "data.source", "data.target", "data.numeric", "data.categorical", "train.seed"),
            **{f"models_{key}": {f"models.{key}": params_of.canonical(value)} for key, value in entry.items()},
            own_code=code_of_model(entry),
            code=code_of("train_model"),
        script:
            "../../scripts/train_model.py"


rule models:
    """Trains all networks of train.activations and all of your own models."""
    input:
        MODELS,


rule shared_bias:
    """Compares one bias vector used in two layers with two vectors (config: shared_bias)."""
    input:
        train_X=f"{RESULTS}/encode/train_X.npy",
        training_y=f"{RESULTS}/split/training_y.npy",
        training_rows=f"{RESULTS}/split/training_rows.npy",
        scaling=f"{RESULTS}/split/scaling.json",
        train_weights=when(WEIGHTED, f"{RESULTS}/clean/train_weights.npy"),
    output:
        summary=f"{RESULTS}/shared_bias/summary.json",
        curves=shown(f"{RESULTS}/shared_bias/curves.csv", "2 Networks", "shared_bias"),
        convergence=shown(f"{RESULTS}/shared_bias/convergence.svg", "2 Networks", "shared_bias"),
        paths=shown(f"{RESULTS}/shared_bias/paths.svg", "2 Networks", "shared_bias"),
    log:
        f"{LOGS}/shared_bias.log",
    cache: CACHED
    conda:
        "../envs/gapscope.yaml"
    params:
        **settings("data.classes", "data.source", "shared_bias", without=["shared_bias.when"]),
        code=code_of("shared_bias"),
    script:
        "../../scripts/shared_bias.py"
