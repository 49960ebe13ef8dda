# `snakemake sweep` compares many settings on validation rows. Part of `all` if the block sweep of the config has points.

SWEPT = False

if not IS_MODULE:
    POINTS = or_exit(checked_points, config)
    SWEPT = bool(POINTS)
    SWEEP = sweep_of(config, POINTS, code_of("sweep_points"))

    rule sweep_clean:
        """Cleans the tables with the settings of some points of the sweep."""
        input:
            train=TRAIN_CSV,
            test=when(HAS_TEST, TEST_CSV),
        output:
            train=f"{RESULTS}/sweep/{{cleaning}}/clean/train.parquet",
            train_groups=when(GROUPED, f"{RESULTS}/sweep/{{cleaning}}/clean/train_groups.npy"),
            train_weights=when(WEIGHTED, f"{RESULTS}/sweep/{{cleaning}}/clean/train_weights.npy"),
            test=when(HAS_TEST, f"{RESULTS}/sweep/{{cleaning}}/clean/test.parquet"),
            test_groups=when(LABELLED and GROUPED, f"{RESULTS}/sweep/{{cleaning}}/clean/test_groups.npy"),
            test_weights=when(HAS_TEST and WEIGHTED, f"{RESULTS}/sweep/{{cleaning}}/clean/test_weights.npy"),
            summary=f"{RESULTS}/sweep/{{cleaning}}/clean/summary.json",
        log:
            f"{LOGS}/sweep_clean_{{cleaning}}.log",
        conda:
            "../envs/gapscope.yaml"
        params:
            **settings("data", without=["data.train", "data.test"]),
            clean=lambda wildcards: {"clean": SWEEP.cleanings[wildcards.cleaning]},
            tables=OWN_CONTENT,
            code=code_of("clean"),
        script:
            "../../scripts/clean.py"

    rule sweep_encode:
        """Encodes the cleaned tables with the settings of some points of the sweep."""
        input:
            train=lambda wildcards: SWEEP.file(wildcards.encoding, "clean/train.parquet", RESULTS),
            test=when(HAS_TEST, lambda wildcards: SWEEP.file(wildcards.encoding, "clean/test.parquet", RESULTS)),
        output:
            train_X=f"{RESULTS}/sweep/{{encoding}}/encode/train_X.npy",
            train_y=f"{RESULTS}/sweep/{{encoding}}/encode/train_y.npy",
            test_X=when(HAS_TEST, f"{RESULTS}/sweep/{{encoding}}/encode/test_X.npy"),
            test_y=when(LABELLED, f"{RESULTS}/sweep/{{encoding}}/encode/test_y.npy"),
            encoding=f"{RESULTS}/sweep/{{encoding}}/encode/encoding.json",
        log:
            f"{LOGS}/sweep_encode_{{encoding}}.log",
        conda:
            "../envs/gapscope.yaml"
        params:
            **settings("data.source", "data.target", "data.numeric", "data.categorical"),
            encode=lambda wildcards: {"encode": SWEEP.encodings[wildcards.encoding]},
            code=code_of("encode"),
        script:
            "../../scripts/encode.py"

    rule sweep_points:
        """Trains several points of the sweep in one job; points with an earlier result are not trained again."""
        input:
            X=SWEEP.of_batch("encode/train_X.npy", RESULTS),
            y=SWEEP.of_batch("encode/train_y.npy", RESULTS),
            encoding=SWEEP.of_batch("encode/encoding.json", RESULTS),
            train_groups=when(GROUPED, SWEEP.of_batch("clean/train_groups.npy", RESULTS)),
            train_weights=when(WEIGHTED, SWEEP.of_batch("clean/train_weights.npy", RESULTS)),
        output:
            results=f"{RESULTS}/sweep/batches/{{batch}}.json",
        log:
            f"{LOGS}/sweep_points_{{batch}}.log",
        conda:
            "../envs/gapscope.yaml"
        params:
            **settings("data.source", "data.classes"),
            batch=lambda wildcards: SWEEP.batches[wildcards.batch],
            code=code_of("sweep_points"),
        script:
            "../../scripts/sweep_points.py"

    rule sweep:
        """Compares many settings; the winner is chosen on validation rows (config: sweep)."""
        input:
            results=expand(f"{RESULTS}/sweep/batches/{{batch}}.json", batch=SWEEP.batches),
        output:
            table=shown(f"{RESULTS}/sweep.csv", "7 Sweep", "sweep"),
            networks=f"{RESULTS}/sweep/networks.csv",
            knobs=shown(f"{RESULTS}/sweep/knobs.csv", "7 Sweep", "sweep"),
            summary=f"{RESULTS}/sweep/summary.json",
            winner=f"{RESULTS}/sweep/winner.yaml",
            best=shown(f"{RESULTS}/sweep/best.svg", "7 Sweep", "sweep"),
            sensitivity=shown(f"{RESULTS}/sweep/sensitivity.svg", "7 Sweep", "sweep"),
            cost=shown(f"{RESULTS}/sweep/cost.svg", "7 Sweep", "sweep"),
        log:
            f"{LOGS}/sweep.log",
        conda:
            "../envs/gapscope.yaml"
        params:
            **settings("data.source", "train.activations", "train.per_activation"),
            **settings("sweep", without=["sweep.points_per_job"]),
            points={"points": POINTS},
            code=code_of("sweep"),
        script:
            "../../scripts/sweep.py"
