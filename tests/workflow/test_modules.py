"""A sample of the modules, each edited alone: Snakemake would rerun the stages that import it and those behind.

tests/common/test_fingerprint.py compares `modules_of` with the modules that Python itself loads, for every script, and
has edits of layout and docstrings. Comments, times of files and the place of the folder rerun nothing.
"""

import os
import random
import shutil
from pathlib import Path

import pytest

from asking import downstream, graphs, would_run
from gapscope.common.fingerprint import modules_of
from runs import ROOT, SMALL, copy_of

pytestmark = pytest.mark.long

SCRIPTS = ROOT / "scripts"
MODULES = sorted(str(path.relative_to(ROOT)) for path in SCRIPTS.rglob("*.py"))
SAMPLE = MODULES[::5]  # a graph for each takes a second
PAGE = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "workflow" / "report").iterdir())[::5]


@pytest.fixture(scope="module")
def edits(small_run, tmp_path_factory):
    """The graph after an edit of each file alone."""
    home, questions = tmp_path_factory.mktemp("edits"), []
    for number, name in enumerate([*SAMPLE, *PAGE]):
        folder = copy_of(small_run.folder, home / str(number))
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write("\n<!-- edited -->" if name in PAGE else "\nedited = 1\n")
        questions.append((folder, SMALL))
    return dict(zip([*SAMPLE, *PAGE], graphs(questions)))


@pytest.mark.parametrize("module", SAMPLE)
def test_an_edited_module_reruns_the_stages_that_import_it(edits, module):
    plan = edits[module]
    scripts = {name: Path(job.script).stem for name, job in plan.items() if job.script}
    jobs = [name for name, script in scripts.items() if ROOT / module in modules_of(script)]
    assert would_run(plan) == downstream(plan, jobs)


@pytest.mark.parametrize("file", PAGE)
def test_an_edited_part_of_the_page_reruns_the_report(edits, file):
    assert would_run(edits[file]) == {"report", "all"}


def quiet(folder: Path) -> bool:
    """Whether nothing would run."""
    return would_run(graphs([(folder, SMALL)])[0]) == set()


def test_comments_rerun_nothing(small_run, tmp_path):
    folder = copy_of(small_run.folder, tmp_path / "commented")
    for name in ["Snakefile", "*.smk", "config.yaml", "*.schema.yaml", "*.py"]:
        for file in folder.rglob(name):
            file.write_text(f"# a comment\n\n{file.read_text(encoding='utf-8')}\n# the end\n", encoding="utf-8")
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
