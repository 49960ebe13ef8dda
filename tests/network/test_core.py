"""The training core held to the plain passes: random sizes, mini-batches, and edges, ties and NaN."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gapscope.network import mlp, row_storage
from gapscope.network.activations import ACTIVATIONS
from gapscope.network.core import Core
from gapscope.network.mlp import Network
from gapscope.network.optimizers import Noise
from gapscope.network.row_storage import Rows
from networks import network, plain, random_network

TOLERANCE = {"float64": 1e-12, "float32": 1e-4}
ROWS = 2000


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

    def of(self, network, rows) -> "Case":
        """Another network, on these rows."""
        return Case(network, self.X[rows], self.y[rows], None if self.weights is None else self.weights[rows])


def case(seed, rows, units, activation, weighted=False) -> Case:
    rng = np.random.default_rng(seed)
    own = random_network(units, activation, None, rng)
    weights = rng.uniform(0.2, 3, rows) if weighted else None
    return Case(own, rng.normal(size=(rows, units[0])), rng.integers(0, units[-1], rows), weights)


def plain_form(case: Case):
    return plain(case.network, case.X, case.y, case.weights)


def measured(case: Case):
    with np.errstate(all="ignore"):
        return Core([case.network]).measure(case.rows())[0]


def assert_same_gradient(fast, slow, tolerance):
    """Within `tolerance` of the largest of each array."""
    for ours, theirs in zip(fast.parameters, slow.parameters, strict=True):
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
    loss, accuracy, gradient = plain_form(some)
    assert fast[:2] == (pytest.approx(loss, rel=TOLERANCE[dtype]), pytest.approx(accuracy, rel=1e-14))
    assert_same_gradient(fast[2], gradient, TOLERANCE[dtype])
    assert Core([some.network]).measure(some.rows(), backward=False)[0][:2] == fast[:2]


def test_hand_worked_rows():
    """Logits (ln 3, 0) and (0, 0): p = (3/4, 1/4) and (1/2, 1/2): of equal logits the first counts."""
    linear, X = network("relu", ([[np.log(3), 0.0]], [0.0, 0.0])), np.array([[1.0], [0.0]])
    right, wrong = np.log(4 / 3) + np.log(2), np.log(4) + np.log(2)
    for y, loss, accuracy in (([0, 0], right, 1.0), ([0, 1], right, 0.5), ([1, 1], wrong, 0.0), ([1, 0], wrong, 0.5)):
        fast = measured(Case(linear, X, np.array(y)))
        assert fast[0] == pytest.approx(loss / 2, rel=1e-15) and fast[1] == accuracy
    np.testing.assert_allclose(fast[2].weights[0], [[3 / 8, -3 / 8]], rtol=1e-15)
    np.testing.assert_allclose(fast[2].biases[0], [(3 / 4 - 1 / 2) / 2, (1 / 2 - 3 / 4) / 2], rtol=1e-15)
    weighted = measured(Case(linear, X, np.array([1, 0]), np.array([3.0, 1.0])))
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
    some = Case(network("relu", ([[3.0, -1.0]], [0.0, 0.0])), X[:2], y[:2]).astype(dtype)
    slow = mlp.cross_entropy(mlp.logits(some.network, some.X), some.y)
    assert measured(some)[0] == pytest.approx(slow, rel=1e-6)
    overflowing = Case(network("relu", ([[1.5, -1.5]], [0.0, 0.0])), X[2:], y[2:]).astype(dtype)
    # shifted logits (0, -inf)
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


def networks(members, units, activation, dtype=float) -> list[Network]:
    """Networks of one architecture, each with its own parameters."""
    rng = np.random.default_rng(0)
    return [random_network(units, activation, None, rng).astype(dtype) for _ in range(members)]


def passed(form, case, orders, size):
    """The gradients of a pass that moves nothing, one for each mini-batch."""
    return [gradient.copy() for gradient in form.mini_batches(case.rows(), orders, size)]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("size", [1, 7, 100, 256, 300, 317, 1536, 1999])
def test_a_mini_batch_is_those_rows(size, dtype, activation, weighted, monkeypatch):
    """For three networks at once; two are gathered together, and a smaller one ends a pass, in memory of its own."""
    monkeypatch.setattr(row_storage, "GATHERED", 2 * 3 * size)
    some, several = (
        case(1, ROWS, [6, 9, 5], activation, weighted).astype(dtype),
        networks(3, [6, 9, 5], activation, dtype),
    )
    form = Core(several)
    orders = np.stack([np.random.default_rng([size, k]).permutation(ROWS) for k in range(3)])[:, : 3 * size + size // 3]
    gradients = passed(form, some, orders, size)
    assert len(gradients) == -(-orders.shape[1] // size)
    for place, gradient in enumerate(gradients):
        for member, own in enumerate(several):
            expected = plain_form(some.of(own, orders[member, place * size :][:size]))[2]
            assert_same_gradient(form.network(gradient[member]), expected, TOLERANCE[dtype])


@pytest.mark.parametrize("size", [59, 256, 317, 1900])
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_members_do_not_feel_each_other(size, dtype, activation, weighted):
    """The same bits alone as in company, also where memory holds fewer chunks of each."""
    units = [6, 64, 32, 5]
    some, several = case(1, ROWS, units, activation, weighted).astype(dtype), networks(4, units, activation, dtype)
    chosen = np.stack([np.random.default_rng(k).permutation(ROWS)[:size] for k in range(4)])
    noises = [[Noise(0.3, 0.1, np.random.default_rng(k)) for k in range(4)] for _ in range(2)]
    (together,) = passed(Core(several, noises=noises[0]), some, chosen, size)
    for member in range(4):
        own = Core(several[member : member + 1], noises=noises[1][member : member + 1])
        (gradient,) = passed(own, some, chosen[member][None], size)
        assert gradient.tobytes() == together[member].tobytes()


def test_one_bad_member_does_not_spoil_the_others():
    several = networks(3, [6, 8, 5], "relu")
    several[1].weights[0][0, 0] = np.nan
    (gradient,) = passed(Core(several), case(1, ROWS, [6, 8, 5], "relu"), np.arange(150).reshape(3, 50), 50)
    assert np.isfinite(gradient[[0, 2]]).all() and np.isnan(gradient[1]).any()


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_noise_is_each_members_own_in_a_mini_batch_and_on_all_rows(dropout, smoothing, activation, weighted):
    """On one chunk: the same draws, from generators of the same seeds, given to the plain form."""
    units = [6, 8, 7, 5]
    some, several = case(1, 100, units, activation, weighted), networks(2, units, activation)
    ours, theirs, third = ([Noise(dropout, 0.2, np.random.default_rng(seed)) for seed in (5, 6)] for _ in range(3))
    form = Core(several, smoothing, ours)
    (gradient,) = passed(form, some, np.tile(np.arange(100), (2, 1)), 100)
    whole = Core(several, smoothing, third).measure(some.rows(), noisy=True)
    for member, noise in enumerate(theirs):
        X, masks = noise.on_inputs(some.X), noise.masks([(100, 8), (100, 7)], float)
        loss, accuracy, expected = plain(several[member], X, some.y, some.weights, smoothing, masks)
        assert_same_gradient(form.network(gradient[member]), expected, 1e-12)
        assert whole[member][:2] == (pytest.approx(loss, rel=1e-12), pytest.approx(accuracy, rel=1e-14))
        assert_same_gradient(whole[member][2], expected, 1e-12)
