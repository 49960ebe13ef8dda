"""A trained model together with all that prediction needs; a network is one .npz file without pickled objects."""

import json
from dataclasses import dataclass

import numpy as np

from gapscope.common.errors import UserError
from gapscope.data.encode import Column
from gapscope.network.activations import ACTIVATIONS
from gapscope.network.classifier import Classifier
from gapscope.network.mlp import Network, combined
from gapscope.network.row_storage import StoredRows, pieces


@dataclass(frozen=True)
class Model:
    """`mean` and `deviation` (d,) scale the encoded columns; `description` holds the rest, as plain JSON.

    That is `columns` (name, feature, level and transform of each encoded column: all that it takes to encode new
    rows), `reading` (how the table's cells were read), `classes`, `target`, `imputation`, `settings`, `source` and
    `diverged` (seed: iteration whose weights are kept, of each member whose training diverged).
    """

    network: Classifier
    mean: np.ndarray
    deviation: np.ndarray
    description: dict

    @property
    def own_columns(self) -> list[Column] | None:
        """The columns that a model of the user's own reads; None for a network."""
        return None if self.network.is_network else self.network.columns

    def scaled(self, X: np.ndarray) -> np.ndarray:
        """Encoded X (n, d) as the network wants it."""
        return (X - self.mean) / self.deviation


def save(file, model: Model) -> None:
    """Writes arrays W1, b1, W2, ..., the activation's name and the description to a path or open binary file.

    The arrays of an ensemble have the members along a further first axis.
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


def load(path: str, trusted: bool = True) -> Model:
    """The model that `save` wrote to this file, or the user's own one (<name>.json), whose code runs if `trusted`."""
    if path.endswith(".json"):
        from gapscope.network import own_model  # here: it needs pandas

        network, description = own_model.load(path, trusted)
        return Model(network, np.zeros(len(network.columns)), np.ones(len(network.columns)), description)
    with np.load(path, allow_pickle=False) as file:
        bias_of, activation = tuple(file["bias_of"].tolist()), ACTIVATIONS[str(file["activation"])]
        weights = [file[f"W{layer + 1}"] for layer in range(len(bias_of))]
        biases = [file[f"b{place + 1}"] for place in range(len(set(bias_of)))]
        if weights[0].ndim == 2:  # no axis of members: there is one
            weights, biases = ([array[None] for array in arrays] for arrays in (weights, biases))
        members = [
            Network([W[place] for W in weights], [b[place] for b in biases], bias_of, activation)
            for place in range(len(weights[0]))
        ]
        return Model(combined(members), file["mean"], file["deviation"], json.loads(str(file["description"])))


def classes(classifier: Classifier, X: np.ndarray | StoredRows) -> np.ndarray:
    """The class of each row of X (n, d), for rows on disk too (n,)."""
    codes = np.empty(len(X), np.int32)
    for rows, x in pieces(X):
        codes[rows] = classifier.predict(x)
    return codes


def log_probabilities_of(classifier: Classifier, X: np.ndarray | StoredRows) -> np.ndarray:
    """Logarithms of the class probabilities of each row of X (n, classes), for rows on disk too."""
    logs = np.empty((len(X), classifier.units[-1]), classifier.dtype)
    for rows, x in pieces(X):
        logs[rows] = classifier.log_probabilities(x)
    return logs


def classified(classifier: Classifier, X: np.ndarray | StoredRows, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest class of each row of X (n, d) and its log-loss, -log p[y] in nats, both (n,)."""
    codes, losses = np.empty(len(y), np.int32), np.empty(len(y))
    for rows, x in pieces(X):
        log_p = classifier.log_probabilities(x)
        codes[rows] = log_p.argmax(axis=1)
        losses[rows] = -log_p[np.arange(len(log_p)), y[rows]]
    return codes, losses


def test_matrix(model: Model, X: np.ndarray, test_eval: dict) -> np.ndarray:
    """Encoded test rows X (n, d) as evaluation hands them to the network.

    `test_eval` is the block of config.yaml: `scaling: none` omits the scaling; `columns_by_position` names the columns
    in the order in which they are fed, whatever order the network was trained with. Both are faults of published
    systems.
    """
    X = model.scaled(X) if test_eval["scaling"] == "fitted" else X
    places = test_columns(model, test_eval)
    return X if places is None else X[:, places]


def test_columns(model: Model, test_eval: dict) -> list[int] | None:
    """Places of the encoded columns in the order in which test rows are fed; None if the order is unchanged."""
    if not test_eval["columns_by_position"]:
        return None
    names = [column["name"] for column in model.description["columns"]]
    if sorted(test_eval["columns_by_position"]) != sorted(names):
        raise UserError(
            f"config: test_eval.columns_by_position: expected the encoded columns in some order ({', '.join(names)}), "
            f"got {', '.join(test_eval['columns_by_position'])}."
        )
    return [names.index(name) for name in test_eval["columns_by_position"]]
