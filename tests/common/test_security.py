"""What docs/security.md promises of the code as a whole: nothing unpickles, and nothing runs a text."""

import ast
from pathlib import Path

import numpy as np
import pytest

from gapscope.common.files import read_array
from gapscope.network import model

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "scripts").rglob("*.py"))
BANNED_MODULES = {"pickle", "marshal", "shelve", "dill", "joblib", "subprocess", "pty", "commands"}
BANNED_CALLS = {"eval", "exec", "compile", "__import__", "system", "popen", "read_pickle", "to_pickle", "unsafe_load",
                "full_load", "execv", "spawnv", "mktemp"}  # fmt: skip
ALLOWED = {"compile": {"re", "torch"}}


def faults(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            found += [name for name in names if name.split(".")[0] in BANNED_MODULES]
        elif isinstance(node, ast.Call):
            name, owner = getattr(node.func, "attr", getattr(node.func, "id", "")), getattr(node.func, "value", None)
            if name in BANNED_CALLS and getattr(owner, "id", None) not in ALLOWED.get(name, set()):
                found.append(name)
            keywords = {keyword.arg: keyword.value for keyword in node.keywords}
            if name in ("load", "save") and getattr(owner, "id", "") == "np":
                safe = getattr(keywords.get("allow_pickle"), "value", None) is False
                found += [] if safe else [f"np.{name} that may pickle"]
            if name == "load" and getattr(owner, "id", "") == "yaml" and "Safe" not in ast.unparse(node):
                found += [] if ast.unparse(node).endswith("LOADER)") else ["yaml.load"]
    return found


def test_no_source_unpickles_or_runs_a_text():
    found = {str(path.relative_to(ROOT)): faults(ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES}
    assert not {path: own for path, own in found.items() if own}


FOUND = ["import pickle", "from subprocess import run", "eval('1')", "os.system('ls')", "yaml.load(text, yaml.Loader)"]


@pytest.mark.parametrize("line", [*FOUND, "np.load(path)", "np.load(path, allow_pickle=True)"])
def test_the_search_finds_what_it_is_for(line):
    assert faults(ast.parse(line))


def test_no_rule_has_a_shell_command():
    for path in [ROOT / "Snakefile", *(ROOT / "workflow" / "rules").glob("*.smk")]:
        words = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        assert not [line for line in words if line.startswith(("shell:", "run:", "wrapper:", "cwl:"))]


class Harm:
    def __reduce__(self):
        return (pytest.fail, ("a pickled object was run",))


def test_pickled_objects_are_refused(tmp_path):
    objects = np.array([Harm()], dtype=object)
    np.save(tmp_path / "array.npy", objects, allow_pickle=True)
    np.savez(tmp_path / "model.npz", W1=objects, b1=objects, bias_of=np.array([0]), activation=objects)
    for load, name in ((read_array, "array.npy"), (model.load, "model.npz")):
        with pytest.raises(ValueError, match="allow_pickle=False"):
            load(str(tmp_path / name))
