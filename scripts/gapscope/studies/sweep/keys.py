"""The keys of a sweep's points, apart from the checks of the configuration, which a stage need not load."""

ACTIVATION = "train.activation"  # stands for train.activations, of which a point has one


def path_of(key: str) -> list[str]:
    """The names on the way to a setting; those of columns, after the blocks that hold them, may have dots in them."""
    for block in ("clean.impute.columns.", "encode.transform."):
        if key.startswith(block):
            return [*block.split(".")[:-1], key.removeprefix(block)]
    return key.split(".")
