"""Whatever a table or a config holds, the answer is a result or one line: nothing else is raised.

`make fuzz` draws many more.
"""

import json
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from gapscope.common.errors import UserError
from gapscope.config import check as settings_of
from gapscope.network.model import load
from generated import configs, merged, tables, trainings
from stage_scripts import stage_settings
from stages import check_and_train

STAGES = ("fetch", "simulate", "clean", "eda", "encode", "split", "train", "gradients", "depth_sweep", "saliency",
          "test_eval", "diagnose", "shared_bias", "mitigate", "diagnosis_suite", "report")  # fmt: skip
COUNT = {"right": 0, "refused": 0}
quick = settings(
    max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def one_line_or_none(function, *arguments) -> str | None:
    """The message of the UserError that came, if one came; anything else that is raised is the test's failure."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function(*arguments)
    except UserError as error:
        COUNT["refused"] += 1
        message = str(error)
        assert message and message.isprintable() and len(message) <= 1500
        return message
    COUNT["right"] += 1
    return None


def trained_on_or_refused(table):
    changes, files = table
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        paths = {name: str(folder / f"{name}.csv") for name in ("train", "test")}
        changes["data"] = {"source": "files", **paths, **changes["data"]}
        told = one_line_or_none(check_and_train, merged(changes), folder)
    assert told is None or "config: " in told or ".csv: " in told or "the network's loss" in told


def right_or_refused(config):
    told = one_line_or_none(check_and_cut, config)
    assert told is None or told.startswith("config: ")
    for word in ("oneOf", "propertyNames", "additionalProperties", "minProperties", "$ref"):
        assert told is None or word not in told


test_tables = quick(given(tables())(trained_on_or_refused))
test_configs = quick(given(configs())(right_or_refused))


ROWS = "".join(f"{row % 7},{'ab'[row % 2]},{['lo', 'hi'][row % 2]}\n" for row in range(40))
LEAST = {"source": "files", "target": "y", "classes": ["lo", "hi"], "numeric": ["x"], "categorical": ["z"]}


def trains_or_refused(train):
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "table.csv"
        path.write_text("x,z,y\n" + ROWS)
        config = merged({"data": {**LEAST, "train": str(path), "test": str(path)}})
        config["train"] |= train
        told = one_line_or_none(check_and_train, config, Path(name))
        assert told or all(np.isfinite(array).all() for array in arrays(name, config["train"]["activations"][0]))


def arrays(folder: str, activation: str) -> list[np.ndarray]:
    network = load(f"{folder}/{activation}.npz").network
    return [array for member in network.members for array in member.parameters]


test_trainings = quick(given(trainings())(trains_or_refused))


def check_and_cut(config: dict) -> None:
    """The check, and every stage's settings, which must be plain JSON."""
    settings_of.check(config)
    settings = [stage_settings(config, stage) for stage in STAGES]
    settings += [stage_settings(config, "train", name) for name in config["train"]["activations"]]
    settings += [stage_settings(config, "remedy", name) for name in config["mitigate"]["remedies"]]
    settings += [stage_settings(config, "suite_cases", name) for name in config["suite"]["injected"]]
    json.dumps([*settings, stage_settings(config, "ceiling")], allow_nan=False)


@pytest.mark.parametrize("changes", [{"iterations": 0}, {"hidden": []}, {"hidden": [], "iterations": 0}])
def test_the_smallest_trainings_work(tmp_path, changes):
    """No update at all, and softmax regression."""
    (tmp_path / "table.csv").write_text("x,z,y\n" + ROWS)
    path = str(tmp_path / "table.csv")
    config = merged({"data": {**LEAST, "train": path, "test": path}})
    config["train"] |= changes
    check_and_train(config, tmp_path)
