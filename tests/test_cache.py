"""The cache: whole or damaged entries, and its limit."""

import json
import os

import pytest

from gapscope.cache import ENTRY, Cache
from gapscope.memory import Memory, sha256
from gapscope.records import record_path, recorded, recorded_key, write_record


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Cache(tmp_path / "cache", 1, Memory(tmp_path / "memory.json"))


def stage(text: str, size: int = 10) -> dict:
    """A stage that has written out/a.txt and out/b.txt, with its record in place."""
    with recorded("stage", "out/logs/stage.log", [], ["out/a.txt", "out/b.txt"], {"text": text}, {"stage.py": "1"}):
        for name in "ab":
            with open(f"out/{name}.txt", "w") as file:
                file.write((name + text) * size)
    return json.loads(record_path("out/logs/stage.log").read_text().partition("\n")[2])


@pytest.fixture
def folder(cache, tmp_path):
    (tmp_path / "out" / "logs").mkdir(parents=True)
    return tmp_path / "out"


def test_results_come_back_with_their_record_and_log(cache, folder):
    first = stage("one")
    cache.keep(first, "log of one", {"out/a.txt": {"rule": "stage"}})
    stage("two")
    key = recorded_key(first)
    entry = cache.restore(key, record_path("out/logs/stage.log"), folder / "logs/stage.log")
    assert entry["metadata"] == {"out/a.txt": {"rule": "stage"}}
    assert (folder / "a.txt").read_text() == "aone" * 10 and (folder / "b.txt").read_text() == "bone" * 10
    assert (folder / "logs/stage.log").read_text() == "log of one"
    assert json.loads(record_path("out/logs/stage.log").read_text().partition("\n")[2]) == first


@pytest.mark.parametrize("spoilt", ["0", "1", ENTRY])
@pytest.mark.parametrize("how", ["flip", "cut", "delete", "empty"])
def test_a_damaged_entry_is_none_and_touches_nothing(cache, folder, spoilt, how):
    first = stage("one")
    cache.keep(first, "", {})
    stage("two")
    path = cache.folder / recorded_key(first) / spoilt
    content, status = path.read_bytes(), path.stat()
    path.unlink()
    if how != "delete":
        cut = {"cut": content[: len(content) // 2], "empty": b"", "flip": bytes([content[0] ^ 1]) + content[1:]}[how]
        path.write_bytes(cut)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert cache.find(recorded_key(first)) is None
    assert cache.restore(recorded_key(first), record_path("out/logs/stage.log"), folder / "logs/stage.log") is None
    assert (folder / "a.txt").read_text() == "atwo" * 10
    assert record_path("out/logs/stage.log").is_file()


def test_an_entry_of_another_key_is_none(cache, folder):
    first = stage("one")
    cache.keep(first, "", {})
    os.rename(cache.folder / recorded_key(first), cache.folder / ("0" * 64))
    assert cache.find("0" * 64) is None


def test_results_that_are_no_longer_what_the_record_says_are_not_kept(cache, folder):
    first = stage("one")
    (folder / "b.txt").write_text("other")
    cache.keep(first, "", {})
    assert list(cache.folder.iterdir()) == []


def test_the_least_recently_used_go_beyond_the_limit(cache, folder):
    records = []
    for number, text in enumerate(["one", "two", "ten"]):  # 480 kB each, 1 MB allowed
        records.append(stage(text, size=60_000))
        cache.keep(records[-1], "", {})
        os.utime(cache.folder / recorded_key(records[-1]), (number, number))
    cache.restore(recorded_key(records[0]), record_path("out/logs/stage.log"), folder / "logs/stage.log")
    cache.shrink()
    assert [cache.find(recorded_key(record)) is not None for record in records] == [True, False, True]


def test_what_exceeds_the_limit_alone_drives_nothing_else_out(cache, folder):
    small = stage("small")
    cache.keep(small, "", {})
    large = stage("large", 100_000)
    cache.keep(large, "", {})
    cache.shrink()
    assert cache.find(recorded_key(small)) and cache.find(recorded_key(large)) is None


def test_nothing_is_kept_or_found_when_it_is_off(cache, folder):
    first = stage("one")
    cache.keep(first, "", {})
    off = Cache(cache.folder, 0, cache.memory)
    assert off.find(recorded_key(first)) is None
    off.shrink()
    off.keep(first, "", {})
    assert list(cache.folder.iterdir()) == []


def test_a_full_disk_costs_one_line(cache, folder, monkeypatch, capsys):
    first = stage("one")
    monkeypatch.setattr("shutil.copyfile", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    cache.keep(first, "", {})
    assert "No space left" in capsys.readouterr().err
    assert list(cache.folder.iterdir()) == []


def test_a_record_holds_what_was_read_and_written(cache, folder):
    record = stage("one")
    assert record["outputs"] == {f"out/{name}.txt": sha256(f"out/{name}.txt") for name in "ab"}
    write_record(record_path("out/logs/stage.log"), record)
