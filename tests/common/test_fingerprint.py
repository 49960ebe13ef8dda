"""The fingerprint of a stage's code: which edits change it, and which modules it follows."""

import platform
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from gapscope.common import fingerprint
from gapscope.reporting.page import provenance

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(path.stem for path in (ROOT / "scripts").glob("*.py") if "snakemake)" in path.read_text())

FILES = {
    "stage.py": '"""A stage."""\nfrom lib.first import double\n\n\ndef main(x):\n    return double(x)\n',
    "lib/__init__.py": '"""The library."""\n',
    "lib/first.py": '"""First."""\nimport numpy as np\nimport os.path\n\n\ndef double(x):\n    """Twice x."""\n'
    "    from lib import second\n    return np.add(x, second.same(x))   # why\n",
    "lib/second.py": "from lib.first import double\n\n\ndef same(x):\n    return x\n",  # a cycle
    "lib/alone.py": "value = 1\n",
    "lib/sub/__init__.py": "",
    "lib/sub/deep.py": "value = 2\n",
    "../page/style.css": "a {}",
}


@pytest.fixture
def code(tmp_path, monkeypatch):
    """code_of in a folder of its own; keyword `edit=(file, old, new)` or `write=(file, text)` changes it first."""
    scripts = tmp_path / "scripts"
    monkeypatch.setattr(fingerprint, "SCRIPTS", scripts)
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
        return fingerprint.code_of(script, *folders, **more)

    yield code
    forget()


def forget():
    """As a new Snakemake process would."""
    for cached in vars(fingerprint).values():
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()


def test_it_is_short_and_names_the_versions(code):
    digest, python, numpy = code().split(", ")
    assert digest.startswith("code ") and len(digest) == 15
    assert (python, numpy) == (f"python {platform.python_version()}", f"numpy {np.__version__}")


def test_every_package_counts_by_its_version_even_when_absent(code):
    found = code(write=("stage.py", "import yaml, matplotlib.figure, no_such_package.part\n"), packages=("scipy",))
    assert f"matplotlib {matplotlib.__version__}, no_such_package absent, pyyaml " in found and "scipy " in found


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
def test_every_form_of_import_is_followed(code, line):
    before = code(write=("stage.py", line + "\n"))
    assert before != code(write=("lib/sub/deep.py", "value = 3\n"))


@pytest.mark.parametrize(
    "edit",
    [
        ("stage.py", "double(x)\n", "double(x) + 1\n"),
        ("stage.py", "def main(x):", "def main(x=1):"),
        ("lib/second.py", "return x", "return -x"),
        ("lib/first.py", "import second", "import second as second, alone"),
        ("lib/__init__.py", '"""The library."""', "value = 1"),
    ],
)
def test_an_edit_changes_it(code, edit):
    assert code() != code(edit=edit)


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


def test_further_files_count_by_their_bytes(code):
    before = code("stage", "page")
    assert before != code() and before != code("stage", "page", edit=("../page/style.css", "a", "b"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_nothing_that_a_stage_loads_is_left_out(script):
    """Python's own list of loaded modules as the oracle, and what it imports later, in a function, beside it."""
    program = (
        f"import sys; sys.path.insert(0, '{ROOT}/scripts'); import {script}; print(*(m.__file__ for m in "
        "list(sys.modules.values()) if getattr(m, '__file__', None)), sep='\\n')"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {Path(file) for file in run.stdout.split("\n") if file.startswith(f"{ROOT}/scripts/")}
    assert loaded <= set(fingerprint.modules_of(script))


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_page_names_every_package_that_a_stage_imports(script):
    packages = [name.split()[0] for name in fingerprint.code_of(script).split(", ")[2:]]
    assert set(packages) <= {*fingerprint.SHAPING, "torch", "scikit-learn"}
    assert set(fingerprint.SHAPING) < set(provenance.versions())


def test_the_hash_does_not_depend_on_the_process():
    """Sets of texts among a module's constants have no order of their own."""
    program = "from gapscope.common.fingerprint import code_of; print(code_of('report'))"
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": f"{ROOT}/scripts", "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1


def test_own_tables_count_by_content(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("x\n1\n")
    before = fingerprint.content_of(str(first), str(second))
    second.write_text("x\n1\n")
    both = fingerprint.content_of(str(first), str(second))
    first.write_text("x\n2\n")
    assert len({before, both, fingerprint.content_of(str(first), str(second))}) == 3
