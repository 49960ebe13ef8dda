# `snakemake sweep`: many settings, judged on validation rows. Part of `all` while config.yaml's block sweep names some.

SWEPT = {}

if not IS_MODULE:
    POINTS = or_exit(checked_points, config)
    SWEEP = sweeping.sweep_of(config, code_of("sweep_points"))

    for name, own in SWEEP.cleanings.items():

        rule:
            """The tables cleaned as points of the sweep want it."""
            name:
                f"sweep_clean_{name}"
            input:
                **dict(rules.clean.input.items()),
            output:
                **sweeping.beside(rules.clean.output, RESULTS, name),
            log:
                f"{LOGS}/sweep_clean_{name}.log",
            conda:
                "../envs/gapscope.yaml"
            params:
                settings=own,
                code=code_of("clean"),
            script:
                "../../scripts/clean.py"

    for name, (cleaning, own) in SWEEP.encodings.items():

        rule:
            """The cleaned tables encoded as points of the sweep want it."""
            name:
                f"sweep_encode_{name}"
            input:
                **(
                    sweeping.beside(rules.encode.input, RESULTS, cleaning)
                    if cleaning
                    else dict(rules.encode.input.items())
                ),
            output:
                **sweeping.beside(rules.encode.output, RESULTS, name),
            log:
                f"{LOGS}/sweep_encode_{name}.log",
            conda:
                "../envs/gapscope.yaml"
            params:
                settings=own,
                code=code_of("encode"),
            script:
                "../../scripts/encode.py"

    for batch in SWEEP.batches:
        tables = (
            sweeping.beside(rules.encode.output, RESULTS, batch.encoding)
            if batch.encoding
            else dict(rules.encode.output.items())
        )

        rule:
            """Points of the sweep, trained in one job; those with a result from earlier are not trained again."""
            name:
                f"sweep_points_{batch.name}"
            input:
                **(sweeping.beside(BY_ROW, RESULTS, batch.cleaning) if batch.cleaning else BY_ROW),
                X=tables["train_X"],
                y=tables["train_y"],
                encoding=tables["encoding"],
            output:
                results=f"{RESULTS}/sweep/batches/{batch.name}.json",
            log:
                f"{LOGS}/sweep_points_{batch.name}.log",
            benchmark:
                f"{TIMES}/sweep_points_{batch.name}.tsv"
            conda:
                "../envs/gapscope.yaml"
            params:
                settings=batch.settings,
                code=code_of("sweep_points"),
            script:
                "../../scripts/sweep_points.py"

    rule sweep:
        """Many settings beside each other, the winner chosen on validation rows (config: sweep)."""
        input:
            results=[f"{RESULTS}/sweep/batches/{batch.name}.json" for batch in SWEEP.batches],
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
        benchmark:
            f"{TIMES}/sweep.tsv"
        conda:
            "../envs/gapscope.yaml"
        params:
            settings={**settings("sweep"), "points": POINTS},
            code=code_of("sweep"),
        script:
            "../../scripts/sweep.py"

    if POINTS:
        SWEPT = dict(
            sweep=rules.sweep.output.summary,
            sweep_table=rules.sweep.output.table,
            sweep_knobs=rules.sweep.output.knobs,
            sweep_winner=rules.sweep.output.winner,
            sweep_best=rules.sweep.output.best,
            sweep_sensitivity=rules.sweep.output.sensitivity,
            sweep_cost=rules.sweep.output.cost,
        )
