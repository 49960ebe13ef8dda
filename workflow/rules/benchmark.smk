# `make benchmark`: the network's step beside PyTorch, scikit-learn and others, timed here. Not part of `all`.

if not IS_MODULE:

    rule benchmark:
        """One training step, timed beside PyTorch, scikit-learn and others (`make benchmark` installs them)."""
        output:
            table=f"{RESULTS}/benchmark.csv",
            profile=f"{RESULTS}/benchmark/profile.csv",
            figure=f"{RESULTS}/benchmark.svg",
        log:
            f"{LOGS}/benchmark.log",
        conda:
            "../envs/benchmark.yaml"
        threads: 1
        params:
            settings={
                "rows": 28987,
                "units": [12, 64, 32, 4],
                "batch_size": 256,
                "networks": 5,
                "learning_rate": 0.1,
                "adam_learning_rate": 0.002,
                "repeats": 40,
                "warm_up": 5,
                "seed": 1,
            },
            code=code_of("benchmark"),
        script:
            "../../scripts/benchmark.py"
