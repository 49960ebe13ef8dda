"""The plan: which steps run, and why, on files and records written by hand."""

from pathlib import Path

import pytest

from gapscope.memory import Memory
from gapscope.plan import NOT_RUN, Step, ordered, plan
from gapscope.reasons import left_over, told
from gapscope.records import recorded

CODE = {"gapscope/part.py": "1", "numpy": "2.4.0"}


def step(rule, inputs, settings=None, code=None):
    return Step(rule, settings or {}, code or CODE, tuple(inputs), (f"out/{rule}.txt",), Path(f"out/logs/{rule}.log"))


def chain(**change):
    """first reads table.csv, second and other read first's output, last reads both of theirs."""
    settings = {"first": {"block": {"key": 1, "other": [1, 2]}}}
    steps = {"last": ["out/second.txt", "out/other.txt"], "other": ["out/first.txt"], "second": ["out/first.txt"],
             "first": ["table.csv"]}  # fmt: skip
    return [
        step(rule, inputs, **{"settings": settings.get(rule), **change.get(rule, {})}) for rule, inputs in steps.items()
    ]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "table.csv").write_text("1,2")
    return tmp_path


def run(steps):
    for each in ordered(steps):
        with recorded(each.rule, each.log, list(each.inputs), list(each.outputs), each.settings, each.code):
            Path(each.outputs[0]).write_text(each.rule)


def planned(steps, entries=(), forced=(), incomplete=()):
    found = plan(steps, Memory("memory.json"), dict(entries).get, lambda rule: rule in forced, set(incomplete))
    return {finding.step.rule: finding for finding in found}


def runs(found):
    return {rule for rule, finding in found.items() if finding.runs}


def test_the_first_run():
    found = planned(chain())
    assert runs(found) == {"first", "second", "other", "last"}
    assert list(found)[0] == "first" and list(found)[-1] == "last"
    assert all(finding.reasons == (NOT_RUN,) for finding in found.values())
    assert told(list(found.values()), True).splitlines()[1:] == [
        "  first, second, other, last: not run yet",
        "Stages to run: first, second, other, last",
    ]


def test_nothing_to_do(folder):
    run(chain())
    assert runs(planned(chain())) == set()
    assert told(list(planned(chain()).values()), True) == "Nothing to run: every result is up to date.\n"
    assert told(list(planned(chain()).values()), False) == ""


ALL = {"first", "second", "other", "last"}


@pytest.mark.parametrize("change, reason, expected", [
    ({"first": {"settings": {"block": {"key": 2, "other": [1, 2]}}}}, "first: block.key 1 -> 2", ALL),
    ({"first": {"settings": {"block": {"key": 1, "other": [2, 1]}}}}, "first: block.other [1, 2] -> [2, 1]", ALL),
    ({"first": {"settings": {"block": {"key": True, "other": [1, 2]}}}}, "first: block.key 1 -> True", ALL),
    ({"first": {"settings": {"block": {"other": [1, 2]}}}}, "first: block.key 1 -> (none)", ALL),
    ({"second": {"settings": {"new": "x"}}}, "second: new (none) -> x", {"second", "last"}),
    ({"last": {"code": {**CODE, "gapscope/part.py": "2"}}}, "last: scripts/gapscope/part.py changed", {"last"}),
    ({"other": {"code": {**CODE, "page.css": "2"}}}, "other: page.css added", {"other", "last"}),
    ({"last": {"code": {"numpy": "2.4.0"}}}, "last: scripts/gapscope/part.py left out", {"last"}),
    ({"last": {"code": {**CODE, "numpy": "2.5.0"}}}, "last: numpy 2.4.0 -> 2.5.0", {"last"}),
])  # fmt: skip
def test_a_change_is_told_and_reruns_what_is_behind(change, reason, expected):
    run(chain())
    found = planned(chain(**change))
    assert runs(found) == expected
    assert f"  {reason}\n" in told(list(found.values()), True)


@pytest.mark.parametrize("spoil, reason", [
    (lambda path: path.unlink(), "second: out/second.txt is missing"),
    (lambda path: path.write_text("secomd"), "second: out/second.txt is damaged or was changed by hand"),
])  # fmt: skip
def test_a_lost_result_is_told(folder, spoil, reason):
    run(chain())
    spoil(folder / "out/second.txt")
    found = planned(chain())
    assert runs(found) == {"second", "last"}
    assert f"  {reason}\n" in told(list(found.values()), True)


def test_data_counts_by_content(folder):
    run(chain())
    (folder / "table.csv").write_text("1,2")
    assert runs(planned(chain())) == set()
    (folder / "table.csv").write_text("1,3")
    found = planned(chain())
    assert found["first"].reasons == ("table.csv changed",) and runs(found) == ALL


def test_a_step_without_record_runs_though_its_output_is_there(folder):
    run(chain())
    (folder / "out/.records/other.json").unlink()
    assert runs(planned(chain())) == {"other", "last"}
    assert "missing or damaged" in planned(chain())["other"].reasons[0]


def test_interrupted_and_asked_for():
    run(chain())
    assert runs(planned(chain(), incomplete=["out/other.txt"])) == {"other", "last"}
    assert planned(chain(), forced=["second"])["second"].reasons == ("asked for",)


def test_what_comes_from_the_cache_is_not_run_and_what_is_behind_it_only_if_that_is_not_there(folder):
    run(chain())
    change = {"second": {"settings": {"new": "x"}}}
    key = planned(chain(**change))["second"].key
    entries = {key: {"record": {"outputs": {"out/second.txt": "other content"}}}}
    found = planned(chain(**change), entries)
    assert found["second"].kept and runs(found) == {"last"} and found["last"].behind == ("second",)
    entries[found["last"].key] = {"record": {"outputs": {"out/last.txt": "too"}}}
    found = planned(chain(**change), entries)
    assert runs(found) == set() and found["last"].kept
    assert "without running: second, last\nStages to run: none\n" in told(list(found.values()), True)
    found = planned(chain(**change), entries, forced=["second"])
    assert runs(found) == {"second", "last"}  # who asks for a run gets one


def test_files_of_a_stage_that_is_gone_are_told(folder):
    run(chain())
    assert left_over(folder / "out", ALL) == []
    lines = left_over(folder / "out", ALL - {"other"})
    assert len(lines) == 1 and "other" in lines[0] and lines[0].endswith("out/other.txt")
    (folder / "out/other.txt").unlink()
    assert left_over(folder / "out", ALL - {"other"}) == []
