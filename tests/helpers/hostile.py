"""Results of every stage before the page, from small tables whose names try to break it."""

from pathlib import Path

import numpy as np
import pandas as pd

from gapscope.common.files import read_json, write_json
from gapscope.config.defaults import shipped
from gapscope.config.settings import remedies_of
from stage_scripts import Files, stage, stage_settings
from stages import of_test, train_networks

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ["<script>alert(1)</script>", 'b "two" & more', "plain"]
SCORE, OTHER, KIND, TARGET = 'score & <b>"s"</b>', "it's {{ other }}", "kind %s", "class <i>& $x$</i>"
GROUP, WEIGHT = "per<son>", "w<b>eight"
LEVELS = ["</td><script>alert(2)</script>", 'O\'Neil & "Sons"']


# Changes of a config that leave each stage next to nothing to do.
QUICK = {
    "gradients": {"depth_sweep": {"depths": 2, "width": 8, "rows": 50, "seeds": [1]}},
    "saliency": {"rows": 100, "steps": 8, "draws": 1},
    "diagnose": {"draws": 1, "resamples": 20},
    "mitigate": {"seeds": [1], "folds": 2, "ceiling_folds": 2, "remedies": {"baseline": {}}},
    "shared_bias": {"iterations": 5, "seeds": [1], "loss_levels": [1.0]},
}


KINDS = {  # the files that the report reads, by the names that the rules give them
    "json": "eda gradients metrics diagnosis remedies shared_bias",
    "csv": "means correlations level_shares depth_table saliency agreement completeness mitigations failures "
    "shared_bias_curves train test",
    "svg": "classes boxplots shares curves layer_gradients depth gap saliency_columns saliency_features picture "
    "counterfactual features remedies_figure convergence paths",
}
RESULTS = {name: f"{name}.{ending}" for ending, names in KINDS.items() for name in names.split()}


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
    config = shipped()
    config["data"] |= {"source": "files", "target": TARGET, "classes": CLASSES}
    config["data"] |= {"numeric": [SCORE, OTHER], "categorical": [KIND]}
    config["train"] |= {"hidden": [8, 6], "iterations": 60}
    config["gradients"]["depth_sweep"] |= {"depths": 4, "width": 8, "rows": 100, "seeds": [1, 2]}
    config["diagnose"] |= {"draws": 1, "resamples": 20}
    config["mitigate"] |= {"seeds": [1, 2], "folds": 2, "ceiling_folds": 2}
    config["shared_bias"] |= {"iterations": 20, "seeds": [1, 2], "loss_levels": [1.0, 0.001]}
    return config


def run_remedies(folder, config, input, output):
    """The remedies and their table, from `input` to the names of RESULTS in `output`."""
    names = remedies_of(config)
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


def write_page(folder, config, files):
    """The page from these files, as text; it is <folder>/report.html."""
    output = Files(page=str(folder / "report.html"), settings=str(folder / "settings.yaml"))
    stage("report")(Files(files), output, stage_settings(config, "report"))
    return Path(output.page).read_text(encoding="utf-8")


def changed_json(path, folder, change):
    """A copy of a JSON file in `folder`, changed by the function `change`; its path."""
    content = read_json(path)
    change(content)
    write_json(folder / Path(path).name, content)
    return str(folder / Path(path).name)


def run_stages(folder, config, train=None, test=None):
    """The files that the report reads, made in `folder` by the stages themselves, of these or the hostile tables."""
    files = of_test({key: str(folder / name) for key, name in RESULTS.items()}, config)
    (table(600, 1, lost=False) if train is None else train).to_csv(files.train, index=False)
    if "test" in files:
        (table(400, 2, lost=True) if test is None else test).to_csv(files.test, index=False)
    tables, trained = train_networks(config, folder, files.train, files.get("test"))
    files |= trained
    rows = Files(files | tables)

    def run(name, *results, **renamed):
        """The stage with these results, and others that the report calls otherwise, as output."""
        names = dict(zip(results, results)) | renamed
        output = Files({key: files[result] for key, result in names.items() if result in files})
        stage(name)(rows, output, stage_settings(config, name))

    tabled = {"levels": "level_shares", "correlation": "correlations"}
    run("eda", "means", "classes", "boxplots", "shares", summary="eda", **tabled)
    if config["train"]["activations"]:
        run("gradients", "curves", summary="gradients", gradients="layer_gradients")
    else:
        for name in ("gradients", "curves", "layer_gradients"):
            del files[name]
    run("depth_sweep", table="depth_table", figure="depth")
    figures = {"columns": "saliency_columns", "features": "saliency_features"}
    run("saliency", "agreement", "completeness", table="saliency", **figures)
    run("test_eval", "metrics", "gap")
    run("diagnose", "diagnosis", "failures", "picture", "counterfactual", "features")
    run_remedies(folder, config, rows, files)
    run("shared_bias", "convergence", "paths", summary="shared_bias", curves="shared_bias_curves")
    files["for_remedies"] = rows
    return files
