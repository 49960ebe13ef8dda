"""Config files whose keys or values are not what they look like, or that mean harm: one line each, with the place."""

import pytest
import yaml

from gapscope.common.errors import UserError
from gapscope.config.reading import MOST_VALUES, read_config, replace_whole
from gapscope.config.settings import training_settings

BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))

BROKEN = [  # content, words of the message
    ("train: {l2: 1}\ntrain: {l1: 2}\n", ["line 2, column 1", "'train' occurs twice"]),
    ('{"train": {"l2": 1, "l2": 2}}', ["'l2' occurs twice"]),
    (BOMB, ["aliases", str(MOST_VALUES)]),
    ("a: &a [*a]\n", ["aliases"]),
    ("a: !!python/object/apply:os.system ['true']\n", ["line 1, column 4", "!!python/object/apply:os.system"]),
    ("a: !mine 3\n", ["!mine"]),
    ("__use_yte__: true\n__definitions__: [print(1)]\n", ["__use_yte__", "remove it"]),
    ("pathvars: 3\n", ["pathvars"]),
    ("data: {classes: [yes, 2]}\n", ["line 1, column 18", "YAML reads yes as true", "quotes"]),
    ("data: {classes: [010]}\n", ["YAML reads 010 as 8"]),
    ("data: {classes: [1:30]}\n", ["YAML reads 1:30 as 90"]),
    ("data: {classes: [2024-01-01]}\n", ["YAML reads 2024-01-01 as a date"]),
    ("mitigate: {remedies: {no: {}}}\n", ["line 1, column 23", "text as key", "'no'"]),
    ("encode: {transform: {1: identity}}\n", ["text as key", "'1'"]),
    ("{{x}}: 1\n", ["text as key"]),
]


@pytest.mark.parametrize("content, words", BROKEN, ids=range(len(BROKEN)))
def test_a_mistake_is_one_line(tmp_path, content, words):
    with pytest.raises(UserError, match="mine.yaml") as told:
        read_config(written(tmp_path, content.encode()))
    assert "\n" not in str(told.value)
    for word in words:
        assert word in str(told.value)


def test_a_right_file_is_read_as_yaml_reads_it(tmp_path):
    text = "\ufeffa: [True, FALSE, 1_0, -3, .5, 1.0e-3, 0x1F, .inf, ~, 'no', x y]\r\nb: &b {c: 1}\r\nd: *b\r\n"
    found = read_config(written(tmp_path, text.encode()))
    assert found == yaml.safe_load(text) and found["a"][:4] == [True, False, 10, -3]
    assert read_config(written(tmp_path, b"# only a comment\n")) == {}
    assert read_config(written(tmp_path, b'{"a":\t[1, {"b": null}]}')) == {"a": [1, {"b": None}]}


@pytest.mark.parametrize("system", ["25280022", "25280072"])
def test_a_preset_trains_what_it_says_also_as_an_overlay(config, system):
    from snakemake.utils import update_config

    from gapscope.config.defaults import SCHEMA_FILE

    path = SCHEMA_FILE.parents[1] / "presets" / f"{system}.yaml"
    preset = read_config(path)
    update_config(config, preset)
    replace_whole(config, [path])
    for activation in ("relu", "sigmoid"):
        assert training_settings(config["train"], activation) == training_settings(preset["train"], activation)


def written(folder, content: bytes):
    path = folder / "mine.yaml"
    path.write_bytes(content)
    return path
