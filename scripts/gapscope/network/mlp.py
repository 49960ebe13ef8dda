"""The multilayer perceptron, one line of code per equation:

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
from dataclasses import dataclass, replace

import numpy as np

from gapscope.network.activations import ACTIVATIONS, Activation
from gapscope.network.classifier import Classifier

VARIANCE: dict[str, Callable[[int, int, float], float]] = {  # of the initial weights, by units in and out
    "normal": lambda n_in, n_out, weight_scale: weight_scale**2,
    "xavier": lambda n_in, n_out, weight_scale: 2.0 / (n_in + n_out),  # Glorot and Bengio 2010
    "he": lambda n_in, n_out, weight_scale: 2.0 / n_in,  # He et al. 2015
}
IN_CACHE = 1024  # rows processed at a time; their values stay in the processor's cache, which halves the time


class NetworkClassifier(Classifier):
    """Predictions of a network or of an ensemble, which has several `members` of the same architecture."""

    is_network = True
    members: tuple["Network", ...]
    parameters: list[np.ndarray]

    @property
    def dtype(self) -> np.dtype:
        return self.parameters[0].dtype

    @property
    def units(self) -> list[int]:
        """Number of inputs, of units in each hidden layer, and of classes."""
        weights = self.members[0].weights
        return [len(weights[0]), *(W.shape[1] for W in weights)]

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        """Class probabilities (n, classes), averaged over the members."""
        return sum(softmax(forward(member, X).logits) for member in self.members) / len(self.members)

    def log_probabilities(self, X: np.ndarray) -> np.ndarray:
        """Logarithms of the class probabilities (n, classes), by log-sum-exp."""
        logs = [log_softmax(forward(member, X).logits) for member in self.members]
        return np.logaddexp.reduce(logs) - np.log(len(logs))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Most probable class of each row (n,); a single network compares logits, which is faster."""
        scores = self.probabilities(X) if len(self.members) > 1 else logits(self.members[0], X)
        return scores.argmax(axis=1)


@dataclass(frozen=True)
class Network(NetworkClassifier):
    """A network with layers 1 to L, whose arrays are updated in place."""

    weights: list[np.ndarray]  # W_l of each layer (units in, units out)
    biases: list[np.ndarray]  # arrays (units out,); layers can share one
    bias_of: tuple[int, ...]  # index in `biases` of each layer's bias
    activation: Activation

    @property
    def parameters(self) -> list[np.ndarray]:
        return [*self.weights, *self.biases]

    @property
    def members(self) -> tuple["Network", ...]:
        return (self,)

    def copy(self) -> "Network":
        return self.astype(self.dtype)

    def astype(self, dtype) -> "Network":
        """A copy with arrays of type `dtype`."""
        weights, biases = ([array.astype(dtype) for array in arrays] for arrays in (self.weights, self.biases))
        return replace(self, weights=weights, biases=biases)


@dataclass(frozen=True)
class Ensemble(NetworkClassifier):
    """Networks whose class probabilities are averaged."""

    members: tuple[Network, ...]

    @property
    def parameters(self) -> list[np.ndarray]:
        return [array for member in self.members for array in member.parameters]

    @property
    def activation(self) -> Activation:
        return self.members[0].activation


def combined(networks: list[Network]) -> Network | Ensemble:
    """The network if there is only one, else an Ensemble."""
    return networks[0] if len(networks) == 1 else Ensemble(tuple(networks))


@dataclass(frozen=True)
class ForwardPass:
    """Values of all layers: a[0] is X, a[l + 1] = g(z[l]) for hidden layers, and z[-1] are the logits."""

    z: list[np.ndarray]
    a: list[np.ndarray]
    masks: list[np.ndarray] | None = None  # dropout masks (n, units) of the hidden layers

    @property
    def logits(self) -> np.ndarray:
        return self.z[-1]


def initial_network(units: list[int], activation: str, initialisation: str, rng, weight_scale: float = 1.0) -> Network:
    """A network with normally distributed weights, and a bias of zeros in each layer.

    Parameters
    ----------
    units : number of inputs, of units in each hidden layer, and of classes.
    initialisation : sets the VARIANCE of the weights.
    rng : NumPy Generator or RandomState; draws W_1, W_2, ... in this order.
    """
    sizes = list(zip(units[:-1], units[1:]))
    deviations = [np.sqrt(VARIANCE[initialisation](*size, weight_scale)) for size in sizes]
    weights = [rng.standard_normal(size) * deviation for size, deviation in zip(sizes, deviations)]
    return Network(weights, [np.zeros(n_out) for _, n_out in sizes], tuple(range(len(sizes))), ACTIVATIONS[activation])


def forward(network: Network, X: np.ndarray, masks: list[np.ndarray] | None = None) -> ForwardPass:
    """Values of all layers for X (n, d). The dropout `masks` (n, units) multiply the hidden layers' activations."""
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
    """Logits (n, classes), without keeping the values of the other layers."""
    starts = range(0, max(len(X), 1), IN_CACHE)
    return np.concatenate([forward(network, X[start : start + IN_CACHE]).logits for start in starts])


def softmax(logits: np.ndarray) -> np.ndarray:
    """Class probabilities (n, classes). Subtracting the largest logit of each row avoids overflow."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)  # (3)


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """log p (n, classes) by log-sum-exp, accurate even where p rounds to 0 or 1."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def cross_entropy(
    logits: np.ndarray, y: np.ndarray, row_weights: np.ndarray | None = None, smoothing: float = 0.0
) -> float:
    """Mean of -log p[y] over the rows, in nats, weighted by `row_weights` (n,) if given.

    With label smoothing e, the target of a row is (1 - e) onehot(y) + e / classes (Szegedy et al. 2016, section 7).
    """
    log_p = log_softmax(logits)
    loss = -log_p[np.arange(len(y)), y]
    if smoothing:
        loss = (1.0 - smoothing) * loss - smoothing * log_p.mean(axis=1)
    return float(np.average(loss, weights=row_weights))  # (4)


def loss_by_logits(
    p: np.ndarray, y: np.ndarray, row_weights: np.ndarray | None = None, smoothing: float = 0.0
) -> np.ndarray:
    """Derivative dz_L (n, classes) of the mean cross-entropy with respect to the logits."""
    dz = p - smoothing / p.shape[1] if smoothing else p.copy()
    dz[np.arange(len(y)), y] -= 1.0 - smoothing
    if row_weights is None:
        return dz / len(y)  # (5)
    return dz * (row_weights / row_weights.sum())[:, None]


def backward(network: Network, passed: ForwardPass, dz: np.ndarray, update: Callable | None = None) -> Network:
    """Derivatives with respect to all parameters.

    Parameters
    ----------
    passed : values of the forward pass.
    dz : derivative with respect to the logits (n, classes).
    update : called as `update(layer, dW, db)` *before* the derivative passes backward through that layer's weights.
        System 25280022 updates its weights here, so the gradients of earlier layers depend on the updated weights.
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


def gradient(network: Network, X: np.ndarray, y: np.ndarray) -> Network:
    """Derivatives of the mean cross-entropy of rows X (n, d) with class codes y (n,)."""
    passed = forward(network, X)
    return backward(network, passed, loss_by_logits(softmax(passed.logits), y))


def input_gradient(network: Network, passed: ForwardPass, dz: np.ndarray) -> np.ndarray:
    """Derivative with respect to the inputs (n, d), from the derivative dz (n, classes) with respect to the logits."""
    for layer in reversed(range(1, len(network.weights))):
        dz = _through(network, passed, dz, layer)
    return dz @ network.weights[0].T


def _through(network: Network, passed: ForwardPass, dz: np.ndarray, layer: int) -> np.ndarray:
    """dz (n, units) of the layer below `layer`."""
    activation, z, a = network.activation, passed.z[layer - 1], passed.a[layer]
    below = dz @ network.weights[layer].T
    if passed.masks:  # a includes the mask, so compute g(z) again
        a = activation.function(z)
        below *= passed.masks[layer - 1]
    below *= activation.derivative(z, a)  # (8) (n, units)
    return below
