"""The settings of one network, apart from the checks of the configuration, which a stage need not load."""


def training_settings(train: dict, activation: str, change: dict | None = None) -> dict:
    """Flat training settings of one network: shared < per_activation < `change`."""
    shared = {key: value for key, value in train.items() if key not in ("activations", "per_activation")}
    own = train["per_activation"].get(activation, {})
    return dict(sorted({**shared, **own, **(change or {}), "activation": activation}.items()))
