"""Paths in the config that cannot be what is meant, and folders and files that are not what they should be."""

import os

import pytest

from gapscope.common.errors import UserError, one_line
from gapscope.config.rules import check_input, results_folder


def test_the_results_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert results_folder({"results": "a//b/../c/"}) == "a/c"
    (tmp_path / "file").touch()
    for name in ("file", "file/results"):
        with pytest.raises(UserError, match="exists and is not a folder"):
            results_folder({"results": name})
    monkeypatch.setattr(os, "access", lambda path, how: False)  # as for anybody but root, who may write everywhere
    with pytest.raises(UserError, match="is not writable"):
        results_folder({"results": "new"})


def test_input_files(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    for name, words in [("none", "no file"), ("link", "a link to 'nowhere'"), ("pipe", "pipe"), (".", "a folder")]:
        with pytest.raises(UserError, match=words):
            check_input("data.train", str(tmp_path / name))
    (tmp_path / "file").touch()
    check_input("data.train", str(tmp_path / "file"))
    monkeypatch.setattr(os, "access", lambda path, how: False)
    with pytest.raises(UserError, match="is not readable"):
        check_input("data.train", str(tmp_path / "file"))


def test_a_message_is_one_line_whatever_is_in_it():
    assert one_line("row 3: 'a\nb\x1b[31m' \ud800 é") == r"row 3: 'a\nb\x1b[31m' \ud800 é"
    assert len(str(UserError("x" * 10**6))) <= 1500
