"""The multilayer perceptron, written as its derivation: one line per equation, the shape at the line's end.

    z_l = a_{l-1} W_l + b_l              (1)   with a_0 = X (n, d)
    a_l = g(z_l)                         (2)   for the hidden layers
    p   = softmax(z_L)                   (3)
    loss = -1/n sum_i log p_i[y_i]       (4)   cross-entropy
    dz_L = (p - onehot(y)) / n           (5)   dz_l is the derivative of the loss by z_l
    dW_l = a_{l-1}^T dz_l                (6)
    db_l = sum_i dz_l,i                  (7)
    dz_l = (dz_{l+1} W_{l+1}^T) * g'(z_l)   (8)

Source: Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.5.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gapscope.network.activations import ACTIVATIONS, Activation
from gapscope.network.classifier import Classifier

IN_CACHE = 1024  # rows whose values all stay in the processor's cache: half the time


class NetworkClassifier(Classifier):
    """A network, or an ensemble of networks, as a classifier."""

    is_network = True

    @property
    def dtype(self) -> np.dtype:
        return self.parameters[0].dtype

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        return probabilities(self, X)

    def log_probabilities(self, X: np.ndarray) -> np.ndarray:
        return log_probabilities(self, X)

    def predict(self, X: np.ndarray) -> np.ndarray:
        return predict(self, X)


@dataclass(frozen=True)
class Network(NetworkClassifier):
    """Weights W_l (units in, units out) and biases (units out,) of layers 1 .. L; the arrays are updated in place.

    `bias_of[l]` is the place in `biases` of layer l's bias: a shared bias is stored once and used twice.
    """

    weights: list[np.ndarray]
    biases: list[np.ndarray]
    bias_of: tuple[int, ...]
    activation: Activation

    @property
    def parameters(self) -> list[np.ndarray]:
        return [*self.weights, *self.biases]

    @property
    def units(self) -> list[int]:
        """Inputs, units of each hidden layer, classes."""
        return [len(self.weights[0]), *(W.shape[1] for W in self.weights)]

    @property
    def members(self) -> tuple["Network", ...]:
        """This network alone, so that it can stand where an Ensemble can."""
        return (self,)

    def copy(self) -> "Network":
        return self.astype(self.weights[0].dtype)

    def astype(self, dtype) -> "Network":
        """A copy whose arrays have this type."""
        return Network(
            [W.astype(dtype) for W in self.weights],
            [b.astype(dtype) for b in self.biases],
            self.bias_of,
            self.activation,
        )


@dataclass(frozen=True)
class Ensemble(NetworkClassifier):
    """Networks of one architecture that classify together: their class probabilities are averaged."""

    members: tuple[Network, ...]

    @property
    def parameters(self) -> list[np.ndarray]:
        return [array for member in self.members for array in member.parameters]

    @property
    def units(self) -> list[int]:
        return self.members[0].units

    @property
    def activation(self) -> Activation:
        return self.members[0].activation


def combined(networks: list[Network]) -> Network | Ensemble:
    """A single network as it is, several as an Ensemble."""
    return networks[0] if len(networks) == 1 else Ensemble(tuple(networks))


@dataclass(frozen=True)
class ForwardPass:
    """z[l] and a[l] of each layer, l = 0 .. L - 1: a[0] is X and z[l] belongs to a[l + 1]; z[-1] are the logits."""

    z: list[np.ndarray]
    a: list[np.ndarray]
    masks: list[np.ndarray] | None = None  # dropout: factors of each hidden layer's activations

    @property
    def logits(self) -> np.ndarray:
        return self.z[-1]


def initial_network(units: list[int], activation: str, initialisation: str, rng, weight_scale: float = 1.0) -> Network:
    """A network with normal weights and zero biases, one bias per layer.

    Parameters
    ----------
    units : inputs, units of each hidden layer, classes.
    initialisation : standard deviation of W (units in, units out): `normal` weight_scale, `xavier`
        sqrt(2 / (in + out)) (Glorot and Bengio 2010), `he` sqrt(2 / in) (He et al. 2015).
    rng : NumPy Generator or RandomState; draws W_1, W_2, ... in this order.
    """
    deviation = {
        "normal": lambda n_in, n_out: weight_scale,
        "xavier": lambda n_in, n_out: np.sqrt(2.0 / (n_in + n_out)),
        "he": lambda n_in, n_out: np.sqrt(2.0 / n_in),
    }[initialisation]
    sizes = list(zip(units[:-1], units[1:]))
    weights = [rng.standard_normal(size) * deviation(*size) for size in sizes]
    return Network(weights, [np.zeros(n_out) for _, n_out in sizes], tuple(range(len(sizes))), ACTIVATIONS[activation])


def forward(network: Network, X: np.ndarray, masks: list[np.ndarray] | None = None) -> ForwardPass:
    """All layers' values for X (n, d). `masks` (n, units), one per hidden layer, multiply its activations: dropout."""
    z, a = [], [X]
    for layer, W in enumerate(network.weights):
        z.append(a[-1] @ W)
        z[-1] += network.biases[network.bias_of[layer]]  # (1) (n, units)
        if layer < len(network.weights) - 1:
            a.append(network.activation.function(z[-1]))  # (2) (n, units)
            if masks:
                a[-1] = a[-1] * masks[layer]
    return ForwardPass(z, a, masks)


def logits(network: Network, X: np.ndarray) -> np.ndarray:
    """The logits of `forward` (n, classes), without memory for the other layers' values."""
    all_logits = np.empty((len(X), network.units[-1]), np.result_type(X, network.weights[0]))
    for start in range(0, len(X), IN_CACHE):
        a = X[start : start + IN_CACHE]
        for layer, W in enumerate(network.weights):
            a = a @ W + network.biases[network.bias_of[layer]]  # (1)
            if layer < len(network.weights) - 1:
                a = network.activation.function(a)  # (2)
        all_logits[start : start + IN_CACHE] = a
    return all_logits


def softmax(logits: np.ndarray) -> np.ndarray:
    """Class probabilities (n, classes), shifted by the row's maximum so that nothing overflows."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)  # (3)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """log p (n, classes) by log-sum-exp, which holds where p itself rounds to 0 or 1."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def cross_entropy(
    logits: np.ndarray, y: np.ndarray, row_weights: np.ndarray | None = None, smoothing: float = 0.0
) -> float:
    """Mean of -log p[y] over the rows in nats, weighted by `row_weights` (n,) where given.

    With `smoothing` e, a row's target is (1 - e) onehot(y) + e / classes (Szegedy et al. 2016, section 7).
    """
    log_p = log_softmax(logits)
    loss = -log_p[np.arange(len(y)), y]
    if smoothing:
        loss = (1.0 - smoothing) * loss - smoothing * log_p.mean(axis=1)
    return float(np.average(loss, weights=row_weights))  # (4)


def loss_by_logits(
    p: np.ndarray, y: np.ndarray, row_weights: np.ndarray | None = None, smoothing: float = 0.0
) -> np.ndarray:
    """dz_L (n, classes) of the mean cross-entropy."""
    dz = p - smoothing / p.shape[1] if smoothing else p.copy()
    dz[np.arange(len(y)), y] -= 1.0 - smoothing
    if row_weights is None:
        return dz / len(y)  # (5)
    return dz * (row_weights / row_weights.sum())[:, None]


def backward(
    network: Network,
    passed: ForwardPass,
    dz: np.ndarray,
    update: Callable[[int, np.ndarray, np.ndarray], None] | None = None,
) -> Network:
    """Derivatives by all parameters, from dz (n, classes), the derivative by the logits.

    `update(layer, dW, db)`, where given, is called for each layer *before* the derivative passes through its weights.
    This is the order of system 25280022, whose earlier layers therefore see weights that have already moved.
    """
    dW = [np.empty(0)] * len(network.weights)
    db = [np.zeros_like(b) for b in network.biases]
    for layer in reversed(range(len(network.weights))):
        dW[layer] = passed.a[layer].T @ dz  # (6) (units in, units out)
        layer_db = dz.sum(axis=0)  # (7) (units out,)
        db[network.bias_of[layer]] += layer_db
        if update:
            update(layer, dW[layer], layer_db)
        if layer > 0:
            dz = _through(network, passed, dz, layer)
    return Network(dW, db, network.bias_of, network.activation)


def input_gradient(network: Network, passed: ForwardPass, dz: np.ndarray) -> np.ndarray:
    """Derivative by the inputs (n, d), from dz (n, classes), the derivative by the logits."""
    for layer in reversed(range(1, len(network.weights))):
        dz = _through(network, passed, dz, layer)
    return dz @ network.weights[0].T


def _through(network: Network, passed: ForwardPass, dz: np.ndarray, layer: int) -> np.ndarray:
    """dz of the layer below `layer`."""
    activation, z, a = network.activation, passed.z[layer - 1], passed.a[layer]
    below = dz @ network.weights[layer].T
    if passed.masks:  # they are in a too, so g(z) is computed again
        a = activation.function(z)
        below *= passed.masks[layer - 1]
    below *= activation.derivative(z, a)  # (8) (n, units)
    return below


def probabilities(network: Network | Ensemble, X: np.ndarray) -> np.ndarray:
    """Class probabilities (n, classes) for X (n, d); for an ensemble, the mean over its members."""
    return sum(softmax(forward(member, X).logits) for member in network.members) / len(network.members)


def log_probabilities(network: Network | Ensemble, X: np.ndarray) -> np.ndarray:
    """Logarithms of `probabilities` (n, classes), by log-sum-exp."""
    logs = [log_softmax(forward(member, X).logits) for member in network.members]
    return np.logaddexp.reduce(logs) - np.log(len(logs))


def predict(network: Network | Ensemble, X: np.ndarray) -> np.ndarray:
    """Class with the largest logit (for an ensemble, the largest probability) for each row of X (n, d): (n,)."""
    scores = probabilities(network, X) if len(network.members) > 1 else logits(network.members[0], X)
    return scores.argmax(axis=1)
