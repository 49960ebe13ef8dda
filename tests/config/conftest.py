"""The configuration that is shipped, and copies of it with changes."""

import copy
from pathlib import Path

import pytest
import yaml

SHIPPED = yaml.safe_load((Path(__file__).resolve().parents[2] / "config.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def shipped() -> dict:
    """A copy to compare with; no test hands it to the library."""
    return copy.deepcopy(SHIPPED)


@pytest.fixture
def config() -> dict:
    return copy.deepcopy(SHIPPED)


@pytest.fixture
def changed():
    """The shipped configuration with keys like `train.l2` set to other values."""

    def changed(*changes) -> dict:
        config = copy.deepcopy(SHIPPED)
        for key, value in changes:
            *blocks, last = key.split(".")
            block = config
            for name in blocks:
                block = block[name]
            block[last] = value
        return config

    return changed
