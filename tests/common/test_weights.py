"""Rows that count differently (data.weight): read or refused in one line, and counted as so many copies would be."""

import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn import metrics as sklearn

import start
from gapscope.common.errors import UserError
from gapscope.common.files import read_array, read_json
from gapscope.common.weights import drawn, effective_rows
from gapscope.config.check import check
from gapscope.data.read import read_weights
from gapscope.evaluation.exploration import class_distribution
from gapscope.evaluation.metrics import evaluate, wilson_interval
from gapscope.network.mlp import initial_network, probabilities
from stage_scripts import Files, stage, stage_settings

SHIPPED = yaml.safe_load((start.ROOT / "config.yaml").read_text(encoding="utf-8"))
OWN = {"target": "y", "classes": ["lo", "hi"], "numeric": ["x"], "categorical": [], "weight": "w", "source": "files"}
DATA = SHIPPED["data"] | OWN


def read(folder, *cells, **data):
    rows = "".join(f'{row},"{cell}",{["lo", "hi"][row % 2]}\n' for row, cell in enumerate(cells))
    (folder / "t.csv").write_text("x,w,y\n" + rows)
    return read_weights(str(folder / "t.csv"), DATA | data)


def test_positive_numbers_are_read(tmp_path):
    assert read(tmp_path, "1", " 2.50", "1e3").tolist() == [1.0, 2.5, 1000.0]
    assert read(tmp_path, "1,5", "2", decimal="comma").tolist() == [1.5, 2.0]


NO_WEIGHTS = ["", "0", "-1", "heavy", "inf", "1e200", "1e-200", "NA"]


@pytest.mark.parametrize("cell", NO_WEIGHTS)
def test_other_cells_are_refused(tmp_path, cell):
    told = f"t.csv: row 3, column 'w': expected a positive number.*data.weight.*got '{cell}' \\(2 such cells"
    with pytest.raises(UserError, match=told):
        read(tmp_path, "1", cell, "2", cell)


def test_no_row_may_outweigh_all_others(tmp_path):
    with pytest.raises(UserError, match="row 4, column 'w': expected no row that counts more than 1,000,000 times"):
        read(tmp_path, "1", "2", "1000001")


def test_both_tables_need_the_column(tmp_path):
    with pytest.raises(UserError, match="t.csv: column 'v' is missing; data.weight names it, and both tables need it"):
        read(tmp_path, "1", weight="v")


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"weight": "y"}, "data.weight: 'y' is the target or a feature"),
        ({"weight": "x"}, "data.weight: 'x' is the target or a feature"),
        ({"weight": "id", "group": "id"}, "data.weight: 'id' is data.group too"),
    ],
)
def test_the_column_has_no_other_role(changes, told):
    with pytest.raises(UserError, match=told):
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


def test_start_names_the_column(tmp_path, capsys):
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=60)
    table = pd.DataFrame({"x": y + rng.normal(size=60), "w": rng.integers(1, 9, 60), "y": np.array(["lo", "hi"])[y]})
    paths = [str(tmp_path / "train.csv"), str(tmp_path / "test.csv")]
    for path in paths:
        table.to_csv(path, index=False)
    output = tmp_path / "mine.yaml"
    start.main([*paths, "--target", "y", "--weight", "w", "-o", str(output)])
    data = yaml.safe_load(output.read_text())["data"]
    assert (data["weight"], data["numeric"], data["categorical"]) == ("w", ["x"], [])
    assert "weight of each row: w" in capsys.readouterr().out
    table.drop(columns="w").to_csv(paths[1], index=False)
    with pytest.raises(UserError, match="test.csv: column 'w' is missing; data.weight"):
        start.main([*paths, "--target", "y", "--weight", "w", "-o", str(output), "--force"])
    with pytest.raises(UserError, match="'y' is the target too"):
        start.main([*paths, "--target", "y", "--weight", "y", "-o", str(output), "--force"])


@pytest.fixture(scope="module")
def case():
    """A network, rows that it gets partly right, and integer weights."""
    rng = np.random.default_rng(1)
    network, X = initial_network([4, 5, 3], "tanh", "xavier", rng), rng.normal(size=(200, 4))
    y = np.where(rng.random(200) < 0.6, probabilities(network, X).argmax(axis=1), rng.integers(3, size=200))
    return network, X, y, rng.integers(1, 7, size=200).astype(float)


def test_figures_are_those_of_scikit_learn(case):
    network, X, y, w = case
    found, p = evaluate(network, X, y, 0.95, w / 3), probabilities(network, X)
    told, own = p.argmax(axis=1), {"sample_weight": w / 3}
    assert found["rows"] == 200 and found["per_class"]["rows"] == np.bincount(y).tolist()
    expected = {
        "accuracy": sklearn.accuracy_score(y, told, **own),
        "balanced_accuracy": sklearn.balanced_accuracy_score(y, told, **own),
        "macro_f1": sklearn.f1_score(y, told, average="macro", **own),
        "log_loss": sklearn.log_loss(y, p, **own),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-12)
    np.testing.assert_allclose(found["confusion_matrix"], sklearn.confusion_matrix(y, told, **own))
    for name, score in (("precision", sklearn.precision_score), ("recall", sklearn.recall_score)):
        np.testing.assert_allclose(found["per_class"][name], score(y, told, average=None, **own))


def test_a_weight_is_so_many_copies(case):
    network, X, y, w = case
    times = w.astype(int)
    found = evaluate(network, X, y, 0.95, w)
    copies = evaluate(network, np.repeat(X, times, axis=0), np.repeat(y, times), 0.95)
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "majority_accuracy"):
        assert found[name] == pytest.approx(copies[name], abs=1e-12)
    assert found["confusion_matrix"] == copies["confusion_matrix"]
    width, of_copies = (np.ptp(one["accuracy_interval"]) for one in (found, copies))
    assert width > 1.5 * of_copies  # copies say nothing new: the interval is that of fewer rows


def test_equal_weights_change_nothing(case):
    network, X, y, _ = case
    found, plain = (evaluate(network, X, y, 0.95, w) for w in (np.ones(200), None))
    assert found.pop("effective_rows") == 200
    assert found == plain


def test_intervals_cover_the_population():
    """Of weighted draws, intervals by effective rows hold the population's accuracy as often as they say."""
    rng, inside, n = np.random.default_rng(2), 0, 400
    for _ in range(1000):
        w = rng.lognormal(0, 0.8, n)
        right = rng.random(n) < 0.7
        rows = effective_rows(w)
        low, high = wilson_interval((w * right).sum() / w.sum() * rows, rows, 0.95)
        inside += low <= 0.7 <= high
    assert 930 <= inside <= 970


def test_rows_drawn_by_weight_stand_for_the_population():
    rng = np.random.default_rng(3)
    w = rng.uniform(0.1, 2.0, 20_000)
    value = w + rng.normal(size=len(w))
    rows = drawn(w, rng)
    assert len(np.unique(rows)) == len(rows)
    assert value[rows].mean() == pytest.approx((w * value).sum() / w.sum(), abs=0.05)
    assert value.mean() < (w * value).sum() / w.sum() - 0.2
    assert drawn(np.full(50, 0.3), rng).tolist() == list(range(50))


def test_classes_are_counted_by_weight():
    found = class_distribution(pd.Series([0, 0, 1]), ["a", "b", "c"], np.array([0.25, 0.25, 1.5]))
    assert found["counts"] == {"a": 2, "b": 1, "c": 0} and found["shares"] == {"a": 0.25, "b": 0.75, "c": 0.0}
    assert found["imbalance_ratio"] == 3.0 and found["weights"] == {"a": 0.5, "b": 1.5, "c": 0.0}
