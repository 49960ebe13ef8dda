# Where the tables come from, and how they become matrices.

if config["data"]["source"] == "simulated":

    rule simulate:
        output:
            train=TRAIN_CSV,
            test=TEST_CSV,
            truth=f"{RESULTS}/simulated/truth.json",
        log:
            f"{LOGS}/simulate.log",
        benchmark:
            f"{TIMES}/simulate.tsv"
        params:
            settings=settings("simulate"),
            code=code_of("simulate"),
        script:
            "../../scripts/simulate.py"


if config["data"]["source"] == "download":

    rule fetch:
        output:
            train=TRAIN_CSV,
            test=TEST_CSV,
        log:
            f"{LOGS}/fetch.log",
        benchmark:
            f"{TIMES}/fetch.tsv"
        params:
            settings=settings("fetch"),
            code=code_of("fetch"),
        script:
            "../../scripts/fetch.py"


rule clean:
    input:
        train=TRAIN_CSV,
        test=TEST_CSV,
    output:
        train=f"{RESULTS}/clean/train.parquet",
        test=f"{RESULTS}/clean/test.parquet",
        summary=f"{RESULTS}/clean/summary.json",
    log:
        f"{LOGS}/clean.log",
    benchmark:
        f"{TIMES}/clean.tsv"
    params:
        settings=settings("clean"),
        code=code_of("clean"),
    script:
        "../../scripts/clean.py"


rule eda:
    input:
        train=rules.clean.output.train,
    output:
        summary=f"{RESULTS}/eda/summary.json",
        means=f"{RESULTS}/eda/means_by_class.csv",
        correlation=f"{RESULTS}/eda/correlation.csv",
        levels=f"{RESULTS}/eda/level_shares.csv",
        classes=f"{RESULTS}/eda/classes.svg",
        boxplots=f"{RESULTS}/eda/boxplots.svg",
        shares=f"{RESULTS}/eda/shares.svg",
        matrix=f"{RESULTS}/eda/correlation.svg",
    log:
        f"{LOGS}/eda.log",
    benchmark:
        f"{TIMES}/eda.tsv"
    params:
        settings=settings("eda"),
        code=code_of("eda"),
    script:
        "../../scripts/eda.py"


rule encode:
    input:
        train=rules.clean.output.train,
        test=rules.clean.output.test,
    output:
        train_X=f"{RESULTS}/encode/train_X.npy",
        train_y=f"{RESULTS}/encode/train_y.npy",
        test_X=f"{RESULTS}/encode/test_X.npy",
        test_y=f"{RESULTS}/encode/test_y.npy",
        encoding=f"{RESULTS}/encode/encoding.json",
    log:
        f"{LOGS}/encode.log",
    benchmark:
        f"{TIMES}/encode.tsv"
    params:
        settings=settings("encode"),
        code=code_of("encode"),
    script:
        "../../scripts/encode.py"


rule split:
    input:
        X=rules.encode.output.train_X,
        y=rules.encode.output.train_y,
        encoding=rules.encode.output.encoding,
    output:
        training_X=f"{RESULTS}/split/training_X.npy",
        training_y=f"{RESULTS}/split/training_y.npy",
        training_rows=f"{RESULTS}/split/training_rows.npy",
        validation_X=f"{RESULTS}/split/validation_X.npy",
        validation_y=f"{RESULTS}/split/validation_y.npy",
        validation_rows=f"{RESULTS}/split/validation_rows.npy",
        scaling=f"{RESULTS}/split/scaling.json",
    log:
        f"{LOGS}/split.log",
    benchmark:
        f"{TIMES}/split.tsv"
    params:
        settings=settings("split"),
        code=code_of("split"),
    script:
        "../../scripts/split.py"
