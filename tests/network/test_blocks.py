"""The block form held to the plain one, over random sizes, and where a fast form goes wrong: edges, ties, bits, NaN."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gapscope.network import mlp
from gapscope.network.activations import ACTIVATIONS
from gapscope.network.blocks import BlockForm
from gapscope.network.mlp import Network
from gapscope.network.optimizers import Noise
from gapscope.network.rows import CHUNK, SMALL, Rows, Shape
from networks import plain, random_network

TOLERANCE = {"float64": 1e-12, "float32": 1e-4}


@dataclass(frozen=True)
class Case:
    network: Network
    X: np.ndarray
    y: np.ndarray
    weights: np.ndarray | None = None

    @property
    def classes(self) -> int:
        return self.network.weights[-1].shape[1]

    def rows(self, chunk: int = CHUNK) -> Rows:
        return Rows(self.X, self.y, self.classes, self.weights, self.network.weights[0].dtype, chunk)

    def astype(self, dtype) -> "Case":
        """Parameters and inputs both rounded to `dtype`, so that either form starts from the same numbers."""
        return replace(self, network=self.network.astype(dtype), X=self.X.astype(dtype))


def case(seed, rows, units, activation, weighted=False, bias_of=None) -> Case:
    rng = np.random.default_rng(seed)
    network = random_network(units, activation, bias_of, rng)
    weights = rng.uniform(0.2, 3, rows) if weighted else None
    return Case(network, rng.normal(size=(rows, units[0])), rng.integers(0, units[-1], rows), weights)


def plain_form(case: Case):
    return plain(case.network, case.X, case.y, case.weights)


def measured(case: Case, shape: Shape | None = None):
    with np.errstate(all="ignore"):
        return BlockForm([case.network], shape).measure(case.rows(shape.chunk if shape else CHUNK))[0]


def assert_same(fast, slow, tolerance):
    """Loss and gradient within `tolerance` of their size, of each array its largest; accuracy exactly."""
    assert fast[0] == pytest.approx(slow[0], rel=tolerance)
    assert fast[1] == slow[1]
    for ours, theirs in zip(fast[2].parameters, slow[2].parameters, strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * max(np.abs(theirs).max(), 1e-3))


def bits(result) -> list[bytes]:
    loss, accuracy, gradient = result
    return [np.float64(loss).tobytes(), np.float64(accuracy).tobytes(), *(a.tobytes() for a in gradient.parameters)]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("seed", range(60))
def test_random_sizes(seed, dtype):
    rng = np.random.default_rng(seed)
    rows = int(rng.choice([int(5000 ** rng.random()), rng.choice([1, 255, 256, 257, 1536, 1537, 3072, 3073])]))
    units = rng.integers(1, 71, 1 + rng.integers(5)).tolist() + [int(rng.integers(2, 13))]
    some = case(rng, rows, units, list(ACTIVATIONS)[seed % len(ACTIVATIONS)], rng.random() < 0.5).astype(dtype)
    shape = None if seed % 2 else Shape(int(rng.integers(1, 400)), int(rng.integers(1, 9)))
    fast = measured(some, shape)
    assert all(array.dtype == dtype for array in fast[2].parameters)
    assert_same(fast, plain_form(some), TOLERANCE[dtype])
    assert BlockForm([some.network]).accuracy(some.rows())[0] == fast[1]


@pytest.mark.parametrize("rows", [1, 4, 5, 6, 14, 15, 16, 29, 30, 31, 43])
def test_rows_around_the_edges_of_chunks_and_blocks(rows, activation, weighted):
    some = case(rows, rows, [3, 6, 4], activation, weighted)
    assert_same(measured(some, Shape(5, 3)), plain_form(some), 1e-12)


@pytest.mark.parametrize(
    "units, bias_of",
    [([5, 4, 4], (0, 0)), ([5, 4, 4, 4], (0, 0, 0)), ([5, 4, 6, 4], (0, 1, 0)), ([5, 6, 4, 4], (1, 0, 0))],
)
def test_a_shared_bias_gets_the_sum_of_its_paths(units, bias_of, activation):
    some = case(1, 700, units, activation, True, bias_of)
    assert_same(measured(some), plain_form(some), 1e-12)
    own = [some.network.biases[place] for place in bias_of]
    apart = Network(some.network.weights, own, tuple(range(len(own))), some.network.activation)
    paths = measured(replace(some, network=apart))[2].biases
    for place, db in enumerate(measured(some)[2].biases):
        np.testing.assert_allclose(db, sum(p for p, at in zip(paths, bias_of) if at == place), rtol=1e-12)


@pytest.mark.parametrize(
    "units, bias_of", [([3, 4], None), ([3, 5, 4], None), ([3, 4, 5, 3], None), ([3, 4, 4], (0, 0))]
)
def test_gradient_is_the_difference_quotient_of_the_loss(units, bias_of, activation, weighted):
    some = case(11, 23, units, activation, weighted, bias_of)
    form, rows, step = BlockForm([some.network], Shape(4, 2)), some.rows(4), 1e-6
    gradient = form.measure(rows)[0][2]
    for array, derivative in zip(some.network.parameters, gradient.parameters):
        for place in np.ndindex(array.shape):
            start, losses = array[place], []
            for moved in (start + step, start - step):
                array[place] = moved
                losses.append(form.measure(rows)[0][0])
            array[place] = start
            assert derivative[place] == pytest.approx((losses[0] - losses[1]) / (2 * step), abs=1e-8)


@pytest.mark.parametrize("hidden", [[], [1], [16], [17], [64, 32], [64, 64], [128, 64], [300, 200]])
def test_shape_of_a_network_fits_rows_cut_by_default(hidden):
    network = mlp.initial_network([12, *hidden, 4], "relu", "he", np.random.default_rng(0))
    shape, largest = Shape.of_network(network), max(W.size for W in network.weights)
    assert CHUNK % shape.chunk == 0
    assert shape.chunk * largest <= SMALL or CHUNK // 4 * largest > SMALL  # no cut makes that product small


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


@pytest.mark.parametrize("rows", [1, 255, 256, 257])
def test_padding_is_neither_right_nor_wrong_and_costs_nothing(rows):
    """Padding has logits (0, 0): a tie, and a loss of ln 2."""
    for b, accuracy in (([0.0, 40.0], 0.0), ([40.0, 0.0], 1.0)):
        some = Case(linear([[0.0, 0.0]], b), np.ones((rows, 1)), np.zeros(rows, int))
        loss, found, gradient = measured(some)
        assert found == accuracy == BlockForm([some.network]).accuracy(some.rows())[0]
        assert loss == pytest.approx(40.0 * (1 - accuracy), abs=1e-12)
        np.testing.assert_allclose(gradient.biases[0], [accuracy - 1, 1 - accuracy], atol=1e-12)


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
    form, right = BlockForm([some.network]), (logits.argmax(axis=1) == some.y).mean()
    assert form.measure(some.rows())[0][1] == form.accuracy(some.rows())[0] == right


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_certain_and_wrong_costs_what_it_does_in_the_plain_form(dtype):
    X, y = np.array([[1.0], [1e4], [np.finfo(dtype).max / 2]]), np.array([1, 1, 1])
    some = Case(linear([[3.0, -1.0]], [0.0, 0.0]), X[:2], y[:2]).astype(dtype)
    slow = mlp.cross_entropy(mlp.logits(some.network, some.X), some.y)
    assert measured(some)[0] == pytest.approx(slow, rel=1e-6)
    overflowing = Case(linear([[1.5, -1.5]], [0.0, 0.0]), X[2:], y[2:]).astype(dtype)  # shifted logits (0, -inf)
    assert measured(overflowing)[:2] == (pytest.approx(np.finfo(dtype).max, rel=1e-4), 0.0)
    loss, accuracy, gradient = measured(replace(overflowing, y=np.array([0])))
    assert (loss, accuracy) == (0.0, 1.0) and not any(array.any() for array in gradient.parameters)


def one_spoilt(activation, hidden, value) -> Case:
    some = case(4, 600, [3, *hidden, 4], activation)
    some.X[300, 1] = value
    return some


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("hidden", [[], [5], [6, 4]], ids=str)
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_one_bad_input_is_felt_as_in_the_plain_form(activation, hidden, value, dtype):
    """Where the plain loss is NaN, so is this one; tanh and sigmoid saturate at infinity, and both are finite."""
    some = one_spoilt(activation, hidden, value).astype(dtype)
    fast, slow = measured(some), plain_form(some)
    assert not np.isnan(value) or np.isnan(slow[0])
    assert fast[0] == pytest.approx(slow[0], rel=TOLERANCE[dtype], nan_ok=True)
    assert fast[1] == slow[1] or np.isnan(slow[0])
    assert not np.isfinite(fast[2].weights[0]).all()


@pytest.mark.parametrize("place", range(6))
def test_one_bad_parameter_is_felt(activation, place):
    some = case(4, 600, [3, 6, 4, 4], activation)
    some.network.parameters[place].flat[1] = np.nan
    assert np.isnan(measured(some)[0]) and np.isnan(plain_form(some)[0])


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("hidden", [[1], [5], [33], [4, 7]], ids=str)
def test_relu_has_no_slope_at_zero_of_either_sign(dtype, sign, hidden):
    """Inputs, weights and biases of 0 and -0 give z = 0 in every unit, whose derivative is 0."""
    rng = np.random.default_rng(3)
    some = case(rng, 300, [6, *hidden, 3], "relu")
    for W, b in zip(some.network.weights[:-1], some.network.biases[:-1]):
        W[...], b[...] = sign * np.abs(W), -sign * 0.0
    some.X[...] = np.where(rng.random(some.X.shape) < 0.5, 0.0, -0.0)
    some = some.astype(dtype)
    assert not (mlp.forward(some.network, some.X).z[0] > 0).any()
    fast, slow = measured(some), plain_form(some)
    assert_same(fast, slow, TOLERANCE[dtype])
    assert not any(db.any() for db in fast[2].biases[:-1]) and fast[2].biases[-1].any()


@pytest.fixture(params=[("float32", [64, 32]), ("float64", [64, 64]), ("float64", [4]), ("float32", [])], ids=str)
def some(request) -> Case:
    """Of several blocks, the last chunk not full."""
    dtype, hidden = request.param
    return case(8, 4001, [12, *hidden, 4], "relu", True).astype(dtype)


def test_bits_are_those_of_every_other_run(some):
    form, rows = BlockForm([some.network]), some.rows()
    first = bits(form.measure(rows)[0])
    form.measure(replace(some, X=some.X[:700], y=some.y[:700], weights=None).rows())  # others in the same buffers
    assert bits(form.measure(rows)[0]) == bits(measured(some)) == first
    assert form.loss(rows)[0] == form.measure(rows)[0][0]


def test_bits_do_not_depend_on_the_company(some):
    networks = [some.network.copy() for _ in range(7)]
    for place, network in enumerate(networks):
        for array in network.parameters:
            array *= 1.0 + 0.1 * place
    form, alone = BlockForm(networks), [BlockForm([network]) for network in networks]
    rows = some.rows()
    assert [bits(found) for found in form.measure(rows)] == [bits(one.measure(rows)[0]) for one in alone]
    assert form.loss(rows) == [one.loss(rows)[0] for one in alone]
    assert form.accuracy(rows) == [one.accuracy(rows)[0] for one in alone]
    assert len(set(form.loss(rows))) == 7
    noises = [[Noise(0.3, 0.1, np.random.default_rng(place)) for place in range(7)] for _ in range(2)]
    together = form.measure(rows, noises[0])
    for found, one, noise in zip(together, alone, noises[1]):
        assert bits(found) == bits(one.measure(rows, [noise])[0])


@pytest.mark.parametrize("classes, held", [(4, True), (5, False)])
def test_targets_are_held_where_they_take_no_more_than_the_rows(classes, held):
    """In memory, a table of few columns and many classes would grow by a multiple."""
    some = case(3, 600, [3, 6, classes], "relu")
    form, rows = BlockForm([some.network]), some.rows()
    assert bits(form.measure(rows)[0]) == bits(form.measure(rows)[0])
    assert bool(rows.held) == held


def test_bits_do_not_depend_on_where_the_rows_are_kept(some, tmp_path):
    expected = bits(measured(some))
    np.save(tmp_path / "X.npy", some.X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    for X in (mapped, np.asfortranarray(some.X), some.X[::-1].copy()[::-1]):
        assert bits(measured(replace(some, X=X))) == expected
    kept = some.rows().X
    shifted = np.empty(kept.nbytes + 8, np.uint8)[8:].view(kept.dtype).reshape(kept.shape)  # another alignment
    shifted[...] = kept
    np.save(tmp_path / "rows.npy", kept)
    for X in (shifted, np.load(tmp_path / "rows.npy", mmap_mode="r")):
        rows = some.rows()
        rows.X = X
        assert bits(BlockForm([some.network]).measure(rows)[0]) == expected
