# Where the tables come from, and how they become matrices.

if config["data"]["source"] == "simulated":

    rule simulate:
        """Simulated listings, with a known break in the test table (config: simulate)."""
        output:
            train=TRAIN_CSV,
            test=TEST_CSV,
            truth=f"{RESULTS}/simulated/truth.json",
        log:
            f"{LOGS}/simulate.log",
        benchmark:
            f"{TIMES}/simulate.tsv"
        conda:
            "../envs/gapscope.yaml"
        params:
            settings=settings("simulate"),
            code=code_of("simulate"),
        script:
            "../../scripts/simulate.py"


if config["data"]["source"] == "download":

    rule fetch:
        """The real New York listings, downloaded and checked against their checksums (config: download)."""
        output:
            train=TRAIN_CSV,
            test=TEST_CSV,
        log:
            f"{LOGS}/fetch.log",
        benchmark:
            f"{TIMES}/fetch.tsv"
        conda:
            "../envs/gapscope.yaml"
        params:
            settings=settings("fetch"),
            code=code_of("fetch"),
        script:
            "../../scripts/fetch.py"


CLEAN_TEST = of_test(test=f"{RESULTS}/clean/test.parquet")
GROUPS = grouped(train_groups=f"{RESULTS}/clean/train_groups.npy")
TEST_GROUPS = of_test(**grouped(test_groups=f"{RESULTS}/clean/test_groups.npy"))
WEIGHTS = weighted(train_weights=f"{RESULTS}/clean/train_weights.npy")
BY_ROW = {**GROUPS, **WEIGHTS}
TEST_WEIGHTS = of_test(**weighted(test_weights=f"{RESULTS}/clean/test_weights.npy"))
ENCODED_TEST = of_test(test_X=f"{RESULTS}/encode/test_X.npy", test_y=f"{RESULTS}/encode/test_y.npy")


rule clean:
    """Rows with missing values dropped, or the values filled in from the training table (config: clean)."""
    input:
        **of_test(test=TEST_CSV),
        train=TRAIN_CSV,
    output:
        **CLEAN_TEST,
        **GROUPS,
        **TEST_GROUPS,
        **WEIGHTS,
        **TEST_WEIGHTS,
        train=f"{RESULTS}/clean/train.parquet",
        summary=f"{RESULTS}/clean/summary.json",
    log:
        f"{LOGS}/clean.log",
    benchmark:
        f"{TIMES}/clean.tsv"
    conda:
        "../envs/gapscope.yaml"
    params:
        settings=settings("clean"),
        code=code_of("clean"),
    script:
        "../../scripts/clean.py"


rule eda:
    """A first look at the training table: classes, shares, correlations with the target."""
    input:
        **WEIGHTS,
        train=rules.clean.output.train,
    output:
        summary=f"{RESULTS}/eda/summary.json",
        means=shown(f"{RESULTS}/eda/means_by_class.csv", "1 Data", "eda"),
        correlation=shown(f"{RESULTS}/eda/correlation.csv", "1 Data", "eda"),
        levels=shown(f"{RESULTS}/eda/level_shares.csv", "1 Data", "eda"),
        classes=shown(f"{RESULTS}/eda/classes.svg", "1 Data", "eda"),
        boxplots=shown(f"{RESULTS}/eda/boxplots.svg", "1 Data", "eda"),
        shares=shown(f"{RESULTS}/eda/shares.svg", "1 Data", "eda"),
        matrix=shown(f"{RESULTS}/eda/correlation.svg", "1 Data", "eda"),
    log:
        f"{LOGS}/eda.log",
    benchmark:
        f"{TIMES}/eda.tsv"
    conda:
        "../envs/gapscope.yaml"
    params:
        settings=settings("eda"),
        code=code_of("eda"),
    script:
        "../../scripts/eda.py"


rule encode:
    """Both tables as matrices: transforms and one-hot columns, fitted on the training table (config: encode)."""
    input:
        **CLEAN_TEST,
        train=rules.clean.output.train,
    output:
        **ENCODED_TEST,
        train_X=f"{RESULTS}/encode/train_X.npy",
        train_y=f"{RESULTS}/encode/train_y.npy",
        encoding=f"{RESULTS}/encode/encoding.json",
    log:
        f"{LOGS}/encode.log",
    benchmark:
        f"{TIMES}/encode.tsv"
    conda:
        "../envs/gapscope.yaml"
    params:
        settings=settings("encode"),
        code=code_of("encode"),
    script:
        "../../scripts/encode.py"


rule split:
    """Which rows of the training table are trained on, which validate, and how columns are scaled (config: split)."""
    input:
        **GROUPS,
        X=rules.encode.output.train_X,
        y=rules.encode.output.train_y,
        encoding=rules.encode.output.encoding,
    output:
        training_y=f"{RESULTS}/split/training_y.npy",
        training_rows=f"{RESULTS}/split/training_rows.npy",
        validation_y=f"{RESULTS}/split/validation_y.npy",
        validation_rows=f"{RESULTS}/split/validation_rows.npy",
        scaling=f"{RESULTS}/split/scaling.json",
    log:
        f"{LOGS}/split.log",
    benchmark:
        f"{TIMES}/split.tsv"
    conda:
        "../envs/gapscope.yaml"
    params:
        settings=settings("split"),
        code=code_of("split"),
    script:
        "../../scripts/split.py"


TRAINING = dict(
    **WEIGHTS,
    train_X=rules.encode.output.train_X,
    training_y=rules.split.output.training_y,
    training_rows=rules.split.output.training_rows,
    scaling=rules.split.output.scaling,
)
PARTS = dict(
    **TRAINING,
    validation_y=rules.split.output.validation_y,
    validation_rows=rules.split.output.validation_rows,
)
