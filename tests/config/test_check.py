"""Mistakes in the config: each message is one line that names the key and what to write instead."""

import pytest

from gapscope.common.errors import UserError
from gapscope.config.check import check
from gapscope.config.defaults import SCHEMA
from gapscope.config.schema import _alternative


@pytest.fixture
def message(changed):
    """What the user reads when these keys are changed."""

    def message(*changes) -> str:
        with pytest.raises(UserError) as caught:
            check(changed(*changes))
        return str(caught.value)

    return message


def test_the_shipped_config_is_right(config, shipped):
    check(config)
    assert config == shipped


NAN = float("nan")
MISTAKES = [  # change, key that the message names, further words
    (("splitt", {}), "'splitt'", ["did you mean 'split'?"]),
    (("data.taget", "x"), "'data.taget'", ["did you mean 'target'?"]),
    (("train.lr", 0.1), "'train.lr'", ["did you mean 'learning_rate'?"]),
    (("train.smoothing", 0.1), "'train.smoothing'", ["did you mean 'label_smoothing'?"]),
    (("train.validation_share", 0.1), "'train.validation_share'", ["did you mean 'split.validation_share'?"]),
    (("train.per_activation", {"relu": {"momntum": 1}}), "relu.momntum", ["mean 'momentum'?"]),
    (("train.activations", []), "train.activations and models are both empty", ["name at least one"]),
    (("models", {"a": {}}), "models.a:", ["one of {python: VALUE}, {onnx: VALUE}", "{}"]),
    (("models", {"a": {"python": "no.py", "setings": {}}}), "'models.a.setings'", ["did you mean 'settings'?"]),
    (("models", {"a": {"python": "no.py", "onnx": "no.onnx"}}), "models.a:", ["one of {python: VALUE}, {onnx: VALUE}"]),
    (("models", {"a": {"python": "no.py"}}), "models.a.python:", ["no file 'no.py'", "correct the path"]),
    (("models", {"relu": {"python": "no.py"}}), "models.relu:", ["a network is called that"]),
    (("models", {"best": {"python": "no.py"}}), "models:", ["a name other than best"]),
    (("eda.zzz", 1), "'eda.zzz'", ["known keys here: dominant_correlation"]),
    (("mitigate.remedies", {}), "'mitigate.remedies.baseline'", ["missing"]),
    (("train", None), "train:", ["a block of keys", "None"]),
    (("train.hidden", [64, 0]), "train.hidden.1:", ["at least 1", "0"]),
    (("train.iterations", 1.5), "train.iterations:", ["a whole number", "1.5"]),
    (("train.learning_rate", "1e-1"), "train.learning_rate:", ["a number", "YAML", "1.0e-1"]),
    (("split.stratify", "yes"), "split.stratify:", ["true or false", "'yes'"]),
    (("data.classes", [1.5, 2]), "data.classes.0:", ["a text or a whole number", "1.5"]),
    (("train.learning_rate", 0), "train.learning_rate:", ["more than 0", "0"]),
    (("train.momentum", 1), "train.momentum:", ["less than 1", "1"]),
    (("train.seed", 2**32), "train.seed:", ["at most 4294967295"]),
    (("data.classes", ["only"]), "data.classes:", ["at least 2"]),
    (("data.classes", ["a", "a"]), "data.classes:", ["differ"]),
    (("data.codes", [1, 2]), "data.codes", ["2 entries", "data.classes 4", "one code for each class"]),
    (("data.codes", [1, "1", 2, 3]), "data.codes:", ["both written 1"]),
    (("data.separator", ";;"), "data.separator:", ["a text of the form", "';;'"]),
    (("data.encoding", "utf-9"), "data.encoding:", ["'utf-9'", "cp1252"]),
    (("data.missing_values", [None]), "data.missing_values.0:", ["a text", "None"]),
    (("results", ""), "results:", ["not empty"]),
    (("data.source", "file"), "data.source:", ["simulated, files, download", "'file'"]),
    (("train.per_activation", {"rellu": {}}), "train.per_activation:", ["sigmoid, relu, tanh", "'rellu'"]),
    (("train.batch_size", "fulll"), "train.batch_size:", ["full, auto, a whole number", "'fulll'"]),
    (("clean.impute.numeric", "medain"), "clean.impute.numeric:", ["mean, median, mode, {constant: VALUE}"]),
    (("mitigate.remedies.x", {"drop": "suspects"}), "mitigate.remedies.x.drop:", ["suspect, a list of names"]),
    (("download.url", "ftp://host"), "download.url:", ["^https?://", "'ftp://host'"]),
    (("encode.transform", {"amenity_score": "log"}), "encode.transform.amenity_score:", ["log1p", "fourier", "'log'"]),
    (("encode.transform", {"amenity_score": {"fourier": 0}}), "encode.transform.amenity_score", ["at least 1", "0"]),
    # between keys
    (("encode.transform", {"amenity_scor": "log1p"}), "encode.transform.amenity_scor:", ["mean 'amenity_score'?"]),
    (("encode.transform", {"price": "log1p"}), "encode.transform.price:", ["these are: minimum_nights"]),
    (("encode.transform", {"room_type": "log1p"}), "encode.transform.room_type:", ["categorical"]),
    (("encode.transform", {"amenity_score": [{"fourier": 2}, {"fourier": 4}]}), "amenity_score:", ["fourier", "twice"]),
    (("data.numeric", ["room_type"]), "data.categorical: 'room_type'", ["in data.numeric too; remove it from one"]),
    (("data.target", "room_type"), "data.target: 'room_type'", ["data.categorical", "name another target"]),
    (("clean.impute.columns", {"nowhere": "mean"}), "clean.impute.columns", ["'nowhere'", "not a feature"]),
    (("clean.impute.columns", {"room_type": "mean"}), "clean.impute.columns.room_type", ["no mean", "mode"]),
    (("clean.impute.columns", {"amenity_score": {"constant": "x"}}), "columns.amenity_score", ["a number", "'x'"]),
    (("clean.impute.categorical", {"constant": 0}), "clean.impute.categorical:", ["text", "quotes", "0"]),
    (("mitigate.remedies", {"baseline": {}, False: {}}), "mitigate.remedies:", ["text", "False"]),  # no: {}
    (("mitigate.remedies.x", {"drop": ["nowhere"]}), "mitigate.remedies.x.drop", ["'nowhere'", "not a feature"]),
    (("diagnose.activation", "tanh"), "diagnose.activation", ["'tanh'", "relu, sigmoid"]),
    # no finite numbers
    (("train.learning_rate", NAN), "train.learning_rate", ["finite number, got nan"]),
    (("shared_bias.loss_levels", [1.0, NAN]), "shared_bias.loss_levels", ["finite number, got nan"]),
    (("mitigate.remedies", {"baseline": {}, "x": {"train": {"l2": NAN}}}), "mitigate.remedies.x.train.l2:", ["nan"]),
    (("split.generator", "legacy"), "split.generator", ["split.stratify"]),
    # paths that mean something else
    (("results", "~/results"), "results", ["not expanded"]),
    (("results", "a{b}"), "results", ["'{'"]),
    (("results", "a\nb"), "results", ["'\\n'"]),
    (("results", " results"), "results", ["space"]),
    *((("results", path), "results", ["a separate folder"]) for path in (".", "/", "x/..")),
    (("results", "x" * 201), "results", ["200 bytes"]),
    (("data.train", "{x}.csv"), "data.train: ", ["'{'"]),
    (("data.test", "~other/test.csv"), "data.test: ", ["'~'"]),
    (("download.folder", "a\0b"), "download.folder: ", ["'\\x00'"]),
]


@pytest.mark.parametrize("change, key, words", MISTAKES, ids=[change[0] for change, *_ in MISTAKES])
def test_a_mistake_is_named(message, change, key, words):
    told = message(change)
    assert told.startswith("config: ") and "\n" not in told
    for word in [key, *words]:
        assert word in told


def test_a_missing_key_is_named(config):
    del config["split"]["scale"]["epsilon"]
    with pytest.raises(UserError, match=r"the key 'split\.scale\.epsilon' is missing"):
        check(config)
    del config["split"]
    with pytest.raises(UserError, match="the key 'split' is missing"):
        check(config)


def test_no_feature_is_left(message):
    assert "data.numeric and data.categorical are both empty" in message(("data.numeric", []), ("data.categorical", []))
    assert "encode.categorical" in message(("data.numeric", []), ("encode.categorical", "leave_out"))


@pytest.mark.parametrize("config", [None, [], "text"])
def test_a_config_that_is_no_mapping(config):
    with pytest.raises(UserError, match="the file: expected a block of keys"):
        check(config)


@pytest.mark.parametrize("change", [
    ("train.hidden", []),
    ("train.batch_size", 32),
    ("train.batch_size", "full"),
    ("train.iterations", 0),
    ("train.iterations", 1e3),
    ("train.seed", 2**32 - 1),
    ("split.stratify", False),
    ("data.classes", [0, 1]),
    ("data.classes", [False, True]),
    ("data.numeric", []),
    ("data.numeric", ["income", "distance"]),  # another table: auto
    ("clean.impute.columns", {"amenity_score": {"constant": 0}, "room_type": "mode"}),
    ("clean.impute.categorical", {"constant": "0"}),
    ("mitigate.remedies", {"baseline": {}, "x": {"drop": ["room_type"]}}),
    ("encode.transform", {"amenity_score": ["identity", {"fourier": 6}], "availability_365": "auto"}),
    ("encode.transform", {"another_tables_column": "identity"}),
    *(("results", path) for path in ("a b/c'd\"e", "../outside", "/somewhere/else", "données", "$(x);y*")),
])  # fmt: skip
def test_allowed(changed, change):
    check(changed(change))


def test_every_alternative_of_the_schema_has_words():
    """A number is wrong where only names and lists may stand, and the other way round."""

    def alternatives(node):
        below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
        own = node.get("oneOf", []) if isinstance(node, dict) else []
        return own + [option for part in below for option in alternatives(part)]

    options = alternatives(SCHEMA)
    assert len(options) > 20 and all(_alternative(option, SCHEMA["$defs"]) for option in options)
