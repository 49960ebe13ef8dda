"""What a stage's code consists of, so that Snakemake can rerun exactly the stages whose code has changed.

Snakemake tracks a rule's script but not the modules that the script imports. Here the transitive local imports are read
from the syntax tree and hashed without comments and docstrings; the versions of the packages they use come beside them.
"""

import ast
import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent
RESULT_PACKAGES = {"numpy", "pandas", "scipy", "matplotlib", "pyarrow", "jinja2", "latex2mathml", "threadpoolctl"}


def code_of(script: str, *folders: str) -> dict[str, str]:
    """Hash of each local module that scripts/<script>.py runs, and version of each package that shapes results.

    `folders`, relative to the repository, hold further files that the script reads: templates and styles.
    """
    modules, packages = _closure(SCRIPTS / f"{script}.py")
    code = {str(path.relative_to(SCRIPTS)): _hash(path) for path in modules}
    code |= {name: metadata.version(name) for name in packages & RESULT_PACKAGES}
    for path in (path for folder in folders for path in (SCRIPTS.parent / folder).rglob("*") if path.is_file()):
        code[str(path.relative_to(SCRIPTS.parent))] = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return dict(sorted(code.items()))


@cache
def _closure(path: Path) -> tuple[frozenset[Path], frozenset[str]]:
    modules, packages, waiting = set(), set(), [path]
    while waiting:
        module = waiting.pop()
        if module in modules:
            continue
        modules.add(module)
        local, external = _imports(module)
        packages |= external
        waiting += local
    return frozenset(modules), frozenset(packages)


@cache
def _imports(path: Path) -> tuple[frozenset[Path], frozenset[str]]:
    local, external = set(), set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"{path}:{node.lineno}: relative import; code tracking follows absolute ones only")
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            found = _local_files(name)
            local |= found
            if not found:
                external.add(name.split(".")[0])
    return frozenset(local), frozenset(external)


def _local_files(name: str) -> set[Path]:
    """The files that importing `name` runs: the packages on the way and the module itself."""
    parts, files = name.split("."), set()
    for depth in range(1, len(parts) + 1):
        stem = SCRIPTS.joinpath(*parts[:depth])
        files |= {path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()}
    return files


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def _hash(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:12]
