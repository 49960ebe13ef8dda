"""A trained model with everything that prediction needs. Networks are stored as .npz files, without pickled objects."""

import json
from dataclasses import dataclass

import numpy as np

from gapscope.common.errors import UserError
from gapscope.network.activations import ACTIVATIONS
from gapscope.network.classifier import Classifier
from gapscope.network.mlp import Network, combined
from gapscope.network.row_storage import StoredRows, pieces


@dataclass(frozen=True)
class Model:
    """A trained classifier, and how to prepare rows for it.

    The `description` has `columns` (name, feature, level and transform of each encoded column), `reading` (format of
    the training table), `classes`, `target`, `imputation`, `settings`, `source` and `diverged` (for each member whose
    training diverged, its seed and the iteration whose weights are kept).
    """

    network: Classifier
    mean: np.ndarray  # scaling of the encoded columns (d,)
    deviation: np.ndarray
    description: dict

    @property
    def own(self) -> Classifier | None:
        """The user's own model; None for a network."""
        return None if self.network.is_network else self.network

    def scaled(self, X: np.ndarray) -> np.ndarray:
        """Scaled copy of the encoded rows X (n, d)."""
        return (X - self.mean) / self.deviation


def save(file, model: Model) -> None:
    """Write arrays W1, b1, W2, ..., the activation's name and the description to a path or open binary file.

    For an ensemble the first axis of these arrays is the member.
    """
    members, network = model.network.members, model.network.members[0]
    arrays = {f"W{layer + 1}": [member.weights[layer] for member in members] for layer in range(len(network.weights))}
    arrays |= {f"b{place + 1}": [member.biases[place] for member in members] for place in range(len(network.biases))}
    np.savez(
        file,
        **{name: np.stack(each) if len(members) > 1 else each[0] for name, each in arrays.items()},
        bias_of=np.array(network.bias_of),
        activation=np.array(network.activation.name),
        mean=model.mean,
        deviation=model.deviation,
        description=np.array(json.dumps(model.description, sort_keys=True)),
    )


def load(path: str) -> Model:
    """Read a network from an .npz file; evaluation/trained.py reads models of all kinds."""
    with np.load(path, allow_pickle=False) as file:
        bias_of, activation = tuple(file["bias_of"].tolist()), ACTIVATIONS[str(file["activation"])]
        weights = [file[f"W{layer + 1}"] for layer in range(len(bias_of))]
        biases = [file[f"b{place + 1}"] for place in range(len(set(bias_of)))]
        if weights[0].ndim == 2:  # a single network: add the axis of members
            weights, biases = ([array[None] for array in arrays] for arrays in (weights, biases))
        members = [
            Network([W[place] for W in weights], [b[place] for b in biases], bias_of, activation)
            for place in range(len(weights[0]))
        ]
        return Model(combined(members), file["mean"], file["deviation"], json.loads(str(file["description"])))


def classes(classifier: Classifier, X: np.ndarray | StoredRows) -> np.ndarray:
    """Predicted class of each row of X (n, d), which may be on disk: (n,)."""
    codes = np.empty(len(X), np.int32)
    for rows, x in pieces(X):
        codes[rows] = classifier.predict(x)
    return codes


def log_probabilities_of(classifier: Classifier, X: np.ndarray | StoredRows) -> np.ndarray:
    """Logarithms of the class probabilities (n, classes) for X (n, d), which may be on disk."""
    logs = np.empty((len(X), classifier.units[-1]), classifier.dtype)
    for rows, x in pieces(X):
        logs[rows] = classifier.log_probabilities(x)
    return logs


def classified(classifier: Classifier, X: np.ndarray | StoredRows, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predicted class of each row of X (n, d) and its log-loss -log p[y] in nats, both (n,)."""
    codes, losses = np.empty(len(y), np.int32), np.empty(len(y))
    for rows, x in pieces(X):
        log_p = classifier.log_probabilities(x)
        codes[rows] = log_p.argmax(axis=1)
        losses[rows] = -log_p[np.arange(len(log_p)), y[rows]]
    return codes, losses


def test_matrix(model: Model, X: np.ndarray, test_eval: dict) -> np.ndarray:
    """Encoded test rows X (n, d), scaled and ordered for the network as the block `test_eval` of the config says.

    Two settings reproduce mistakes of the published systems: `scaling: none` omits the scaling, and
    `columns_by_position` feeds the columns in another order than in training.
    """
    X = model.scaled(X) if test_eval["scaling"] == "fitted" else X
    places = test_columns(model, test_eval)
    return X if places is None else X[:, places]


def test_columns(model: Model, test_eval: dict) -> list[int] | None:
    """Order in which the encoded columns of test rows are fed to the network; None if it is the order of training."""
    if not test_eval["columns_by_position"]:
        return None
    names = [column["name"] for column in model.description["columns"]]
    if sorted(test_eval["columns_by_position"]) != sorted(names):
        raise UserError(
            f"config: test_eval.columns_by_position: expected the encoded columns in some order ({', '.join(names)}), "
            f"got {', '.join(test_eval['columns_by_position'])}."
        )
    return [names.index(name) for name in test_eval["columns_by_position"]]
