"""Code tracking: which edits change a stage's hashes, and which modules it follows."""

import platform
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import scipy

from gapscope.common import fingerprint as tracking
from gapscope.common import memory
from gapscope.reporting.page import provenance

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(path.stem for path in (ROOT / "scripts").glob("*.py") if "snakemake)" in path.read_text())

FILES = {
    "stage.py": '"""A stage."""\nfrom lib.first import double\n\n\ndef main(x):\n    return double(x)\n',
    "other.py": "import lib.alone\n",
    "lib/__init__.py": '"""The library."""\n',
    "lib/first.py": '"""First."""\nimport numpy as np\nimport os.path\n\n\ndef double(x):\n    """Twice x."""\n'
    "    from lib import second\n    return np.add(x, second.same(x))   # why\n",
    "lib/second.py": "from lib.first import double\n\n\ndef same(x):\n    return x\n",  # a cycle
    "lib/alone.py": "value = 1\n",
    "lib/sub/__init__.py": "",
    "lib/sub/deep.py": "value = 2\n",
}


@pytest.fixture
def code(tmp_path, monkeypatch):
    """code_of in a folder of its own; keyword `edit=(file, old, new)` or `write=(file, text)` changes it first."""
    scripts = tmp_path / "scripts"
    monkeypatch.setattr(tracking, "SCRIPTS", scripts)
    for name, content in FILES.items():
        (scripts / name).parent.mkdir(parents=True, exist_ok=True)
        (scripts / name).write_text(content)

    def code(script="stage", *folders, edit=None, write=None, **more):
        if edit:
            name, old, new = edit
            content = (scripts / name).read_text()
            assert old in content
            write = name, content.replace(old, new)
        if write:
            (scripts / write[0]).write_text(write[1])
        forget()
        return tracking.code_of(script, *folders, **more)

    yield code
    forget()


def forget():
    """As a new Snakemake process would."""
    for cached in vars(tracking).values():
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()


def test_what_is_followed(code):
    found = code()
    assert list(found) == ["lib/__init__.py", "lib/first.py", "lib/second.py", "numpy", "python", "stage.py"]
    assert found["numpy"] == np.__version__  # os is of the standard library, and so not listed
    assert found["python"] == platform.python_version()
    assert list(code("other")) == ["lib/__init__.py", "lib/alone.py", "other.py", "python"]


@pytest.mark.parametrize(
    "line",
    [
        "import lib.sub.deep",
        "from lib.sub import deep",
        "from lib.sub.deep import value",
        "import os, lib.sub.deep as d",
        "if x:\n    import lib.sub.deep",
        "def f():\n    from lib.sub import deep as d",
    ],
)
def test_every_form_of_import(code, line):
    assert list(code(write=("stage.py", line + "\n"))) == [
        "lib/__init__.py",
        "lib/sub/__init__.py",
        "lib/sub/deep.py",
        "python",
        "stage.py",
    ]


@pytest.mark.parametrize(
    "edit",
    [
        ("stage.py", "double(x)\n", "double(x) + 1\n"),
        ("stage.py", "def main(x):", "def main(x=1):"),
        ("lib/second.py", "return x", "return -x"),
        ("lib/first.py", "import second", "import second as second"),
        ("lib/__init__.py", '"""The library."""', "value = 1"),
    ],
)
def test_an_edit_changes_its_file_only(code, edit):
    before, after = code(), code(edit=edit)
    assert {name for name in before if before[name] != after[name]} == {edit[0]}


@pytest.mark.parametrize(
    "edit",
    [
        ("lib/first.py", "# why", "# because"),
        ("lib/first.py", "   # why", ""),
        ("lib/first.py", '    """Twice x."""\n', ""),
        ("lib/first.py", "Twice x.", "Two\n    times x."),
        ("stage.py", '"""A stage."""\n', "# a stage\n\n\n"),
        ("stage.py", "return double(x)", "return (double(\n        x,\n    ))"),
        ("stage.py", "main(x):\n    return", "main(x): return"),
        ("lib/alone.py", "value = 1", "value = 2"),
    ],
)
def test_comments_docstrings_layout_and_strangers_change_nothing(code, edit):
    assert code() == code(edit=edit)


def test_a_string_that_is_no_docstring_counts(code):
    one = code(write=("stage.py", "def f():\n    text = 'a'\n    return text\n"))
    assert one != code(write=("stage.py", "def f():\n    text = 'b'\n    return text\n"))


def test_a_docstring_alone_is_an_empty_body(code):
    assert code(write=("stage.py", "class A:\n    'doc'\n")) == code(write=("stage.py", "class A:\n    pass\n"))


def test_what_type_checkers_alone_read_is_not_followed(code):
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lib.sub.deep import value\n"
    assert code(write=("stage.py", text)) == code(write=("stage.py", text.replace("sub.deep", "first")))
    assert "lib/sub/deep.py" not in code(write=("stage.py", text))


@pytest.mark.parametrize("line", ["from . import first", "from .first import double", "from ..lib import first"])
def test_a_relative_import_is_refused(code, line):
    with pytest.raises(ValueError, match=r"second\.py:2: relative import"):
        code(write=("lib/second.py", f"x = 1\n{line}\n"))


@pytest.mark.parametrize(
    "line",
    [
        "x = __import__('lib')",
        "import importlib\nx = importlib.import_module('lib')",
        "exec('import lib')",
        "eval('1')",
    ],
)
def test_a_dynamic_import_is_refused(code, line):
    with pytest.raises(ValueError, match=r"second\.py:\d: .* cannot follow"):
        code(write=("lib/second.py", f"{line}\n"))


def test_every_package_counts_by_its_version_even_when_absent(code):
    found = code(write=("stage.py", "import yaml, matplotlib.figure, no_such_package.part\n"))
    assert {"pyyaml", "matplotlib", "no_such_package"} <= set(found)
    assert (found["matplotlib"], found["no_such_package"]) == (matplotlib.__version__, "absent")


def test_a_package_whose_version_is_written_down_counts(code):
    found = code("stage", "lib", packages=("scipy",))
    assert found["scipy"] == scipy.__version__ and "scipy" not in code()


def test_the_page_of_a_run_names_the_versions_it_depends_on():
    found = tracking.code_of("report", "workflow/report", packages=tracking.SHAPING)
    assert {name: found[name] for name in tracking.SHAPING} | {"Python": found["python"]} == provenance.versions()


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_stage_imports_only_what_tracking_follows_and_the_page_names(script):
    found = tracking.code_of(script)
    packages = {name for name in found if not name.endswith(".py")} - {"python"}
    assert packages <= {*tracking.SHAPING}


def test_with_a_memory_nothing_differs(code, tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "SETTLED_NS", -1)  # the files are seconds young
    remembered = memory.Memory(tmp_path / "memory.json")
    first = code("stage", "scripts/lib", memory=remembered)
    assert first == code("stage", "scripts/lib") == code("stage", "scripts/lib", memory=remembered)
    assert any(key.startswith("code ") for key in remembered.known)
    remembered.save()
    later = memory.Memory(remembered.path)
    changed = code("stage", memory=later, edit=("lib/second.py", "return x", "return 2 * x"))
    assert {name for name in changed if changed[name] != first[name]} == {"lib/second.py"}


def test_further_files_count_by_their_bytes(code, tmp_path):
    style = tmp_path / "page" / "style.css"
    style.parent.mkdir()
    style.write_text("a {}")
    before = code("stage", "page")
    assert set(before) - set(code()) == {"page/style.css"}
    (style.parent / "parts").mkdir()
    (style.parent / "parts" / "deep.html").write_text("<p>")
    assert set(code("stage", "page")) - set(before) == {"page/parts/deep.html"}
    (style.parent / "parts" / "deep.html").unlink()
    style.write_text("a { }")
    after = code("stage", "page")
    assert {name for name in before if before[name] != after[name]} == {"page/style.css"}


@pytest.mark.parametrize("script", SCRIPTS)
def test_nothing_that_a_real_stage_loads_is_left_out(script):
    """Python's own list of loaded modules as the oracle."""
    # What a remedy imports when it needs tables.
    late = "import gapscope.remedies.repaired_columns, gapscope.data.parquet; "
    later = late if script == "remedy" else ""
    program = (
        f"import sys; sys.path.insert(0, '{ROOT}/scripts'); import {script}; {later}print(*(m.__file__ for m in "
        f"list(sys.modules.values()) if getattr(m, '__file__', None)), sep='\\n')"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    own = f"{ROOT}/scripts/gapscope/"
    loaded = {f"gapscope/{file.removeprefix(own)}" for file in run.stdout.split("\n") if file.startswith(own)}
    found = {name for name in tracking.code_of(script) if name.endswith(".py")}
    assert loaded | {f"{script}.py"} == found


def test_the_version_of_pyarrow_is_tracked():
    assert "pyarrow" in tracking.code_of("clean")
