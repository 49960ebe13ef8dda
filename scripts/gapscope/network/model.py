"""A trained network together with all that prediction needs, in one .npz file without pickled objects."""

import json
from dataclasses import dataclass

import numpy as np

from gapscope.common.errors import UserError
from gapscope.network.activations import ACTIVATIONS
from gapscope.network.mlp import Ensemble, Network, combined


@dataclass(frozen=True)
class Model:
    """`mean` and `deviation` (d,) scale the encoded columns; `description` holds the rest, as plain JSON.

    That is `columns` (name, feature, level and transform of each encoded column: all that it takes to encode new
    rows), `reading` (how the table's cells were read), `classes`, `target`, `imputation`, `settings`, `source` and
    `diverged` (seed: iteration whose weights are kept, of each member whose training diverged).
    """

    network: Network | Ensemble
    mean: np.ndarray
    deviation: np.ndarray
    description: dict

    def scaled(self, X: np.ndarray) -> np.ndarray:
        """Encoded X (n, d) as the network wants it."""
        return (X - self.mean) / self.deviation


def save(file, model: Model) -> None:
    """Write to an open binary file or path: arrays W1, b1, W2, ...; the activation's name; the description as text.

    The arrays of an ensemble have its members along a first axis of their own.
    """
    members = model.network.members
    network = members[0]
    arrays = {f"W{layer + 1}": [one.weights[layer] for one in members] for layer in range(len(network.weights))}
    arrays |= {f"b{place + 1}": [one.biases[place] for one in members] for place in range(len(network.biases))}
    arrays = {name: np.stack(own) if len(members) > 1 else own[0] for name, own in arrays.items()}
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
        weights = [file[f"W{layer + 1}"] for layer in range(layers)]
        biases = [file[f"b{place + 1}"] for place in range(biases)]
        if weights[0].ndim == 2:  # no axis of members: there is one
            weights, biases = ([array[None] for array in arrays] for arrays in (weights, biases))
        bias_of, activation = tuple(file["bias_of"].tolist()), ACTIVATIONS[str(file["activation"])]
        members = [
            Network([W[place] for W in weights], [b[place] for b in biases], bias_of, activation)
            for place in range(len(weights[0]))
        ]
        return Model(combined(members), file["mean"], file["deviation"], json.loads(str(file["description"])))


def test_matrix(model: Model, X: np.ndarray, test_eval: dict) -> np.ndarray:
    """Encoded test rows X (n, d) as evaluation hands them to the network.

    `test_eval` is the block of config.yaml: `scaling: none` leaves the scaling out; `columns_by_position` names the
    columns in the order in which they are fed, whatever order the network was trained with. Both are faults of
    published systems.
    """
    if test_eval["scaling"] == "fitted":
        X = model.scaled(X)
    places = test_columns(model, test_eval)
    return X if places is None else X[:, places]


def test_columns(model: Model, test_eval: dict) -> list[int] | None:
    """Places of the encoded columns in the order in which test rows are fed; None if it is their own."""
    if not test_eval["columns_by_position"]:
        return None
    names = [column["name"] for column in model.description["columns"]]
    if sorted(test_eval["columns_by_position"]) != sorted(names):
        raise UserError(
            f"config: test_eval.columns_by_position: expected the encoded columns in some order ({', '.join(names)}), "
            f"got {', '.join(test_eval['columns_by_position'])}."
        )
    return [names.index(name) for name in test_eval["columns_by_position"]]
