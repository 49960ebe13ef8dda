"""A trained network together with all that prediction needs, in one .npz file without pickled objects."""

import json
from dataclasses import dataclass

import numpy as np

from gapscope.errors import UserError
from gapscope.network.activations import ACTIVATIONS
from gapscope.network.mlp import Network


@dataclass(frozen=True)
class Model:
    """`mean` and `deviation` (d,) scale the encoded columns; `description` holds the rest, as plain JSON.

    That is `columns` (name, feature, level and transform of each encoded column: all that it takes to encode new
    rows), `classes`, `target`, `imputation`, `settings` and `source`.
    """

    network: Network
    mean: np.ndarray
    deviation: np.ndarray
    description: dict

    def scaled(self, X: np.ndarray) -> np.ndarray:
        """Encoded X (n, d) as the network wants it."""
        return (X - self.mean) / self.deviation


def save(file, model: Model) -> None:
    """Write to an open binary file or path: arrays W1, b1, W2, ...; the activation's name; the description as text."""
    network = model.network
    arrays = {f"W{layer + 1}": W for layer, W in enumerate(network.weights)}
    arrays |= {f"b{place + 1}": b for place, b in enumerate(network.biases)}
    np.savez(
        file,
        **arrays,
        bias_of=np.array(network.bias_of),
        activation=np.array(network.activation.name),
        mean=model.mean,
        deviation=model.deviation,
        description=np.array(json.dumps(model.description, sort_keys=True)),
    )


def load(path: str) -> Model:
    with np.load(path, allow_pickle=False) as file:
        layers = len(file["bias_of"])
        biases = len(set(file["bias_of"].tolist()))
        network = Network(
            [file[f"W{layer + 1}"] for layer in range(layers)],
            [file[f"b{place + 1}"] for place in range(biases)],
            tuple(file["bias_of"].tolist()),
            ACTIVATIONS[str(file["activation"])],
        )
        return Model(network, file["mean"], file["deviation"], json.loads(str(file["description"])))


def test_matrix(model: Model, X: np.ndarray, test_eval: dict) -> np.ndarray:
    """Encoded test rows X (n, d) as evaluation hands them to the network.

    `test_eval` is the block of config.yaml: `scaling: none` leaves the scaling out; `columns_by_position` names the
    columns in the order in which they are fed, whatever order the network was trained with. Both are faults of
    published systems.
    """
    if test_eval["scaling"] == "fitted":
        X = model.scaled(X)
    if not test_eval["columns_by_position"]:
        return X
    names = [column["name"] for column in model.description["columns"]]
    if sorted(test_eval["columns_by_position"]) != sorted(names):
        raise UserError(
            f"config: test_eval.columns_by_position: expected the encoded columns in some order ({', '.join(names)}), "
            f"got {', '.join(test_eval['columns_by_position'])}."
        )
    return X[:, [names.index(name) for name in test_eval["columns_by_position"]]]
