"""What is remembered of files: never once they may have changed, and never from a damaged memory."""

import os

import pytest

from gapscope.common import memory


@pytest.fixture
def remembered(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "SETTLED_NS", -1)  # the test's files are milliseconds old
    return memory.Memory(tmp_path / "deep" / "memory.json")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("one")
    return path


def reads(remembered, file, count):
    """Asks for the file's length and checks how often it was read so far."""
    seen = reads.__dict__.setdefault(id(remembered), [])
    found = remembered.of_file("length", file, lambda path: seen.append(path) or path.read_text())
    assert found == file.read_text() and len(seen) == count


def test_an_unchanged_file_is_read_once(remembered, file):
    for _ in range(3):
        reads(remembered, file, 1)


def test_other_bytes_of_the_same_length_with_the_old_time_are_noticed(remembered, file):
    reads(remembered, file, 1)
    status = file.stat()
    file.write_text("two")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert file.stat().st_mtime_ns == status.st_mtime_ns
    reads(remembered, file, 2)


def test_another_file_in_its_place_is_noticed(remembered, file, tmp_path):
    reads(remembered, file, 1)
    (tmp_path / "new").write_text("two")
    os.replace(tmp_path / "new", file)
    reads(remembered, file, 2)


def test_a_file_that_has_just_changed_is_read_again(tmp_path, file):
    fresh = memory.Memory(tmp_path / "memory.json")
    reads(fresh, file, 1)
    reads(fresh, file, 2)


def test_what_is_asked_once_is_as_it_was_at_first(tmp_path, file):
    fresh, seen = memory.Memory(tmp_path / "memory.json"), []
    for text in ("one", "two"):
        file.write_text(text)
        assert fresh.once("length", file, lambda path: seen.append(path) or path.read_text()) == "one"
    assert len(seen) == 1 and memory.Memory(fresh.path).once("length", file, lambda path: path.read_text()) == "two"


def test_kept_between_processes(remembered, file):
    reads(remembered, file, 1)
    remembered.save()
    again = memory.Memory(remembered.path)
    assert again.of_file("length", file, lambda path: pytest.fail("read again")) == "one"


def test_a_damaged_memory_or_one_of_other_code_is_forgotten(remembered, file):
    assert remembered.sha256(file) == memory.sha256(file)
    remembered.save()
    assert memory.Memory(remembered.path).known
    assert not memory.Memory(remembered.path, version="other").known
    good = remembered.path.read_bytes()
    for position in range(0, len(good), 7):
        bad = bytearray(good)
        bad[position] ^= 4
        remembered.path.write_bytes(bad)
        assert not memory.Memory(remembered.path).known
    remembered.path.write_bytes(good[: len(good) // 2])
    assert not memory.Memory(remembered.path).known


def test_a_memory_that_cannot_be_written_costs_one_line(tmp_path, file, capsys):
    (tmp_path / "in the way").write_text("a file")
    lost = memory.Memory(tmp_path / "in the way" / "memory.json")
    lost.value("key", lambda: 1)
    lost.save()
    assert capsys.readouterr().err.count("\n") == 1
