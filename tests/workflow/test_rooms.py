"""The ten rooms of the library: one-way imports, no class name twice, how docstrings begin, the size of modules."""

import ast
from collections import Counter
from pathlib import Path

from runs import ROOT

LIBRARY = ROOT / "scripts" / "gapscope"
ROOMS = [
    "common", "config", "data", "simulation", "network", "evaluation", "diagnosis", "remedies", "reporting", "studies"
]  # fmt: skip
MODULES = sorted(LIBRARY.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in [*MODULES, *(ROOT / "scripts").glob("*.py")]}
SMALL = {  # with a reason
    "common/errors.py": "imported by everything, the Snakefile included",
    "reporting/plots/palette.py": "the page's colours, without Matplotlib",
}
BY_NAME = ("network/own_model.py", "network/onnx_file.py")  # the user's file, packages that may not be there


def name(path: Path) -> str:
    return str(path.relative_to(LIBRARY if LIBRARY in path.parents else ROOT / "scripts"))


def test_there_are_ten_rooms_and_no_module_beside_them():
    entries = {path.name for path in LIBRARY.iterdir() if not path.name.startswith("__pycache__")}
    assert entries == {"__init__.py", *ROOMS}


def test_each_room_imports_only_from_rooms_above_it():
    for path in MODULES:
        room = path.relative_to(LIBRARY).parts[0]
        for node in ast.walk(TREES[path]):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gapscope."):
                other = node.module.split(".")[1]
                assert ROOMS.index(other) <= ROOMS.index(room), f"{name(path)} imports {node.module}"


def test_imports_can_be_followed():
    """No relative import and none by name: the fingerprint of a script's code would miss it."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            assert not (isinstance(node, ast.ImportFrom) and node.level), name(path)
            called = isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", ""))
            by_name = called in ("__import__", "import_module", "run_path", "exec", "eval")
            assert not by_name or name(path) in BY_NAME, name(path)


def test_no_class_name_stands_twice():
    names = Counter(node.name for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert [each for each, times in names.items() if times > 1] == []


def test_modules_have_25_to_260_lines():
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES if path.stem != "__init__"}
    assert [name(path) for path, count in lines.items() if count < 25 and name(path) not in SMALL] == []
    assert [name(path) for path, count in lines.items() if count > 260] == []


def test_docstrings_begin_with_what_happens_or_comes_back():
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    riddles = ("Of ", "That ", "Those ", "What ", "With ", "Which ")
    for path, tree in TREES.items():
        docstrings = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, documented)]
        assert [text for text in docstrings if text.startswith(riddles)] == [], name(path)
