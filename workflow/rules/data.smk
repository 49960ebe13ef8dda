# From the tables to matrices.

if config["data"]["source"] == "simulated":

    rule simulate:
        """Simulates listings with a known defect in the test table (config: simulate)."""
        output:
            train=TRAIN_CSV,
            test=TEST_CSV,
            truth=f"{RESULTS}/simulated/truth.json",
        log:
            f"{LOGS}/simulate.log",
        conda:
            "../envs/gapscope.yaml"
        params:
            **settings("simulate"),
            code=code_of("simulate"),
        script:
            "../../scripts/simulate.py"


if config["data"]["source"] == "download":

    rule fetch:
        """Downloads the real New York listings and verifies their checksums (config: download)."""
        output:
            train=TRAIN_CSV,
            test=TEST_CSV,
        log:
            f"{LOGS}/fetch.log",
        conda:
            "../envs/gapscope.yaml"
        params:
            **settings("download"),
            code=code_of("fetch"),
        script:
            "../../scripts/fetch.py"


rule clean:
    """Drops rows with missing values, or imputes them from the training table (config: clean)."""
    input:
        train=TRAIN_CSV,
        test=when(HAS_TEST, TEST_CSV),
    output:
        train=f"{RESULTS}/clean/train.parquet",
        train_groups=when(GROUPED, f"{RESULTS}/clean/train_groups.npy"),
        train_weights=when(WEIGHTED, f"{RESULTS}/clean/train_weights.npy"),
        test=when(HAS_TEST, f"{RESULTS}/clean/test.parquet"),
        train_numbers=when(PREDICTED, f"{RESULTS}/clean/train_numbers.npy"),
        test_numbers=when(LABELLED or (PREDICTED and HAS_TEST), f"{RESULTS}/clean/test_numbers.npy"),
        test_groups=when(LABELLED and GROUPED, f"{RESULTS}/clean/test_groups.npy"),
        test_weights=when(HAS_TEST and WEIGHTED, f"{RESULTS}/clean/test_weights.npy"),
        train_left_out=when(LABELLED, f"{RESULTS}/clean/train_left_out.parquet"),
        test_left_out=when(LABELLED, f"{RESULTS}/clean/test_left_out.parquet"),
        summary=f"{RESULTS}/clean/summary.json",
    log:
        f"{LOGS}/clean.log",
    conda:
        "../envs/gapscope.yaml"
    params:
        **settings("data", "clean", without=["data.train", "data.test"]),
        tables=OWN_CONTENT,
        code=code_of("clean"),
    script:
        "../../scripts/clean.py"


rule eda:
    """Explores the training table: classes, shares, correlations with the target (config: eda)."""
    input:
        train=f"{RESULTS}/clean/train.parquet",
        train_weights=when(WEIGHTED, f"{RESULTS}/clean/train_weights.npy"),
    output:
        summary=f"{RESULTS}/eda/summary.json",
        means=shown(f"{RESULTS}/eda/means_by_class.csv", "1 Data", "eda"),
        correlation=shown(f"{RESULTS}/eda/correlation.csv", "1 Data", "eda"),
        levels=shown(f"{RESULTS}/eda/level_shares.csv", "1 Data", "eda"),
        classes=shown(f"{RESULTS}/eda/classes.svg", "1 Data", "eda"),
        boxplots=shown(f"{RESULTS}/eda/boxplots.svg", "1 Data", "eda"),
        shares=shown(f"{RESULTS}/eda/shares.svg", "1 Data", "eda"),
    log:
        f"{LOGS}/eda.log",
    conda:
        "../envs/gapscope.yaml"
    params:
        **settings("data.source", "data.target", "data.classes", "data.numeric", "data.categorical", "eda"),
        code=code_of("eda"),
    script:
        "../../scripts/eda.py"


rule encode:
    """Encodes both tables as matrices, with transforms fitted on the training table (config: encode)."""
    input:
        train=f"{RESULTS}/clean/train.parquet",
        test=when(HAS_TEST, f"{RESULTS}/clean/test.parquet"),
    output:
        train_X=f"{RESULTS}/encode/train_X.npy",
        train_y=f"{RESULTS}/encode/train_y.npy",
        test_X=when(HAS_TEST, f"{RESULTS}/encode/test_X.npy"),
        test_y=when(LABELLED, f"{RESULTS}/encode/test_y.npy"),
        encoding=f"{RESULTS}/encode/encoding.json",
    log:
        f"{LOGS}/encode.log",
    conda:
        "../envs/gapscope.yaml"
    params:
        **settings("data.source", "data.target", "data.numeric", "data.categorical", "encode"),
        code=code_of("encode"),
    script:
        "../../scripts/encode.py"


rule split:
    """Splits the training table into training and validation rows, and fits the scaling (config: split)."""
    input:
        X=f"{RESULTS}/encode/train_X.npy",
        y=f"{RESULTS}/encode/train_y.npy",
        encoding=f"{RESULTS}/encode/encoding.json",
        train_groups=when(GROUPED, f"{RESULTS}/clean/train_groups.npy"),
    output:
        training_y=f"{RESULTS}/split/training_y.npy",
        training_rows=f"{RESULTS}/split/training_rows.npy",
        validation_y=f"{RESULTS}/split/validation_y.npy",
        validation_rows=f"{RESULTS}/split/validation_rows.npy",
        scaling=f"{RESULTS}/split/scaling.json",
    log:
        f"{LOGS}/split.log",
    conda:
        "../envs/gapscope.yaml"
    params:
        **settings("data.source", "split"),
        code=code_of("split"),
    script:
        "../../scripts/split.py"
