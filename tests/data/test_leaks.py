"""The two places where held-out rows could leak into what is learnt, tested through the stages themselves."""

import numpy as np
import pytest

from gapscope.common.files import read_array, read_json, write_array, write_json
from gapscope.config.defaults import shipped
from gapscope.data.encode import Column, records
from gapscope.network.partition import read_partition
from stage_scripts import Files, stage

DATA = shipped()["data"] | {"source": "files", "target": "y", "classes": ["lo", "hi"], "numeric": ["a"],
                                "categorical": ["c"], "missing_values": [""], "test_labels": "present"}  # fmt: skip
SPLIT = shipped()["split"] | {"seed": 1}


def cleaning(folder, test_rows, test_from="train"):
    """Bytes of the cleaned training table and the imputed values, with `test_rows` in the test file."""
    (folder / "train.csv").write_text("a,c,y\n1,u,lo\n,u,hi\n5,,hi\n9,v,lo\n")
    (folder / "test.csv").write_text("a,c,y\n" + test_rows)
    impute = {"numeric": "mean", "categorical": "mode", "columns": {}, "test_from": test_from}
    input = Files({name: str(folder / f"{name}.csv") for name in ("train", "test")})
    output = Files({name: str(folder / name) for name in ("train", "test", "summary")})
    settings = {"data": DATA, "clean": {"missing": "impute", "impute": impute}}
    stage("clean")(input, output, settings)
    return (folder / "train").read_bytes(), read_json(output.summary)["imputation"]


def test_test_rows_do_not_shape_the_imputation(tmp_path):
    one = cleaning(tmp_path, "100,w,lo\n,,hi\n")
    assert one == cleaning(tmp_path, "-7,z,lo\n-8,z,hi\n")
    assert one[1] == {"train": {"a": 5.0, "c": "u"}, "test": {"a": 5.0, "c": "u"}}


def test_the_leak_on_demand_is_one(tmp_path):
    assert cleaning(tmp_path, "100,w,lo\n,,hi\n", "test")[1]["test"] == {"a": 100.0, "c": "w"}


@pytest.fixture
def splitting(tmp_path):
    """Returns a function that runs split on X and y: scaling, training part and rows held out."""

    def splitting(X, y, fit_on="training"):
        input = Files({name: str(tmp_path / name) for name in ("X", "y", "encoding")})
        parts = [f"{part}_{what}" for part in ("training", "validation") for what in ("y", "rows")]
        output = Files({name: str(tmp_path / name) for name in [*parts, "scaling"]})
        write_array(input.X, X)
        write_array(input.y, y)
        write_json(input.encoding, {"columns": records([Column("a")])})
        settings = {"data": DATA, "split": SPLIT | {"scale": SPLIT["scale"] | {"fit_on": fit_on}}}
        stage("split")(input, output, settings)
        given = Files(output, train_X=input.X)
        return read_json(output.scaling), read_partition(given, "training").X[:], read_array(output.validation_rows)

    return splitting


def test_validation_rows_do_not_shape_the_scaling(splitting):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100, 1)), rng.integers(0, 2, 100)
    scaling, training, held_out = splitting(X, y)
    assert len(held_out) == 20 and abs(training.mean()) < 1e-14
    X[held_out] = 1e6
    after = splitting(X, y)
    assert after[0] == scaling and after[1].tolist() == training.tolist()
    assert splitting(X, y, "all_rows")[0]["mean"][0] > 1e5
