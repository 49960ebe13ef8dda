"""Model files that are cut, changed at random or put together wrongly: they predict, or are refused in one line."""

import io
import random
import warnings

import numpy as np
import pytest

from gapscope.common.errors import UserError
from gapscope.evaluation.prediction import load, predictions, read
from generated import merged
from stages import check_and_train


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a table, and the bytes of a model trained on it."""
    folder = tmp_path_factory.mktemp("model")
    rows = "".join(f"{row % 7},{'ab'[row % 2]},{['lo', 'hi'][row % 2]}\n" for row in range(30))
    (folder / "table.csv").write_text("x,z,y\n" + rows)
    data = {"source": "files", "train": str(folder / "table.csv"), "test": str(folder / "table.csv")}
    config = merged({"data": {**data, "target": "y", "classes": ["lo", "hi"], "numeric": ["x"], "categorical": ["z"]}})
    check_and_train(config, folder)
    return folder, (folder / "relu.npz").read_bytes()


def spoilt(content: bytes, rng: random.Random) -> bytes:
    match rng.choice(["cut", "flipped", "noise", "arrays"]):
        case "cut":
            return content[: rng.randrange(len(content))]
        case "flipped":
            changed = bytearray(content)
            for _ in range(rng.randint(1, 5)):
                changed[rng.randrange(len(changed))] = rng.randrange(256)
            return bytes(changed)
        case "noise":
            return rng.randbytes(rng.randrange(300))
    arrays = dict(np.load(io.BytesIO(content), allow_pickle=False))
    name = rng.choice(list(arrays))
    own = arrays.pop(name)
    others = [1.5, np.nan, "x", [1, 2], [[1.0]], "{}", "[]", "null", '{"columns": []}']
    others.append(own[..., :1] if own.ndim else -1)
    if rng.random() < 0.8:
        arrays[name] = np.array(rng.choice(others))
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def outcome(folder, content: bytes) -> str:
    (folder / "model.npz").write_bytes(content)
    try:
        model = load(str(folder / "model.npz"))
        predictions(model, read(model, str(folder / "table.csv")))
    except UserError as error:
        assert str(error).isprintable()
        return "refused"
    return "predicts"


def test_any_file_predicts_or_is_refused(trained):
    folder, content = trained
    assert outcome(folder, content) == "predicts"
    rng = random.Random(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [outcome(folder, spoilt(content, rng)) for _ in range(200)]
    assert found.count("refused") > 100
