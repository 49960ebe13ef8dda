import numpy as np
import pytest

from gapscope.network import row_storage
from gapscope.network.row_storage import StoredRows

rng = np.random.default_rng(3)
MATRIX, MEAN, DEVIATION = rng.normal(size=(500, 7)), rng.normal(size=7), rng.uniform(0.1, 3, 7)
ROWS = rng.permutation(500)[:331]
SCALED = (MATRIX[ROWS] - MEAN) / DEVIATION


@pytest.fixture
def path(tmp_path, monkeypatch):
    """MATRIX on disk, of which a stretch of 40 rows is mapped at a time and 2 columns are held."""
    monkeypatch.setattr(row_storage, "STRETCH", 40 * 7 * 8)
    monkeypatch.setattr(row_storage, "COLUMNS", 2 * 500 * 8)
    np.save(tmp_path / "X.npy", MATRIX)
    return str(tmp_path / "X.npy")


@pytest.mark.parametrize(
    "wanted",
    [slice(None), slice(5), slice(300, None, 3), np.array([330, 0, 7, 7]), np.array([], int), SCALED[:, 0] > 0.5],
    ids=["all", "first", "every third", "numbers", "none", "mask"],
)
def test_rows_are_those_of_the_scaled_array_to_the_last_bit(path, wanted):
    X = StoredRows(path, ROWS, MEAN, DEVIATION)
    assert X.shape == SCALED.shape and len(X) == len(SCALED)
    assert X[wanted].tobytes() == SCALED[wanted].tobytes() and X[wanted].shape == SCALED[wanted].shape


def test_rows_as_they_are_stored_and_columns_in_another_order(path):
    assert StoredRows(path)[:].tobytes() == MATRIX.tobytes()
    order = [6, 0, 1, 2, 5, 4, 3]
    X = StoredRows(path, None, MEAN, DEVIATION, order)
    assert X[::2].tobytes() == ((MATRIX - MEAN) / DEVIATION)[::2, order].tobytes()
    assert [column.tolist() for column in X.columns(np.array([0, 3]))] == X[:][:, [0, 3]].T.tolist()


def test_columns_and_rows_of_another_type(path):
    X, single = StoredRows(path, ROWS, MEAN, DEVIATION), np.empty((100, 7), np.float32)
    places = np.array([4, 1, 2])
    assert [column.tobytes() for column in X.columns(places)] == [SCALED[:, at].tobytes() for at in places]
    X.read(slice(100, 200), single)
    assert single.tobytes() == SCALED[100:200].astype(np.float32).tobytes()


def test_stored_rows_are_not_taken_for_an_array(path, tmp_path):
    X = StoredRows(path)
    with pytest.raises(TypeError, match="by a slice or by an array"):
        X[3]
    with pytest.raises(TypeError, match="no array"):
        np.concatenate([X, X])
    np.save(tmp_path / "turned.npy", MATRIX.T)
    with pytest.raises(ValueError, match="C order"):
        StoredRows(str(tmp_path / "turned.npy"))
