"""A saved model on new rows: the pipeline's own bits, refusals that name what does not fit, cells that run nothing."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gapscope.common.errors import UserError
from gapscope.common.files import read_array
from gapscope.config.defaults import shipped
from gapscope.data import csv_file, source
from gapscope.evaluation import prediction as predict
from gapscope.evaluation.prediction import classify, load, predictions, read, write_predictions
from gapscope.network import model as models
from stage_scripts import Files, stage
from stages import train_networks

CLASSES = ["=1+2", "-3", "plain"]
COLUMNS = {"steady": "numeric", "skewed": "numeric", "kind": "categorical"}


def table(rows, seed, holes):
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=rows)
    steady, skewed = y + rng.normal(0, 0.6, rows), np.exp(y + rng.normal(0, 1.5, rows))
    kind = np.array(["a", "b", "c"])[(y + (rng.random(rows) < 0.4)) % 3]
    frame = pd.DataFrame({"steady": steady, "skewed": skewed, "kind": kind, "y": np.array(CLASSES)[y]})
    frame["steady"] = frame["steady"].mask(rng.random(rows) < holes)
    frame["kind"] = frame["kind"].mask(rng.random(rows) < holes)
    return frame


def config(**train):
    config = shipped()
    names = {kind: [name for name, own in COLUMNS.items() if own == kind] for kind in ("numeric", "categorical")}
    config["data"] |= {"source": "files", "target": "y", "classes": CLASSES, **names}
    config["encode"]["transform"] = {"steady": ["identity", {"fourier": 3}], "skewed": ["log1p", "quantile"]}
    config["train"] |= {"activations": ["relu"], "hidden": [8], "iterations": 3, **train}
    return config


def trained(folder, config, holes=0.0):
    """Files of a run up to the inputs of test_eval, with the tables `train` and `test` as CSV."""
    train, test = str(folder / "train.csv"), str(folder / "test.csv")
    table(300, 1, holes).to_csv(train, index=False)
    table(157, 2, holes).to_csv(test, index=False)
    _, files = train_networks(config, folder, train, test)
    return Files(files, train=train, test=test, model=files.models[0])


VARIANTS = {
    "blocks, float32": ({}, "drop"),
    "blocks, float64": ({"precision": "float64"}, "drop"),
    "plain, float32": ({"form": "plain"}, "drop"),
    "plain, float64": ({"form": "plain", "precision": "float64"}, "impute"),
    "an ensemble": ({"members": 3}, "impute"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_same_bits_as_the_pipelines_own_probabilities(tmp_path, name):
    train, missing = VARIANTS[name]
    own = config(**train)
    own["clean"]["missing"] = missing
    files = trained(tmp_path, own, holes=0.1)
    saved = models.load(files.model)
    X = models.test_matrix(saved, read_array(files.test_X), own["test_eval"])
    expected = saved.network.probabilities(X)  # as in test_eval
    model = load(files.model)
    found = predictions(model, read(model, files.test))
    whole = found["predicted"].notna()
    assert len(found) == 157 and whole.sum() == len(expected) and whole.all() == (missing == "impute")
    assert found.filter(like="p_")[whole].to_numpy().tobytes() == np.ascontiguousarray(expected).tobytes()
    assert found["predicted"][whole].tolist() == [CLASSES[code] for code in expected.argmax(axis=1)]
    assert found[~whole].isna().all(axis=None)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("run"), config())


@pytest.fixture(scope="module")
def model(run):
    return load(run.model)


def written(tmp_path, frame):
    frame.to_csv(tmp_path / "new.csv", index=False)
    return str(tmp_path / "new.csv")


def test_neither_target_nor_further_columns_are_needed_and_order_does_not_matter(run, model, tmp_path):
    expected = predictions(model, read(model, run.test))
    other = table(157, 2, 0.0).assign(note="=cmd()")[["note", "kind", "skewed", "steady"]]
    assert predictions(model, read(model, written(tmp_path, other))).equals(expected)


@pytest.mark.parametrize("change, words", [
    (lambda rows: rows.rename(columns={"steady": "Stead"}).drop(columns="kind"),
     r"new\.csv: the model reads 2 columns .* steady, kind; the file has: Stead"),
    (lambda rows: rows.assign(steady=["1", "2", "x", "4", "5"]), "row 4, column 'steady'.*'x'"),
    (lambda rows: rows.assign(steady=["1", "2", "3", "4", "x"]), "row 6, column 'steady'.*'x'"),
])  # fmt: skip
def test_a_table_that_does_not_fit_is_refused_before_anything_is_written(model, tmp_path, change, words):
    path = written(tmp_path, change(table(5, 3, 0.0)))
    for refused in (lambda: read(model, path), lambda: classify(model, path, str(tmp_path / "out.csv"))):
        with pytest.raises(UserError, match=words):
            refused()
    assert not (tmp_path / "out.csv").exists()


def test_rows_without_a_value_are_named_and_kept_in_their_place(model, tmp_path):
    frame = table(6, 3, 0.0)
    frame.loc[1, "steady"], frame.loc[4, "kind"] = np.nan, ""
    path, output = written(tmp_path, frame), tmp_path / "out.csv"
    found, (remark,) = predictions(model, read(model, path)), classify(model, path, str(output))
    assert found["predicted"].isna().tolist() == [False, True, False, False, True, False]
    assert "2 of 6 rows" in remark and "row 3, 6" in remark and "(steady, kind)" in remark
    lines = list(csv.DictReader(output.open()))
    assert [line["row"] for line in lines] == ["2", "3", "4", "5", "6", "7"] and lines[1]["p_plain"] == ""


def test_a_level_that_training_does_not_know_is_named(model, tmp_path):
    path = written(tmp_path, table(6, 3, 0.0).assign(kind="elsewhere"))
    assert predictions(model, read(model, path))["predicted"].notna().all()
    (remark,) = classify(model, path, str(tmp_path / "out.csv"))
    assert "6 rows have a level of 'kind' that training does not know: elsewhere" in remark


def test_no_cell_starts_a_formula(run, model, tmp_path):
    write_predictions(str(tmp_path / "out.csv"), model, [predictions(model, read(model, run.test))])
    header, *rows = csv.reader((tmp_path / "out.csv").open())
    assert header == ["row", "p_=1+2", "p_-3", "p_plain", "predicted", "data_source"]
    assert {row[4] for row in rows} == {"'=1+2", "-3", "plain"}  # a number is one


def test_a_file_that_is_no_model_is_refused(tmp_path):
    np.savez(tmp_path / "arrays.npz", a=np.zeros(3))
    np.save(tmp_path / "array.npy", np.zeros(3))
    for place, content in enumerate([b"", b"words", b"PK\x03\x04 and no more"]):
        (tmp_path / f"{place}.npz").write_bytes(content)
    for path in tmp_path.iterdir():
        with pytest.raises(UserError, match="not a model of gapscope"):
            load(str(path))
    with pytest.raises(UserError, match="no such file"):
        load(str(tmp_path / "nowhere.npz"))


def test_the_command_writes_what_the_stage_writes(run, tmp_path, capsys):
    own, theirs = tmp_path / "own.csv", tmp_path / "theirs.csv"
    stage("predict")([run.model, run.test, "-o", str(own)])
    stage("predictions")(Files(models=[run.model], table=run.test), Files(tables=[str(theirs)]), {})
    assert own.read_bytes() == theirs.read_bytes() and capsys.readouterr().err == ""


@pytest.mark.parametrize("output", ["model", "test"])
def test_the_command_writes_over_no_input(run, output):
    before = Path(run[output]).read_bytes()
    with pytest.raises(SystemExit, match="this is an input"):
        stage("predict")([run.model, run.test, "-o", run[output]])
    assert Path(run[output]).read_bytes() == before


def test_the_command_says_what_is_wrong(run, tmp_path):
    with pytest.raises(SystemExit, match="error: .*no such file"):
        stage("predict")([run.model, str(tmp_path / "nowhere.csv"), "-o", str(tmp_path / "out.csv")])
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match="cannot be written"):
        stage("predict")([run.model, run.test, "-o", str(tmp_path / "file" / "out.csv")])


@pytest.mark.parametrize("piece", [7, 50, 1000])
def test_a_table_classified_in_blocks_has_the_bytes_of_the_whole(model, tmp_path, monkeypatch, piece):
    """Cut behind as many rows with a prediction as `predictions` takes at a time, wherever blocks of the file end."""
    frame = pd.concat([table(150, seed, 0.1) for seed in (4, 5)]).replace({"kind": {"b": "new"}})
    path = written(tmp_path, frame)
    monkeypatch.setattr(predict, "PIECE", piece)
    write_predictions(str(tmp_path / "whole.csv"), model, [predictions(model, read(model, path))])
    remarks = classify(model, path, str(tmp_path / "one.csv"))
    monkeypatch.setattr(csv_file, "BLOCK", 500)
    monkeypatch.setattr(source, "ROWS", 20)
    assert classify(model, path, str(tmp_path / "blocks.csv")) == remarks and len(remarks) == 2
    whole, one, blocks = ((tmp_path / f"{name}.csv").read_bytes() for name in ("whole", "one", "blocks"))
    assert whole == one == blocks
