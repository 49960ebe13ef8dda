"""Every key of the config, changed alone, would rerun the rules of docs/reruns.md, those behind, and no other.

A leaf for which no other valid value is found makes the test fail until VALUES holds one.
"""

import re
from functools import reduce

import jsonschema
import pytest

from asking import downstream, graphs, would_run
from gapscope.config.defaults import SCHEMA, shipped
from runs import ROOT, SMALL, overlaid, per_activation, schema_leaves

pytestmark = pytest.mark.long

CONFIG = overlaid(shipped(), SMALL)
EVERYTHING = ["every job"]

VALUES = {  # leaves whose other value the schema alone does not give: the overlay
    "results": {"results": "elsewhere"},
    "data.source": {"data": {"source": "files", "train": "my.csv", "test": "my.csv"}},
    "data.target": {"data": {"target": "room_type", "categorical": ["neighbourhood_group"]}},
    "data.classes": {"data": {"classes": ["low", "middle", "high", "top"]}},
    "data.numeric": {"data": {"numeric": ["minimum_nights", "amenity_score", "availability_365"]}},
    "data.categorical": {"data": {"categorical": ["room_type"]}},
    "data.codes": {"data": {"codes": [1, 2, 3, 4]}},
    "data.bins": {"data": {"bins": [1, 2, 3]}},
    "data.dates": {"data": {"dates": {"amenity_score": "year_first"}}},
    "data.truth": {"data": {"truth": ["room_type"]}},
    "data.units": {"data": {"units": {"amenity_score": "%"}}},
    "data.not_missing": {"data": {"not_missing": {"room_type": ["NA"]}}},
    "data.test_format": {"data": {"test_format": {"encoding": "cp1252"}}},
    "data.encoding": {"data": {"encoding": "cp1252"}},
    "data.separator": {"data": {"separator": "|"}},
    "data.missing_values": {"data": {"missing_values": [""]}},
    "download.url": {"download": {"url": "https://example.org/listings"}},
    "simulate.break": {"simulate": {"break": {"strength": 0.5}}},
    "simulate.also": {"simulate": {"also": [{"kind": "label_shift", "feature": "", "other": "", "strength": 0.5}]}},
    "clean.impute.numeric": {"clean": {"impute": {"numeric": {"constant": 1}}}},
    "clean.impute.categorical": {"clean": {"impute": {"categorical": {"constant": "none"}}}},
    "clean.impute.columns": {"clean": {"impute": {"columns": {"amenity_score": "mean"}}}},
    "encode.transform": {"encode": {"transform": {"amenity_score": ["identity", {"fourier": 2}]}}},
    "split.generator": {"split": {"generator": "legacy", "stratify": False}},
    "train.activations": {"train": {"activations": ["relu", "sigmoid", "tanh"]}},
    "train.hidden": {"train": {"hidden": [16, 7]}},
    "train.batch_size": {"train": {"batch_size": 256}},
    "train.update_order": {"train": {"update_order": "during_backward", "form": "plain"}},
    "train.per_activation": {"train": {"per_activation": {"relu": {"momentum": 0.5}, "sigmoid": {"momentum": 0.5}}}},
    "models": {"models": {"own": {"python": "scripts/train_model.py"}}},
    "saliency.methods": {"saliency": {"methods": ["loss"]}},
    "test_eval.columns_by_position": {"test_eval": {"columns_by_position": ["amenity_score"]}},
    "diagnose.activation": {"diagnose": {"activation": "relu"}},
    "suite.strengths": {"suite": {"strengths": [0.5]}},
    "suite.train": {"suite": {"train": {"l1": 0.1}}},
    "suite.transform": {"suite": {"transform": {"amenity_score": "log1p"}}},
    "suite.injected": {"suite": {"injected": {"none": {"breaks": [], "seeds": 3}}}},
    "mitigate.train": {"mitigate": {"train": {"l1": 0.1}}},
    "mitigate.remedies": {"mitigate": {"remedies": {"l1": {"train": {"l1": 0.1}}}}},
    "sweep.grid": {"sweep": {"grid": {"train.l2": [0.0, 0.1]}}},
    "sweep.table": {"sweep": {"table": "points.csv"}},
    "mitigate.recommended.activation": {"mitigate": {"recommended": {"activation": "tanh"}}},
    "mitigate.recommended.train": {"mitigate": {"recommended": {"train": {"l1": 0.1}}}},
}
NOT_WITH_SIMULATED_TABLES = ("data.train", "data.test")
BESIDES = {  # what the schema cannot say: a changed file to write to, a rule that comes or goes
    "results": EVERYTHING,
    "train.activations": ["train_tanh"],
    "models": ["train_own"],
    **{f"mitigate.recommended.{key}": ["mitigate_recommended_training"] for key in ("activation", "train", "rows")},
    "sweep.grid": ["sweep_points_1"],
    "sweep.table": ["sweep_points_1"],
}
ALONE = "mitigate_recommended_training"
REMEDIES = {  # the jobs of remedies that an entry of their own concerns
    "mitigate.remedies": ["mitigate_l1"],
    **{f"mitigate.recommended.{key}": ["mitigate_recommended", ALONE] for key in ("activation", "train", "rows")},
}
OTHERS = {  # further changes of such leaves, and the stages that they concern
    "source: download": ({"data": {"source": "download"}}, EVERYTHING),
    "no test set": ({"data": {"test": "none"}}, ["clean"]),
    "a network less": ({"train": {"activations": ["relu"]}}, ["gradients", "saliency", "test_eval"]),
    "networks in another order": (
        {"train": {"activations": ["sigmoid", "relu"]}}, ["gradients", "saliency", "test_eval"]
    ),
    "relu alone": (per_activation(relu={"learning_rate": 0.05}), ["train_relu"]),
    "sigmoid alone": (per_activation(sigmoid={"l2": 0.01}), ["train_sigmoid"]),
    "a network that is not trained": (per_activation(tanh={"l2": 0.01}), ["report"]),
    "an override equal to the shared value": (per_activation(sigmoid={"momentum": 0.9}), ["report"]),
}  # fmt: skip


LEAVES = schema_leaves()
READERS = {  # key -> rules that read it
    key: rules.split(", ")
    for key, rules in re.findall(r"^\| `([\w.]+)` \| (.*?) \|", (ROOT / "docs/reruns.md").read_text(), re.M)
}


def other_value(key: str) -> dict:
    """An overlay that gives this leaf another value that the schema allows."""
    if key in VALUES:
        return VALUES[key]
    value, keys = CONFIG, key.split(".")
    for name in keys:
        value = value[name]
    valid = jsonschema.Draft202012Validator({**LEAVES[key], "$defs": SCHEMA["$defs"]}).is_valid
    others = [other for other in candidates(LEAVES[key], value) if other != value and valid(other)]
    assert others, f"{key} has no other valid value; add one to VALUES"
    return reduce(lambda overlay, name: {name: overlay}, reversed(keys), others[0])


def candidates(schema: dict, value):
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if "enum" in schema:
        return schema["enum"]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, float):
        return [value * 1.1 + 0.01, value * 0.9]
    if isinstance(value, str):
        return [f"{value}x", value[::-1]]
    if isinstance(value, list) and value and isinstance(value[-1], (int, float)):
        return [[*value, value[-1] + 0.5], [*value, value[-1] + 1]]
    return [value[:-1], value[::-1]] if isinstance(value, list) else []


def declared(key: str, graph: dict) -> set[str]:
    """The jobs of `graph` that read this leaf: `train` is every network without an override of its own."""
    rules, name = {*READERS.get(key, []), *BESIDES.get(key, [])}, key.removeprefix("train.")
    if key in NOT_WITH_SIMULATED_TABLES:
        return set()
    if EVERYTHING[0] in rules:
        return set(graph)
    own, jobs = CONFIG["train"]["per_activation"], set()
    for job, known in graph.items():
        rule = "train_*" if job.startswith("train_") else known.rule
        if job.startswith("train_") and name in own.get(job.removeprefix("train_"), {}):
            continue  # it has a value of its own
        if key == "models" and job in ("train_relu", "train_sigmoid"):
            continue
        if rule.startswith("mitigate_") and name in CONFIG["mitigate"]["train"]:
            continue
        if rule == "mitigate_remedy" and job not in REMEDIES.get(key, [job]):
            continue
        jobs |= {job} if rule in rules or job in rules else set()
    return jobs


@pytest.fixture(scope="module")
def changes(small_run):
    """What the graph looks like after each change; all of them are asked for at once, since that is faster."""
    (small_run.folder / "my.csv").write_text("a file that is there\n")
    (small_run.folder / "points.csv").write_text("train.l2\n0.1\n")
    overlays = {key: other_value(key) for key in LEAVES} | {name: overlay for name, (overlay, _) in OTHERS.items()}
    overlays["no change"] = {}
    questions = [(small_run.folder, overlaid(SMALL, overlay)) for overlay in overlays.values()]
    return dict(zip(overlays, graphs(questions)))


def test_without_a_change_nothing_runs(changes):
    assert would_run(changes["no change"]) == set()


@pytest.mark.parametrize("key", LEAVES)
def test_a_changed_leaf_reruns_its_stages_and_those_behind(changes, key):
    plan = changes[key]
    assert would_run(plan) == downstream(plan, declared(key, plan))


@pytest.mark.parametrize("name", OTHERS)
def test_a_change_of_networks_or_tables(changes, name):
    plan, stages = changes[name], OTHERS[name][1]
    assert would_run(plan) == (set(plan) if stages == EVERYTHING else downstream(plan, stages))
