"""Rows of different weight (data.weight): read or refused in one line, kept by cleaning, and sampled."""

import numpy as np
import pytest

from gapscope.common.errors import UserError
from gapscope.common.files import read_array, read_json
from gapscope.common.weights import drawn, effective_rows, thinned
from gapscope.config.check import check
from gapscope.config.defaults import shipped
from gapscope.data.read import read_weights
from stage_scripts import Files, stage, stage_settings

SHIPPED = shipped()
OWN = {"target": "y", "classes": ["lo", "hi"], "numeric": ["x"], "categorical": [], "weight": "w", "source": "files"}
DATA = SHIPPED["data"] | OWN


def read(folder, *cells, **data):
    rows = "".join(f'{row},"{cell}",{["lo", "hi"][row % 2]}\n' for row, cell in enumerate(cells))
    (folder / "t.csv").write_text("x,w,y\n" + rows)
    return read_weights(str(folder / "t.csv"), DATA | data)


def test_positive_numbers_are_read(tmp_path):
    assert read(tmp_path, "1", " 2.50", "1e3").tolist() == [1.0, 2.5, 1000.0]
    assert read(tmp_path, "1,5", "2", decimal="comma").tolist() == [1.5, 2.0]


NO_WEIGHT = "expected a positive number.*data.weight.*got '{}' \\(2 such cells"


@pytest.mark.parametrize("cells, message", [
    *((["1", cell, "2", cell], "row 3, column 'w': " + NO_WEIGHT.format(cell))
      for cell in ("", "0", "-1", "heavy", "inf", "1e200", "1e-200", "NA")),
    (["1", "2", "1000001"], "row 4, column 'w': expected no row that counts more than 1,000,000 times"),
])  # fmt: skip
def test_other_cells_are_refused(tmp_path, cells, message):
    with pytest.raises(UserError, match=f"t.csv: {message}"):
        read(tmp_path, *cells)


@pytest.mark.parametrize("changes, message", [
    ({"weight": "y"}, "data.weight: 'y' is in data.target too"),
    ({"weight": "x"}, "data.weight: 'x' is in data.numeric too; remove it there, or set data.weight to none"),
    ({"weight": "id", "group": "id"}, "data.weight: 'id' is in data.group too"),
])  # fmt: skip
def test_the_column_has_no_other_role(changes, message):
    with pytest.raises(UserError, match=message):
        check(SHIPPED | {"data": DATA | changes, "encode": SHIPPED["encode"] | {"transform": {}}})


def test_clean_keeps_the_weights_of_the_rows_that_it_keeps(tmp_path):
    (tmp_path / "train.csv").write_text("w,x,y\n2,1,lo\n3,,hi\n1,3,hi\n4,5,\n2,1,lo\n")
    (tmp_path / "test.csv").write_text("y,x,w\nlo,1,0.5\nhi,2,1.5\n")
    paths = {name: str(tmp_path / name) for name in ("train", "test", "summary", "train_weights", "test_weights")}
    given = Files({name: f"{paths[name]}.csv" for name in ("train", "test")})
    stage("clean")(given, Files(paths), stage_settings(SHIPPED | {"data": DATA}, "clean"))
    assert read_array(paths["train_weights"]).tolist() == [2.0, 1.0, 2.0]
    counted = read_json(paths["summary"])["weights"]
    assert counted["train"] == {"sum": 5.0, "smallest": 1.0, "largest": 2.0, "effective_rows": 25 / 9}
    assert counted["test"]["effective_rows"] == 1.6


def test_rows_drawn_by_weight_stand_for_the_population():
    rng = np.random.default_rng(3)
    w = rng.uniform(0.1, 2.0, 20_000)
    value = w + rng.normal(size=len(w))
    rows = drawn(w, rng)
    assert len(np.unique(rows)) == len(rows)
    assert value[rows].mean() == pytest.approx((w * value).sum() / w.sum(), abs=0.05)
    assert value.mean() < (w * value).sum() / w.sum() - 0.2
    assert drawn(np.full(50, 0.3), rng).tolist() == list(range(50))
    assert thinned(len(w), 30_000, np.random.default_rng(3), w).tolist() == drawn(w, np.random.default_rng(3)).tolist()


@pytest.mark.parametrize("heavy", [1000.0, 30.0])
def test_one_heavy_row_leaves_the_evidence_of_the_others(heavy):
    w = np.append(np.ones(20_000), heavy)
    rows = drawn(w, np.random.default_rng(4))
    assert 0.85 * effective_rows(w) < len(rows) < 1.15 * effective_rows(w) and 20_000 in rows


def test_a_sample_has_at_most_its_limit_of_rows_in_order():
    rows = thinned(1000, 100, np.random.default_rng(0))
    assert len(np.unique(rows)) == 100 and rows.tolist() == sorted(rows) and rows.max() < 1000
    assert thinned(50, 100, np.random.default_rng(0)).tolist() == list(range(50))
