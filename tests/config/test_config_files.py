"""Config files that are broken or mean harm: one line each, with file and place, before Snakemake reads them."""

import os

import pytest
import yaml

from gapscope.common.errors import UserError
from gapscope.config.reading import MOST_VALUES, check_command, read_config, replace_whole
from gapscope.config.training import training_settings

BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))

BROKEN = [  # content, words of the message
    ("train: {hidden: [", ["line 2, column 1", "no valid YAML", "line 2"]),
    ("train:\n\thidden: [3]\n", ["line 2, column 1", "tab", "spaces"]),
    ("train:\n  l1: 0\n   l2: 0\n", ["line 3, column 6", "mapping values are not allowed"]),
    ("title: 'x\n", ["no valid YAML", "starts in line 1"]),
    ("train: {l2: 1}\ntrain: {l1: 2}\n", ["line 2, column 1", "'train' stands there twice"]),
    ('{"train": {"l2": 1, "l2": 2}}', ["'l2' stands there twice"]),
    ("a: *b\n", ["line 1, column 4", "undefined alias"]),
    (BOMB, ["aliases", str(MOST_VALUES)]),
    ("a: &a [*a]\n", ["aliases"]),
    ("a: " + "[" * 100_000, ["line 1", "nested more than 40 deep"]),
    ('{"a":' * 100_000, ["nested too deep"]),
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
    ("train: {seed: " + "9" * 5000 + "}", ["cannot read"]),
    ("", ["expected keys of config.yaml", "got nothing"]),
    ("# only a comment\n", ["got nothing"]),
    ("- a\n- b\n", ["got a list"]),
    ("results\n", ["got a single value"]),
    ("results: a\n---\nresults: b\n", ["line 2", "another document"]),
    ("results: a\0\n", ["control characters"]),
]


@pytest.mark.parametrize("content, words", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_told_in_one_line(tmp_path, content, words):
    told = message(written(tmp_path, content.encode()))
    assert "mine.yaml" in told and "\n" not in told
    for word in words:
        assert word in told


def test_bytes_that_are_no_utf8(tmp_path):
    assert "line 2: not UTF-8 text" in message(written(tmp_path, "results: x\ntitle: é\n".encode("latin-1")))
    assert "not UTF-8 text" in message(written(tmp_path, "results: x\n".encode("utf-16")))


def test_what_is_no_file(tmp_path):
    assert "no such config file" in message(tmp_path / "nowhere.yaml")
    assert "got a folder" in message(tmp_path)
    (tmp_path / "dangling.yaml").symlink_to(tmp_path / "nowhere.yaml")
    assert "no such config file" in message(tmp_path / "dangling.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")  # opening it would wait for ever
    assert "got a pipe or device" in message(tmp_path / "pipe.yaml")
    assert "is this the data?" in message(written(tmp_path, b"a" * 1_000_001))


def test_a_right_file_is_read_as_yaml_reads_it(tmp_path):
    text = "\ufeffa: [True, FALSE, 1_0, -3, .5, 1.0e-3, 0x1F, .inf, ~, 'no', x y]\r\nb: &b {c: 1}\r\nd: *b\r\n"
    found = read_config(written(tmp_path, text.encode()))
    assert found == yaml.safe_load(text) and found["a"][:4] == [True, False, 10, -3]
    assert read_config(written(tmp_path, b'{"a":\t[1, {"b": null}]}')) == {"a": [1, {"b": None}]}


def test_the_command_line_ends_with_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text("results: x\n")
    check_command(["-c1", "--configfile", "good.yaml", "-n", "--config", "results=y"])
    for arguments, words in [
        (["--configfile", "good.yaml", "nowhere.yaml", "-n"], "error: nowhere.yaml: no such"),
        (["-n", "--configfiles=nowhere.yaml"], "error: nowhere.yaml: no such"),
        (["--config", "results"], "error: --config: expected KEY=VALUE"),
        (["-C", "pathvars=3"], "error: --config: the key 'pathvars'"),
    ]:
        with pytest.raises(SystemExit) as caught:
            check_command(arguments)
        assert str(caught.value).startswith(words)
    (tmp_path / "config.yaml").write_text("a: [")
    with pytest.raises(SystemExit, match="error: config.yaml, line"):
        check_command([])


@pytest.mark.parametrize("system", ["25280022", "25280072"])
def test_a_preset_trains_what_it_says_also_as_an_overlay(config, system):
    from snakemake.utils import update_config

    from gapscope.config.check import SCHEMA_FILE

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


def message(path) -> str:
    with pytest.raises(UserError) as caught:
        read_config(path)
    return str(caught.value)
