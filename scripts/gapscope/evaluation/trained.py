"""Read trained models of all kinds: networks, and models of the user's own.

Rules that only know networks read them by `network/model.py`, so that changes of other models do not rerun them.
"""

from pathlib import Path

from gapscope.common.files import read_json
from gapscope.network import model


def load(path: str, trusted: bool = True) -> model.Model:
    """Read a network from an .npz file, or the user's own model from <name>.json; its code only runs if `trusted`."""
    if not path.endswith(".json"):
        return model.load(path)
    from gapscope.network import own_model  # networks need no pandas, which would be half of a small job's time

    return own_model.load(path, trusted)


def explained_model(input, activation: str) -> tuple[str, model.Model]:
    """Name and model to explain: `activation`, or the one with the highest validation accuracy for "best"."""
    if activation == "best":
        metrics = read_json(input.metrics)
        activation = max(metrics, key=lambda name: metrics[name]["validation"]["accuracy"])
    return activation, load(next(path for path in input.models if Path(path).stem == activation))
