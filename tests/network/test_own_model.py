"""Models of the user's own: what their code gets, what is made of what it returns, mistakes in one line each."""

import importlib.util
import itertools

import numpy as np
import pandas as pd
import pytest

from gapscope.common.errors import UserError
from gapscope.data.encode import encoded, plain_columns, records
from gapscope.evaluation import trained
from gapscope.network import onnx_file, own_model
from gapscope.network.own_model import Code, OwnModel, check_order

TABLE = pd.DataFrame({"size": [3.0, 1.0, 3.0, 2.0], "kind": ["b", "a", "b", "c"]})
COLUMNS = plain_columns(TABLE, {"numeric": ["size"], "categorical": ["kind"]})
CLASSES = ["low", "high"]
NUMBERS = itertools.count()
FIT = "def fit(X, y, settings, seed):\n    return settings\n"
SAVE, LOAD = "def save(model, path):\n    open(path + '.pt', 'w')\n", "def load(path):\n    return {'most': 4}\n"
ASKED = FIT + (
    "asked = []\n"
    "def predict_proba(model, X):\n"
    "    asked.append(X.copy())\n"
    "    p = (X['size'] / model['most']).to_numpy()\n"
    "    return [[1 - a, a] for a in p]\n"
)


@pytest.fixture
def made(tmp_path):
    """made(source): a model of this code, which is not fitted to anything."""

    def made(source: str) -> OwnModel:
        path = tmp_path / f"own_{next(NUMBERS)}.py"  # a module of this name is imported once
        path.write_text(source)
        return OwnModel(Code(str(path)), {"most": 4}, COLUMNS, CLASSES, {})

    return made


def test_the_users_code_gets_the_tables_own_columns_and_each_distinct_row_once(made):
    model = made(ASKED)
    new = pd.concat([TABLE, pd.DataFrame({"size": [3.0], "kind": ["never seen"]})])
    p = model.probabilities(encoded(new, COLUMNS))
    assert p.tolist() == [[0.25, 0.75], [0.75, 0.25], [0.25, 0.75], [0.5, 0.5], [0.25, 0.75]]
    (asked,) = model.code.module.asked
    assert asked["kind"].cat.categories.tolist() == ["a", "b", "c"] and asked["kind"].isna().sum() == 1
    assert sorted(asked.astype(object).fillna("none").to_numpy().tolist()) == [
        [1.0, "a"], [2.0, "c"], [3.0, "b"], [3.0, "none"]
    ]  # fmt: skip
    assert model.predict(encoded(TABLE, COLUMNS)).tolist() == [1, 0, 1, 0]
    assert np.isfinite(model.log_probabilities(np.array([[4.0, 0.0]]))).all()  # where p is 0


OWN_FILE = (
    "def save(model, path):\n    open(path, 'w').write(str(model['most']))\n"
    "def load(path):\n    return {'most': int(open(path).read())}\n"
)


@pytest.mark.parametrize("own", ["", OWN_FILE])
def test_a_model_is_written_and_read_with_joblib_or_by_its_own_functions(made, tmp_path, own):
    model, X = made(ASKED + own), encoded(TABLE, COLUMNS)
    description = {"python": model.code.path, "classes": CLASSES, "columns": records(COLUMNS)}
    own_model.save(str(tmp_path / "forest.json"), model, {**description, "settings": {"seed": 1, "own": {"depth": 2}}})
    again = trained.load(str(tmp_path / "forest.json"))
    assert again.network.probabilities(again.scaled(X)).tolist() == model.probabilities(X).tolist()
    assert again.own.columns == COLUMNS and again.network.settings == {"depth": 2}
    (tmp_path / "forest.model").unlink()
    with pytest.raises(UserError, match="forest.model: no such file; it belongs to"):
        trained.load(str(tmp_path / "forest.json"))


def test_sample_weights_reach_a_fit_that_takes_them(made):
    weights, X, y = np.array([1.0, 2.0, 1.0, 1.0]), encoded(TABLE, COLUMNS), np.array([1, 0, 1, 0])
    taking = "def fit(X, y, settings, seed, sample_weight=None):\n    return sample_weight\n"
    for source, expected in ((FIT, {}), (taking, weights)):
        again = made(source + "predict_proba = None or (lambda model, X: model)\n").trained_again(X, y, 1, weights)
        assert again.fitted is expected or again.fitted == expected


RETURNS = "def predict_proba(model, X):\n    return "
MISTAKES = {
    "def predict_proba(model, X):\n    pass": "there is no function fit; it needs fit and predict_proba",
    FIT + RETURNS + "[0.5] * len(X)": r"expected shape \(3, 2\), .* for each of the classes low, high; got \(3,\)",
    FIT + RETURNS + "[[0.9, 0.9]] * len(X)": "that sum to 1 in each row, got 0.9, 0.9; 3 of 3 rows are like this",
    FIT + RETURNS + "[[float('nan'), 1.0]] * len(X)": "got nan, 1; 3 of 3 rows are like this",
    FIT + RETURNS + "'many'": "expected an array of numbers, got str",
    FIT + "def predict_proba(model, X):\n\n    raise KeyError('size')": "line 5: in predict_proba: KeyError: 'size'",
    FIT + "import sys\ndef predict_proba(model, X):\n    sys.exit(1)": "line 5: in predict_proba: SystemExit: 1",
    "import no_such_package": "line 1: importing it: ModuleNotFoundError: No module named 'no_such_package'",
    "def fit(:": "line 1: importing it: SyntaxError",
    FIT + "class T:\n    def __array__(self, *a, **b):\n        raise RuntimeError('use detach')\n" + RETURNS + "T()": (
        r"expected an array of numbers, got T \(use detach\)"
    ),
    "def fit(X, y, settings, seed):\n    settings\n" + RETURNS + "X": "fit returned nothing; end it with return",
    ASKED + SAVE: "there is one of the functions save and load; write both",
    ASKED + LOAD: "there is one of the functions save and load; write both",
    ASKED + SAVE + LOAD: "save wrote no file; write one, to exactly the path that it gets",
}


@pytest.mark.parametrize("source", MISTAKES)
def test_a_mistake_in_the_users_code_is_one_line(made, tmp_path, source):
    X = encoded(TABLE, COLUMNS)
    with pytest.raises(UserError, match=rf"^\S*own_\d+.py\S*:? .*{MISTAKES[source]}") as told:
        model = made(source)
        model.trained_again(X, np.array([1, 0, 1, 0]), 1)
        model.probabilities(X)
        own_model.save(str(tmp_path / "own.json"), model, {})
    assert "\n" not in str(told.value)


@pytest.fixture
def onnx_path(tmp_path):
    """A graph of one matrix X (n, 2): the probabilities of logits (0, X_1 - 2 X_2)."""
    onnx, helper = pytest.importorskip("onnx"), pytest.importorskip("onnx.helper")
    pytest.importorskip("onnxruntime")
    number = onnx.TensorProto.FLOAT
    X, p = (helper.make_tensor_value_info(name, number, [None, 2]) for name in ("X", "p"))
    weights = helper.make_tensor("weights", number, [2, 2], [0.0, 1.0, 0.0, -2.0])
    nodes = [helper.make_node("MatMul", ["X", "weights"], ["z"]), helper.make_node("Softmax", ["z"], ["p"])]
    graph = helper.make_graph(nodes, "own", [X], [p], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    return str(tmp_path / "net.onnx")


def test_an_onnx_file_predicts_and_needs_no_trust(onnx_path, tmp_path):
    model, X = OwnModel(onnx_file.OnnxFile(onnx_path), None, COLUMNS, CLASSES, {}), encoded(TABLE, COLUMNS)
    p = model.probabilities(X)
    np.testing.assert_allclose(p[:, 1], 1 / (1 + np.exp(2 * X[:, 1] - X[:, 0])), rtol=1e-6)
    description = {"onnx": onnx_path, "classes": CLASSES, "columns": records(COLUMNS), "settings": None}
    own_model.save(str(tmp_path / "net.json"), model, description)
    assert trained.load(str(tmp_path / "net.json"), trusted=False).network.probabilities(X).tobytes() == p.tobytes()


MODEL = "not a model" if importlib.util.find_spec("onnxruntime") else "onnxruntime is not installed"


@pytest.mark.parametrize("name, content, message", [
    ("none.onnx", None, "no such file"),
    ("text.onnx", "no graph", MODEL),
    ("none.py", None, "no such file"),
    ("numpy.py", FIT, "another module is called numpy too"),
    ("forest.v2.py", FIT, "not a name that Python can import"),
    ("forest.ipynb", FIT, "not a name that Python can import"),
])  # fmt: skip
def test_a_file_that_is_not_there_or_cannot_be_used_is_one_line(tmp_path, name, content, message):
    if content:
        (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=message):
        (onnx_file.OnnxFile if name.endswith(".onnx") else Code)(str(tmp_path / name))


def test_classes_in_another_order_are_refused_and_a_poor_model_is_not():
    classes = ["a", "b", "c"]
    with pytest.raises(UserError, match="seem to stand for c, a, b, in this order; expected a, b, c"):
        check_order(np.array([[0, 9, 1], [1, 0, 9], [9, 1, 0]]), classes, "mine.py")
    check_order(np.array([[4, 3, 3], [4, 3, 3], [4, 3, 3]]), classes, "mine.py")  # tells nothing apart
    check_order(np.array([[9, 0, 0], [9, 0, 0], [0, 0, 9]]), classes, "mine.py")
