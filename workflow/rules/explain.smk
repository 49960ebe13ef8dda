# Analyses of the trained models: gradients, importance, evaluation on the test set.


rule gradients:
    """Gradients of each network by layer, learning curves, saturated and dead units."""
    input:
        train_X=f"{RESULTS}/encode/train_X.npy",
        training_y=f"{RESULTS}/split/training_y.npy",
        training_rows=f"{RESULTS}/split/training_rows.npy",
        scaling=f"{RESULTS}/split/scaling.json",
        train_weights=when(WEIGHTED, f"{RESULTS}/clean/train_weights.npy"),
        models=NETWORKS,
        histories=expand(f"{RESULTS}/history/{{activation}}.csv", activation=ACTIVATIONS),
    output:
        summary=f"{RESULTS}/gradients/summary.json",
        curves=shown(f"{RESULTS}/gradients/curves.svg", "2 Networks", "gradients"),
        gradients=shown(f"{RESULTS}/gradients/gradients.svg", "2 Networks", "gradients"),
    log:
        f"{LOGS}/gradients.log",
    conda:
        "../envs/gapscope.yaml"
    params:
        **settings("data.source", "train.activations", "gradients", without=["gradients.depth_sweep"]),
        code=code_of("gradients"),
    script:
        "../../scripts/gradients.py"


rule depth_sweep:
    """Effect of depth on the gradients of untrained networks, compared with theory (config: gradients)."""
    input:
        train_X=f"{RESULTS}/encode/train_X.npy",
        training_y=f"{RESULTS}/split/training_y.npy",
        training_rows=f"{RESULTS}/split/training_rows.npy",
        scaling=f"{RESULTS}/split/scaling.json",
        train_weights=when(WEIGHTED, f"{RESULTS}/clean/train_weights.npy"),
    output:
        table=shown(f"{RESULTS}/depth_sweep/table.csv", "2 Networks", "depth_sweep"),
        figure=shown(f"{RESULTS}/depth_sweep/depth.svg", "2 Networks", "depth_sweep"),
    log:
        f"{LOGS}/depth_sweep.log",
    conda:
        "../envs/gapscope.yaml"
    params:
        **settings("data.classes", "data.source", "gradients.depth_sweep"),
        code=code_of("depth_sweep"),
    script:
        "../../scripts/depth_sweep.py"


rule saliency:
    """Importance of columns and features for each model: gradients, integrated gradients, permutation (config: saliency)."""
    input:
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
        train=TRAIN_TABLE,
        test=TEST_TABLE,
        models=MODELS,
    output:
        table=shown(f"{RESULTS}/saliency.csv", "3 Attribution", "saliency"),
        agreement=shown(f"{RESULTS}/saliency/agreement.csv", "3 Attribution", "saliency"),
        completeness=shown(f"{RESULTS}/saliency/completeness.csv", "3 Attribution", "saliency"),
        columns=shown(f"{RESULTS}/saliency/columns.svg", "3 Attribution", "saliency"),
        features=shown(f"{RESULTS}/saliency/features.svg", "3 Attribution", "saliency"),
    log:
        f"{LOGS}/saliency.log",
    conda:
        "../envs/gapscope.yaml"
    params:
        **settings(
            "data.source",
            "train.activations",
            "models",
            "saliency",
            "test_eval.scaling",
            "test_eval.columns_by_position",
        ),
        code=code_of("saliency"),
    script:
        "../../scripts/saliency.py"


rule test_eval:
    """Metrics of each model, and of softmax regression, on training, validation and test rows."""
    input:
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
        train=TRAIN_TABLE,
        test=TEST_TABLE,
        models=MODELS,
    output:
        metrics=f"{RESULTS}/metrics.json",
        gap=shown(f"{RESULTS}/test_eval/gap.svg", "4 Test set", "test_eval"),
    log:
        f"{LOGS}/test_eval.log",
    priority: URGENT
    conda:
        "../envs/gapscope.yaml"
    params:
        **settings("data.classes", "data.source", "models", "test_eval"),
        **settings("train", without=["train.hidden", "train.early_stopping", "train.members", "train.per_activation"]),
        code=code_of("test_eval"),
    script:
        "../../scripts/test_eval.py"


if HAS_TEST and not LABELLED:

    rule predictions:
        """Predictions of each model for test rows whose classes are unknown."""
        input:
            models=MODELS,
            table=TEST_CSV,
        output:
            tables=expand(f"{RESULTS}/predictions/{{name}}.csv", name=[*ACTIVATIONS, *OWN_MODELS]),
        log:
            f"{LOGS}/predictions.log",
        conda:
            "../envs/gapscope.yaml"
        params:
            code=code_of("predictions"),
        script:
            "../../scripts/predictions.py"
