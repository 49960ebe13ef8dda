"""The fingerprint of a stage's code: which edits change it, and which modules it follows."""

import importlib
import platform
import runpy
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from asking import in_forks, library_of
from gapscope.common import fingerprint
from gapscope.reporting.page import provenance
from runs import ROOT

SCRIPTS = sorted(path.stem for path in (ROOT / "scripts").glob("*.py") if "snakemake)" in path.read_text())
LATER = {script: ["gapscope.remedies.column_repairs", "gapscope.data.parquet"] for script in ("remedy", "ceiling")}
UNUSED = {  # imported for a type checker alone
    ROOT / "scripts/gapscope" / name for name in ("data/parquet.py", "data/rows.py")
}

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


@pytest.mark.parametrize("line", [
    "import lib.sub.deep",
    "from lib.sub import deep",
    "from lib.sub.deep import value",
    "import os, lib.sub.deep as d",
    "if x:\n    import lib.sub.deep",
    "def f():\n    from lib.sub import deep as d",
])  # fmt: skip
def test_every_form_of_import_is_followed(code, line):
    before = code(write=("stage.py", line + "\n"))
    assert before != code(write=("lib/sub/deep.py", "value = 3\n"))


COUNT = [  # file, old, new
    ("stage.py", "double(x)\n", "double(x) + 1\n"),
    ("stage.py", "def main(x):", "def main(x=1):"),
    ("stage.py", "double(x)\n", "double('a text')\n"),
    ("lib/second.py", "return x", "return -x"),
    ("lib/first.py", "import second", "import second as second, alone"),
    ("lib/__init__.py", '"""The library."""', "value = 1"),
]
COUNT_FOR_NOTHING = [
    ("lib/first.py", "# why", "# because"),
    ("lib/first.py", "   # why", ""),
    ("lib/first.py", '    """Twice x."""\n', ""),
    ("lib/first.py", "Twice x.", "Two\n    times x."),
    ("stage.py", '"""A stage."""\n', "# a stage\n\n\n"),
    ("stage.py", "return double(x)", "return (double(\n        x,\n    ))"),
    ("stage.py", "main(x):\n    return", "main(x): return"),
    ("lib/alone.py", "value = 1", "value = 2"),
]


@pytest.mark.parametrize("edit", [*COUNT, *COUNT_FOR_NOTHING])
def test_an_edit_counts_but_of_comments_docstrings_layout_and_modules_that_are_not_imported(code, edit):
    assert (code() != code(edit=edit)) == (edit in COUNT)


def test_further_files_count_by_their_bytes(code):
    before = code("stage", "page")
    assert before != code() and before != code("stage", "page", edit=("../page/style.css", "a", "b"))


def loaded(script):
    """The local files that Python runs when it imports the script, and what the script imports later."""
    library_of(ROOT)
    runpy.run_path(str(ROOT / "scripts" / f"{script}.py"), run_name=script)
    later = ["gapscope.network.own_model"] if "gapscope.evaluation.trained" in sys.modules else []
    for module in [*later, *LATER.get(script, [])]:
        importlib.import_module(module)
    files = {getattr(module, "__file__", None) for name, module in sys.modules.items() if name.startswith("gapscope")}
    return {ROOT / "scripts" / f"{script}.py", *(Path(file) for file in files if file)}


def test_the_modules_of_a_stage_are_those_that_python_loads():
    for script, files in zip(SCRIPTS, in_forks(loaded, SCRIPTS)):
        followed = set(fingerprint.modules_of(script))
        assert files <= followed and followed - files <= UNUSED, script


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_page_names_every_package_that_a_stage_imports(script):
    packages = [name.split()[0] for name in fingerprint.code_of(script).split(", ")[2:]]
    assert set(packages) <= {*fingerprint.SHAPING, "torch", "scikit-learn"}
    assert set(fingerprint.SHAPING) < set(provenance.versions())
