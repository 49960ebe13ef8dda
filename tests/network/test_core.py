"""The training core held to the plain passes, over random sizes, and where a fast form goes wrong: edges, ties, NaN."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gapscope.network import mlp
from gapscope.network.activations import ACTIVATIONS
from gapscope.network.core import Core
from gapscope.network.mlp import Network
from gapscope.network.row_storage import Rows
from networks import plain, random_network

TOLERANCE = {"float64": 1e-12, "float32": 1e-4}


@dataclass(frozen=True)
class Case:
    network: Network
    X: np.ndarray
    y: np.ndarray
    weights: np.ndarray | None = None

    def rows(self) -> Rows:
        return Rows(self.X, self.y, self.weights, self.network.weights[0].dtype)

    def astype(self, dtype) -> "Case":
        """Parameters and inputs both rounded to `dtype`, so that either form starts from the same numbers."""
        return replace(self, network=self.network.astype(dtype), X=self.X.astype(dtype))


def case(seed, rows, units, activation, weighted=False) -> Case:
    rng = np.random.default_rng(seed)
    network = random_network(units, activation, None, rng)
    weights = rng.uniform(0.2, 3, rows) if weighted else None
    return Case(network, rng.normal(size=(rows, units[0])), rng.integers(0, units[-1], rows), weights)


def plain_form(case: Case):
    return plain(case.network, case.X, case.y, case.weights)


def measured(case: Case):
    with np.errstate(all="ignore"):
        return Core([case.network]).measure(case.rows())[0]


def assert_same(fast, slow, tolerance):
    """Loss and gradient within `tolerance` of their size, of each array its largest; accuracy exactly."""
    assert fast[0] == pytest.approx(slow[0], rel=tolerance)
    assert fast[1] == pytest.approx(slow[1], rel=1e-14)
    for ours, theirs in zip(fast[2].parameters, slow[2].parameters, strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * max(np.abs(theirs).max(), 1e-3))


def bits(result) -> list[bytes]:
    loss, accuracy, gradient = result
    return [np.float64(loss).tobytes(), np.float64(accuracy).tobytes(), *(a.tobytes() for a in gradient.parameters)]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("seed", range(40))
def test_random_sizes(seed, dtype):
    rng = np.random.default_rng(seed)
    rows = int(rng.choice([int(5000 ** rng.random()), rng.choice([1, 255, 256, 257, 1536, 1537, 3072, 3073])]))
    units = rng.integers(1, 71, 1 + rng.integers(5)).tolist() + [int(rng.integers(2, 13))]
    some = case(rng, rows, units, list(ACTIVATIONS)[seed % len(ACTIVATIONS)], rng.random() < 0.5).astype(dtype)
    fast = measured(some)
    assert all(array.dtype == dtype for array in fast[2].parameters)
    assert_same(fast, plain_form(some), TOLERANCE[dtype])
    assert Core([some.network]).measure(some.rows(), backward=False)[0][:2] == fast[:2]


def linear(W, b) -> Network:
    return Network([np.array(W, dtype=float)], [np.array(b, dtype=float)], (0,), ACTIVATIONS["relu"])


def test_hand_worked_rows():
    """Logits (ln 3, 0) and (0, 0): p = (3/4, 1/4) and (1/2, 1/2): of equal logits the first counts."""
    network, X = linear([[np.log(3), 0.0]], [0.0, 0.0]), np.array([[1.0], [0.0]])
    right, wrong = np.log(4 / 3) + np.log(2), np.log(4) + np.log(2)
    for y, loss, accuracy in (([0, 0], right, 1.0), ([0, 1], right, 0.5), ([1, 1], wrong, 0.0), ([1, 0], wrong, 0.5)):
        fast = measured(Case(network, X, np.array(y)))
        assert fast[0] == pytest.approx(loss / 2, rel=1e-15) and fast[1] == accuracy
    np.testing.assert_allclose(fast[2].weights[0], [[3 / 8, -3 / 8]], rtol=1e-15)
    np.testing.assert_allclose(fast[2].biases[0], [(3 / 4 - 1 / 2) / 2, (1 / 2 - 3 / 4) / 2], rtol=1e-15)
    weighted = measured(Case(network, X, np.array([1, 0]), np.array([3.0, 1.0])))
    assert weighted[0] == pytest.approx((3 * np.log(4) + np.log(2)) / 4, rel=1e-15) and weighted[1] == 0.5


def test_accuracy_with_ties_is_that_of_argmax():
    """Relus that are all off leave logits of 0: then the first class wins. Some rows tie between later classes."""
    some = case(5, 1000, [3, 4, 4], "relu")
    for b in some.network.biases:
        b[...] = 0.0
    some.network.weights[0][...] = -np.abs(some.network.weights[0])
    some.network.weights[1][:, 2:] = 1.0 + np.abs(some.network.weights[1][:, 2:3])
    some.X[500:] = np.abs(some.X[500:])  # all off: four equal logits
    logits = mlp.forward(some.network, some.X).logits
    ties = (logits == logits.max(axis=1, keepdims=True)).sum(axis=1)
    assert (ties[500:] == 4).all() and (ties[:500] == 2).sum() > 50
    assert measured(some)[1] == (logits.argmax(axis=1) == some.y).mean()


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_certain_and_wrong_costs_what_it_does_in_the_plain_form(dtype):
    X, y = np.array([[1.0], [1e4], [np.finfo(dtype).max / 2]]), np.array([1, 1, 1])
    some = Case(linear([[3.0, -1.0]], [0.0, 0.0]), X[:2], y[:2]).astype(dtype)
    slow = mlp.cross_entropy(mlp.logits(some.network, some.X), some.y)
    assert measured(some)[0] == pytest.approx(slow, rel=1e-6)
    overflowing = Case(linear([[1.5, -1.5]], [0.0, 0.0]), X[2:], y[2:]).astype(dtype)  # shifted logits (0, -inf)
    assert measured(overflowing)[:2] == (np.inf, 0.0)
    loss, accuracy, gradient = measured(replace(overflowing, y=np.array([0])))
    assert (loss, accuracy) == (0.0, 1.0) and not any(array.any() for array in gradient.parameters)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("hidden", [[], [5], [6, 4]], ids=str)
def test_one_bad_input_is_felt_as_in_the_plain_form(activation, hidden, value):
    """Where the plain loss is NaN, so is this one; tanh and sigmoid saturate at infinity, and both are finite."""
    some = case(4, 600, [3, *hidden, 4], activation)
    some.X[300, 1] = value
    fast, slow = measured(some), plain_form(some)
    assert not np.isnan(value) or np.isnan(slow[0])
    assert fast[0] == pytest.approx(slow[0], rel=1e-12, nan_ok=True)
    assert fast[1] == pytest.approx(slow[1]) or np.isnan(slow[0])
    assert not np.isfinite(fast[2].weights[0]).all()


@pytest.fixture(params=[("float32", [64, 32]), ("float64", [64, 64]), ("float64", [4]), ("float32", [])], ids=str)
def some(request) -> Case:
    """Of several blocks, the last chunk shorter than the others."""
    dtype, hidden = request.param
    return case(8, 4001, [12, *hidden, 4], "relu", True).astype(dtype)


def test_bits_are_those_of_every_other_run(some):
    form, rows = Core([some.network]), some.rows()
    first = bits(form.measure(rows)[0])
    form.measure(replace(some, X=some.X[:700], y=some.y[:700], weights=None).rows())  # others in the same memory
    assert bits(form.measure(rows)[0]) == bits(measured(some)) == first


def test_bits_do_not_depend_on_where_the_rows_are_kept(some, tmp_path):
    expected = bits(measured(some))
    np.save(tmp_path / "X.npy", some.X)
    for X in (np.load(tmp_path / "X.npy", mmap_mode="r"), np.asfortranarray(some.X), some.X[::-1].copy()[::-1]):
        assert bits(measured(replace(some, X=X))) == expected
    rows = some.rows()
    shifted = np.empty(rows.X.nbytes + 8, np.uint8)[8:].view(rows.X.dtype).reshape(rows.X.shape)  # another alignment
    shifted[...], rows.X = rows.X, shifted
    assert bits(Core([some.network]).measure(rows)[0]) == expected
