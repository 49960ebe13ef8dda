# `snakemake reproduce`: both published systems on the real listings, their figures beside ours.
# Each system is this very workflow as a module with the config of its preset; as a module it leaves this file's rules out.

if not IS_MODULE:
    PRESETS = ROOT / "workflow" / "presets"
    STUDIES = defaults.read_yaml(PRESETS / "studies.yaml")
    PUBLISHED = {  # a preset's blocks in place of this config's, results in a folder of its name
        name: defaults.completed(
            changes,
            {
                **config,
                # of the user's blocks, what may name networks or columns that a published system does not have
                "sweep": {**config["sweep"], "grid": {}, "table": ""},
                "diagnose": {**config["diagnose"], "activation": "best"},
                "mitigate": {**config["mitigate"], "remedies": {"baseline": {}}},
                **defaults.read_yaml(PRESETS / f"{name}.yaml"),
                "results": f"{RESULTS}/{name}",
            },
        )
        for name, changes in STUDIES["page_needs"].items()
    }

    module system_25280022:
        snakefile:
            "../system.smk"
        config:
            PUBLISHED["25280022"]

    use rule * from system_25280022 as published_25280022_*

    module system_25280072:
        snakefile:
            "../system.smk"
        config:
            PUBLISHED["25280072"]

    use rule * from system_25280072 as published_25280072_*

    rule variants:
        """Trains variants of a published network with one change each, for one or several seeds."""
        input:
            train_X=f"{RESULTS}/{{system}}/encode/train_X.npy",
            training_y=f"{RESULTS}/{{system}}/split/training_y.npy",
            training_rows=f"{RESULTS}/{{system}}/split/training_rows.npy",
            validation_y=f"{RESULTS}/{{system}}/split/validation_y.npy",
            validation_rows=f"{RESULTS}/{{system}}/split/validation_rows.npy",
            scaling=f"{RESULTS}/{{system}}/split/scaling.json",
            history_sigmoid=f"{RESULTS}/{{system}}/history/sigmoid.csv",
        output:
            table=f"{RESULTS}/{{system}}/variants.csv",
            curves=f"{RESULTS}/{{system}}/variants_curves.csv",
            figure=f"{RESULTS}/{{system}}/variants.svg",
        log:
            f"{LOGS}/variants_{{system}}.log",
        wildcard_constraints:
            system="|".join(PUBLISHED),
        priority: URGENT
        conda:
            "../envs/gapscope.yaml"
        threads: lambda wildcards: max(v["change"].get("blas_threads", 1) for v in STUDIES["variants"][wildcards.system])
        params:
            variants=lambda wildcards: {"variants": STUDIES["variants"][wildcards.system]},
            train=lambda wildcards: {"train": params_of.canonical(PUBLISHED[wildcards.system]["train"])},
            code=code_of("variants"),
        script:
            "../../scripts/variants.py"

    rule test_preparation:
        """Effect of the preparation of the test set on the test accuracy of 25280072."""
        input:
            train_X=f"{RESULTS}/25280072/encode/train_X.npy",
            training_y=f"{RESULTS}/25280072/split/training_y.npy",
            training_rows=f"{RESULTS}/25280072/split/training_rows.npy",
            validation_y=f"{RESULTS}/25280072/split/validation_y.npy",
            validation_rows=f"{RESULTS}/25280072/split/validation_rows.npy",
            scaling=f"{RESULTS}/25280072/split/scaling.json",
            test_X=f"{RESULTS}/25280072/encode/test_X.npy",
            test_y=f"{RESULTS}/25280072/encode/test_y.npy",
            model=f"{RESULTS}/25280072/models/relu.npz",
        output:
            table=f"{RESULTS}/25280072/test_preparation.csv",
            figure=f"{RESULTS}/25280072/test_preparation.svg",
        log:
            f"{LOGS}/test_preparation.log",
        conda:
            "../envs/gapscope.yaml"
        params:
            **params_of.training(PUBLISHED["25280072"], STUDIES["test_preparation"]["activation"]),
            study={"study": STUDIES["test_preparation"]},
            code=code_of("test_preparation"),
        script:
            "../../scripts/test_preparation.py"

    rule reproduce:
        """Compares all published figures of both systems with ours: reproduction.csv and its page."""
        input:
            published=str(PRESETS / "published.yaml"),
            claims=str(PRESETS / "claims.yaml"),
            orders=f"{RESULTS}/25280022/variants.csv",
            orders_curves=f"{RESULTS}/25280022/variants_curves.csv",
            orders_figure=f"{RESULTS}/25280022/variants.svg",
            starts=f"{RESULTS}/25280072/variants.csv",
            starts_curves=f"{RESULTS}/25280072/variants_curves.csv",
            starts_figure=f"{RESULTS}/25280072/variants.svg",
            test_preparation=rules.test_preparation.output.table,
            preparation=rules.test_preparation.output.figure,
            curves_25280022=f"{RESULTS}/25280022/gradients/curves.svg",
            gradients_25280022=f"{RESULTS}/25280022/gradients/gradients.svg",
            curves_25280072=f"{RESULTS}/25280072/gradients/curves.svg",
            gradients_25280072=f"{RESULTS}/25280072/gradients/gradients.svg",
            figures=expand(
                f"{RESULTS}/{{system}}/{{file}}",
                system=PUBLISHED,
                file=[
                    "clean/summary.json",
                    "eda/summary.json",
                    "split/scaling.json",
                    "metrics.json",
                    "saliency.csv",
                    "history/relu.csv",
                    "history/sigmoid.csv",
                ],
            ),
            decisive=[f"{RESULTS}/25280022/diagnosis.json", f"{RESULTS}/25280022/mitigations.csv"],
        output:
            table=f"{RESULTS}/reproduction.csv",
            page=f"{RESULTS}/reproduction.html",
        log:
            f"{LOGS}/reproduce.log",
        conda:
            "../envs/gapscope.yaml"
        params:
            results={"results": RESULTS},
            code=code_of("reproduce", "workflow/report"),
        script:
            "../../scripts/reproduce.py"
