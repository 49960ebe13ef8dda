"""The in-memory path from two tables to a verdict."""

from pathlib import Path

import pytest
import yaml

from gapscope.analysis.suite import diagnosed
from gapscope.config import training_settings
from gapscope.tables.breaks import Break
from gapscope.tables.simulate import simulate_pair

CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
FAST = {"hidden": [32, 16], "optimizer": "adam", "learning_rate": 0.02, "schedule": "cosine", "batch_size": 256,
        "iterations": 8, "per_activation": {}}  # fmt: skip


@pytest.fixture(scope="module")
def settings():
    train = training_settings({**CONFIG["train"], **FAST}, "relu")
    return {**{key: CONFIG[key] for key in ("data", "encode", "split", "diagnose")}, "train": train}


@pytest.mark.parametrize("kind, features", [("none", []), ("feature_lost", ["amenity_score"])])
def test_two_tables_in_a_verdict_out(settings, kind, features):
    train, test, _ = simulate_pair(8000, 2000, 1, [Break(kind, "amenity_score")])
    found = diagnosed(train, test, settings)
    assert found["gap"]["validation"] > 0.8
    assert found["verdict"]["kind"] == {"none": "no_gap"}.get(kind, kind)
    assert found["verdict"]["features"] == features
