"""The winner of a sweep as an overlay of config.yaml."""

import yaml

from gapscope.studies.sweep.keys import ACTIVATION, path_of

HEAD = "# The settings that won the sweep: snakemake -c4 --configfile yours.yaml sweep/winner.yaml trains with them.\n"


def overlay_text(point: dict, train: dict) -> str:
    """YAML with the point's settings. `train`: the config's activations and per_activation, which stay as they are.

    A network's settings stand in train.per_activation, which goes before the shared ones. An overlay's replaces all of
    that block, so what the config has there is written down again.
    """
    overlay: dict = {}
    activation = point.get(ACTIVATION, train["activations"][0])
    own = {key.removeprefix("train."): value for key, value in point.items() if key.startswith("train.")}
    own.pop("activation", None)
    members = {"members": own.pop("members")} if "members" in own else {}
    for key, value in point.items():
        *blocks, last = path_of(key)
        if blocks[0] != "train":
            block = overlay
            for name in blocks:
                block = block.setdefault(name, {})
            block[last] = value
    overrides = {**train["per_activation"], activation: {**train["per_activation"].get(activation, {}), **own}}
    activations = list(dict.fromkeys([*train["activations"], activation]))
    overlay["train"] = {"activations": activations, **members, "per_activation": overrides}
    return HEAD + yaml.safe_dump(overlay, sort_keys=False, default_flow_style=None, allow_unicode=True)
