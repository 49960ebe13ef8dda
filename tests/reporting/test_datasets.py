"""The presets of public tables: the stages run on them, and the network is as right as scikit-learn's linear model."""

import importlib

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from snakemake.utils import update_config

import hostile
from gapscope.common.files import read_json
from gapscope.config.check import check
from gapscope.config.defaults import read_yaml, shipped


@pytest.fixture(scope="module", params=["penguins", "wine", "breast_cancer"])
def run(request, tmp_path_factory):
    """The preset's config on its tables: config, files that the report reads, and the two tables."""
    if request.param == "penguins":
        pytest.importorskip("palmerpenguins", reason="palmerpenguins is not installed; `make test` installs it")
    folder = tmp_path_factory.mktemp(request.param)
    importlib.import_module("datasets").main([request.param, "--folder", str(folder)])
    tables = [pd.read_csv(folder / request.param / f"{name}.csv") for name in ("train", "test")]
    config = shipped()
    config["mitigate"].pop("remedies")
    update_config(config, read_yaml(hostile.ROOT / "workflow/presets" / f"{request.param}.yaml"))
    update_config(config, hostile.QUICK)
    check(config)
    return config, hostile.run_stages(folder, config, *tables), tables


def test_no_gap_is_found_where_none_is_known(run):
    _, files, tables = run
    diagnosis = read_json(files.diagnosis)
    assert diagnosis["verdict"]["kind"] == "no_gap" and diagnosis["gap"]["test"] > 0.93
    rows = read_json(files.cleaning)["rows"]
    assert [rows[name]["rows_out"] for name in ("train", "test")] == [len(table) for table in tables]


def test_as_right_on_the_test_set_as_logistic_regression(run):
    config, files, (train, test) = run
    data = config["data"]
    model = make_pipeline(
        make_column_transformer(
            (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), data["numeric"]),
            (OneHotEncoder(handle_unknown="ignore"), data["categorical"]),
        ),
        LogisticRegression(max_iter=1000),
    )
    for table in (train, test):
        table[data["categorical"]] = table[data["categorical"]].fillna("unknown")
    accuracy = model.fit(train, train[data["target"]]).score(test, test[data["target"]])
    error = np.sqrt(max(accuracy * (1 - accuracy), 0.02) / len(test))
    assert read_json(files.diagnosis)["gap"]["test"] >= accuracy - 2 * error


def test_the_page_is_written(run, tmp_path):
    config, files, _ = run
    assert config["report"]["title"].replace("'", "&#39;") in hostile.write_page(tmp_path, config, files)
