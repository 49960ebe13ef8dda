"""Every module and every stage script, edited alone: Snakemake would rerun the stages that import it and those behind.

Which stages import a module is asked of Python itself: each script is imported, and sys.modules tells what it loaded.
Comments, layout, docstrings, times of files and the place of the folder rerun nothing.
"""

import ast
import importlib
import os
import random
import runpy
import shutil
import sys
from pathlib import Path

import pytest

from asking import downstream, graphs, in_forks, library_of, would_run
from runs import PARTS, ROOT, SMALL

pytestmark = pytest.mark.long

SCRIPTS = ROOT / "scripts"
MODULES = sorted(str(path.relative_to(SCRIPTS)) for path in SCRIPTS.rglob("*.py"))
PAGE = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "workflow" / "report").iterdir())
STAGES = sorted(path.stem for path in SCRIPTS.glob("*.py") if "snakemake)" in path.read_text())
LATER = {  # what a script imports only when it runs
    "remedy": ["gapscope.remedies.column_repairs", "gapscope.data.parquet"],
    "ceiling": ["gapscope.remedies.column_repairs", "gapscope.data.parquet"],
}


def loaded(folder: Path, script: str) -> set[str]:
    """The local files that importing <folder>/scripts/<script>.py runs, that one included."""
    library_of(folder)
    runpy.run_path(str(folder / "scripts" / f"{script}.py"), run_name=script)
    for module in LATER.get(script, []):
        importlib.import_module(module)
    files = {getattr(module, "__file__", None) for name, module in sys.modules.items() if name.startswith("gapscope")}
    return {f"{script}.py"} | {str(Path(file).relative_to(folder / "scripts")) for file in files if file}


@pytest.fixture(scope="module")
def imports(small_run):
    """Script -> the local files that it loads."""
    return dict(zip(STAGES, in_forks(lambda script: loaded(small_run.folder, script), STAGES)))


def edited(text: str, place: random.Random) -> str:
    """`text` with one more assignment, in front of a statement anywhere in it, at its end if it has none."""
    lines = text.splitlines(keepends=True)
    statements = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.stmt)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        and not (isinstance(node, ast.ImportFrom) and node.module == "__future__")
        and not getattr(node, "decorator_list", [])
        and lines[node.lineno - 1][: node.col_offset].strip() == ""
        and not lines[node.lineno - 1].lstrip().startswith("elif")
    ]
    if not statements:
        return text + "edited = 1\n"
    chosen = place.choice(statements)
    lines.insert(chosen.lineno - 1, " " * chosen.col_offset + "edited = 1\n")
    return "".join(lines)


def copy_of(run: Path, folder: Path) -> Path:
    """The workflow of a finished run in a folder of its own, its results seen through a link."""
    folder.mkdir()
    for part in PARTS:
        (shutil.copytree if (run / part).is_dir() else shutil.copy2)(run / part, folder / part)
    for name in ("results", ".snakemake"):
        (folder / name).symlink_to(run / name)
    return folder


@pytest.fixture(scope="module")
def edits(small_run, tmp_path_factory):
    """File -> the graph after an edit of that file alone."""
    home, questions = tmp_path_factory.mktemp("edits"), []
    for place, name in enumerate([*MODULES, *PAGE]):
        folder = copy_of(small_run.folder, home / str(place))
        file = folder / name if name in PAGE else folder / "scripts" / name
        text = file.read_text(encoding="utf-8")
        file.write_text(
            text + "\n<!-- edited -->" if name in PAGE else edited(text, random.Random(place)), encoding="utf-8"
        )
        questions.append((folder, SMALL))
    return dict(zip([*MODULES, *PAGE], graphs(questions)))


@pytest.mark.parametrize("module", MODULES)
def test_an_edited_module_reruns_the_stages_that_import_it(edits, imports, module):
    plan = edits[module]
    scripts = {f"{script}.py" for script, files in imports.items() if module in files}
    jobs = {name for name, job in plan.items() if job.script and Path(job.script).name in scripts}
    assert would_run(plan) == downstream(plan, jobs)


@pytest.mark.parametrize("file", PAGE)
def test_an_edited_part_of_the_page_reruns_the_report(edits, file):
    assert would_run(edits[file]) == {"report", "all"}


def commented(text: str) -> str:
    """`text` with comments, blank lines and another docstring."""
    tree, lines = ast.parse(text), text.splitlines(keepends=True)
    if ast.get_docstring(tree):
        lines[: tree.body[0].end_lineno] = ['"""Other words,\non two lines."""\n\n']
    return "# a comment\n\n" + "".join(lines) + "\n\n# the end\n"


def quiet(folder: Path) -> bool:
    (plan,) = graphs([(folder, SMALL)])
    return would_run(plan) == set()


def test_comments_docstrings_and_layout_rerun_nothing(small_run, tmp_path):
    folder = copy_of(small_run.folder, tmp_path / "commented")
    for name in MODULES:
        file = folder / "scripts" / name
        file.write_text(commented(file.read_text(encoding="utf-8")), encoding="utf-8")
    for file in [folder / "Snakefile", folder / "config.yaml", *folder.rglob("*.smk"), *folder.rglob("*.schema.yaml")]:
        file.write_text(file.read_text(encoding="utf-8") + "\n# the end\n", encoding="utf-8")
    assert quiet(folder)


def test_touched_files_rerun_nothing(small_run, tmp_path):
    """Every file of the repository and of the results with a time of its own, in random order."""
    folder = tmp_path / "touched"
    shutil.copytree(small_run.folder, folder)
    files, now = sorted(path for path in folder.rglob("*") if ".snakemake" not in path.parts), random.Random(1)
    for file in files:
        os.utime(file, (moment := 1.7e9 + now.random() * 1e6, moment))
    assert quiet(folder)


def test_a_copied_and_a_moved_folder_rerun_nothing(small_run, tmp_path):
    """A fresh checkout has new times everywhere; a moved folder has another name."""
    shutil.copytree(small_run.folder, tmp_path / "checkout", copy_function=shutil.copyfile)
    assert quiet(tmp_path / "checkout")
    (tmp_path / "checkout").rename(tmp_path / "elsewhere, with spaces")
    assert quiet(tmp_path / "elsewhere, with spaces")
