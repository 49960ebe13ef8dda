"""Results of every stage before the page, from small tables whose names try to break it."""

from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from gapscope.config.check import kind_of_test
from stage_scripts import Files, stage, stage_settings

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ["<script>alert(1)</script>", 'b "two" & more', "plain"]
SCORE, OTHER, KIND, TARGET = 'score & <b>"s"</b>', "it's {{ other }}", "kind %s", "class <i>& $x$</i>"
GROUP, WEIGHT = "per<son>", "w<b>eight"
LEVELS = ["</td><script>alert(2)</script>", 'O\'Neil & "Sons"']

RESULTS = {
    "cleaning": "clean.json",
    "eda": "eda.json",
    "means": "means.csv",
    "correlations": "correlations.csv",
    "level_shares": "levels.csv",
    "classes": "classes.svg",
    "boxplots": "boxplots.svg",
    "shares": "shares.svg",
    "correlation_matrix": "matrix.svg",
    "encoding": "encoding.json",
    "scaling": "scaling.json",
    "gradients": "gradients.json",
    "curves": "curves.svg",
    "layer_gradients": "gradients.svg",
    "depth_table": "depth.csv",
    "depth": "depth.svg",
    "saliency": "saliency.csv",
    "agreement": "agreement.csv",
    "completeness": "completeness.csv",
    "saliency_columns": "columns.svg",
    "saliency_features": "saliency_features.svg",
    "metrics": "metrics.json",
    "gap": "gap.svg",
    "confusion": "confusion.svg",
    "diagnosis": "diagnosis.json",
    "counterfactual": "counterfactual.svg",
    "features": "features.svg",
    "mitigations": "mitigations.csv",
    "remedies": "remedies.json",
    "remedies_figure": "remedies.svg",
    "shared_bias": "shared.json",
    "shared_bias_curves": "shared.csv",
    "convergence": "convergence.svg",
    "paths": "paths.svg",
    "train": "train.csv",
    "test": "test.csv",
}
STAGES = {"clean": [], "train_relu": ["clean"], "diagnose": ["train_relu"], "report": ["clean", "diagnose"]}
TABLES = {"train": "train.parquet", "test": "test.parquet"}
ENCODED = {"train_X": "a.npy", "train_y": "b.npy", "test_X": "c.npy", "test_y": "d.npy", "encoding": "encoding.json"}
SPLIT = {
    "training_y": "f.npy",
    "training_rows": "g.npy",
    "validation_y": "i.npy",
    "validation_rows": "j.npy",
    "scaling": "scaling.json",
}


def table(rows, seed, lost):
    """Three classes told apart by SCORE, unless it is `lost`; KIND tells a little, OTHER nothing."""
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=rows)
    score = (rng.permutation(y) if lost else y) + rng.normal(0, 0.2, rows)
    kind = np.array(LEVELS)[(rng.random(rows) < 0.15 + 0.35 * y).astype(int)]
    other = np.where(np.arange(rows) < 4, np.nan, rng.normal(0, 1, rows))
    beside = {GROUP: np.arange(rows) // 6, WEIGHT: 1.0 + np.arange(rows) % 3}
    return pd.DataFrame({SCORE: score, OTHER: other, KIND: kind, **beside, TARGET: np.array(CLASSES)[y]})


def config():
    """config.yaml on these tables, with little work for each stage."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    config["data"] |= {
        "source": "files",
        "target": TARGET,
        "classes": CLASSES,
        "numeric": [SCORE, OTHER],
        "categorical": [KIND],
    }
    config["train"] |= {"hidden": [8, 6], "iterations": 60}
    config["gradients"]["depth_sweep"] |= {"depths": 4, "width": 8, "rows": 100, "seeds": [1, 2]}
    config["diagnose"] |= {"draws": 1, "resamples": 20}
    config["mitigate"] |= {"seeds": [1, 2], "folds": 2, "ceiling_folds": 2}
    config["shared_bias"] |= {"iterations": 20, "seeds": [1, 2], "loss_levels": [1.0, 0.001]}
    return config


def run_remedies(folder, config, input, output):
    """The remedies and their table, from `input` to the names of RESULTS in `output`."""
    names = [*config["mitigate"]["remedies"], "recommended"]
    trials = [Files(result=str(folder / f"{name}.json"), right=str(folder / f"{name}.npy")) for name in names]
    for name, trial in zip(names, trials):
        stage("remedy")(input, trial, stage_settings(config, "remedy", name))
    ceiling = of_test(Files(ceiling=str(folder / "ceiling.json")), config)
    if ceiling:
        stage("ceiling")(input, ceiling, stage_settings(config, "ceiling"))
    weights = {name: input[name] for name in ("test_weights",) if name in input and ceiling}
    results = {"results": [trial.result for trial in trials], "rights": [trial.right for trial in trials]}
    stage("mitigate")(
        Files(diagnosis=input.diagnosis, **results, **ceiling, **weights),
        Files(table=output.mitigations, summary=output.remedies, figure=output.remedies_figure),
        stage_settings(config, "mitigate"),
    )


def of_test(files, config):
    """The files that the rules of this config have: fewer without classes of test rows, or without a test set."""
    kind, rows = kind_of_test(config), ("test", "test_X")
    needs_classes = ("test_y", "counterfactual", "features", "ceiling")
    left_out = {"labelled": (), "unlabelled": needs_classes, "none": (*rows, "test_weights", *needs_classes)}[kind]
    return Files({name: path for name, path in files.items() if name not in left_out})


def run_stages(folder, config, train=None, test=None):
    """The files that the report reads, made in `folder` by the stages themselves, of these or the hostile tables."""

    def place(names):
        return of_test({key: str(folder / name) for key, name in names.items()}, config)

    def run(name, input, **output):
        stage(name)(Files(input), Files(output), stage_settings(config, name))

    files, tables, encoded, split = place(RESULTS), place(TABLES), place(ENCODED), place(SPLIT)
    (table(600, 1, lost=False) if train is None else train).to_csv(files.train, index=False)
    if "test" in files:
        (table(400, 2, lost=True) if test is None else test).to_csv(files.test, index=False)
    groups = {"train_groups": str(folder / "groups.npy")} if config["data"]["group"] != "none" else {}
    counted = ("train_weights", "test_weights") if config["data"]["weight"] != "none" else ()
    weights = place({name: f"{name}.npy" for name in counted})
    run("clean", files, **tables, **groups, **weights, summary=files.cleaning)
    run(
        "eda",
        {**tables, **weights},
        summary=files.eda,
        means=files.means,
        correlation=files.correlations,
        levels=files.level_shares,
        classes=files.classes,
        boxplots=files.boxplots,
        shares=files.shares,
        matrix=files.correlation_matrix,
    )
    run("encode", tables, **encoded)
    run("split", {"X": encoded.train_X, "y": encoded.train_y, "encoding": encoded.encoding, **groups}, **split)
    names = config["train"]["activations"]
    files["histories"] = histories = [str(folder / f"{name}.csv") for name in names]
    files["models"] = [str(folder / f"{name}.npz") for name in names]
    for name, model, history in zip(names, files.models, histories):
        stage("train")(
            Files(split, **weights, train_X=encoded.train_X, encoding=encoded.encoding, cleaning=files.cleaning),
            Files(model=model, history=history),
            stage_settings(config, "train", name),
        )
    training = {"train_X": encoded.train_X, **split}
    run(
        "gradients",
        {"histories": histories, "models": files.models, **training},
        summary=files.gradients,
        curves=files.curves,
        gradients=files.layer_gradients,
    )
    run("depth_sweep", training, table=files.depth_table, figure=files.depth)
    rows = {"models": files.models, **split, **encoded, **weights}
    run(
        "saliency",
        rows,
        table=files.saliency,
        agreement=files.agreement,
        completeness=files.completeness,
        columns=files.saliency_columns,
        features=files.saliency_features,
    )
    run("test_eval", rows, metrics=files.metrics, gap=files.gap, confusion=files.confusion)
    run(
        "diagnose",
        {**files, **rows, **tables},
        diagnosis=files.diagnosis,
        **{name: files[name] for name in ("counterfactual", "features") if name in files},
    )
    files["for_remedies"] = Files({**files, **tables, **split, **encoded, **groups, **weights})
    run_remedies(folder, config, files.for_remedies, files)
    run(
        "shared_bias",
        training,
        summary=files.shared_bias,
        curves=files.shared_bias_curves,
        convergence=files.convergence,
        paths=files.paths,
    )
    return files
