"""What a stage's code consists of, so that Snakemake can rerun exactly the stages whose code has changed.

Snakemake tracks a rule's script but not the modules that the script imports. Here the transitive local imports are read
from the syntax tree and hashed without comments and docstrings; the versions of the packages they use come beside them.
"""

import ast
import hashlib
import platform
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

from gapscope.common.memory import Memory, sha256

SCRIPTS = Path(__file__).resolve().parents[2]
SHAPING = (
    "numpy",
    "pandas",
    "scipy",
    "matplotlib",
    "pyarrow",
    "jinja2",
    "markupsafe",
    "latex2mathml",
    "pyyaml",
    "threadpoolctl",
)
DISTRIBUTIONS = {"yaml": "pyyaml", "sklearn": "scikit-learn", "mpl_toolkits": "matplotlib"}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
IMPORTING = (ast.Import, ast.ImportFrom, ast.Call)
FIELDS = {  # of each kind of node; whether a name is read or written follows from its place
    kind: [field for field in kind._fields if field != "ctx"]
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
NOT_FOLLOWED = ("__import__", "import_module", "exec", "eval", "run_path", "run_module")


def code_of(script: str, *folders: str, packages: tuple[str, ...] = (), memory: Memory | None = None) -> dict[str, str]:
    """Hash of each local module that scripts/<script>.py runs, and version of each package that it imports.

    `folders`, relative to the repository, hold further files that the script reads: templates and styles. `packages`
    are counted too though not imported, because their versions are written down. `memory` spares the reading of files
    that have not changed. Raises ValueError for an import that cannot be followed: a relative or a dynamic one.
    """
    modules, found = {}, set(packages)
    waiting = [SCRIPTS / f"{script}.py"]
    while waiting:
        path = waiting.pop()
        if path not in modules:
            modules[path], names = memory.once("code", path, _parsed) if memory else _parsed(path)
            for name in names:
                files = _local_files(name)
                waiting += files
                found |= set() if files else _distribution(name)
    code = {path.relative_to(SCRIPTS).as_posix(): digest for path, digest in modules.items()}
    code |= {"python": platform.python_version()} | {name: version(name) for name in found}
    for path in (path for folder in folders for path in (SCRIPTS.parent / folder).rglob("*") if path.is_file()):
        code[path.relative_to(SCRIPTS.parent).as_posix()] = (memory.sha256(path) if memory else sha256(path))[:12]
    return dict(sorted(code.items()))


@cache
def version(package: str) -> str:
    """The installed version, or `absent`."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


@cache
def _distribution(name: str) -> set[str]:
    """The package to install for the import of `name`; none for the standard library."""
    top = name.split(".")[0]
    return set() if top in sys.stdlib_module_names else {DISTRIBUTIONS.get(top, top)}


def _parsed(path: Path) -> list:
    """Short hash of a module's code, and the sorted names that it imports."""
    code, names = [], set()
    _read(ast.parse(path.read_text(encoding="utf-8"), filename=str(path)), code, names, path)
    return [hashlib.sha256("".join(code).encode()).hexdigest()[:12], sorted(names)]


def _read(node, code: list[str], names: set[str], path: Path) -> None:
    """Adds to `code` what `node` says and to `names` what it imports: `ast.dump` and `ast.walk` in half of their time.

    Left out are docstrings, and what stands under `if TYPE_CHECKING:`, which no run reads.
    """
    kind = type(node)
    if kind is list:
        code.append("[")
        for one in node:
            _read(one, code, names, path)
        code.append("]")
    elif kind in FIELDS:
        if kind in IMPORTING:
            names.update(_imported(node, path))
        elif kind in DOCUMENTED and ast.get_docstring(node, clean=False):
            node.body = node.body[1:] or [ast.Pass()]
        elif kind is ast.If and getattr(node.test, "id", None) == "TYPE_CHECKING":
            node.body = []  # which no run reads
        code.append(f"{kind.__name__}(")
        for field in FIELDS[kind]:
            _read(getattr(node, field, None), code, names, path)
        code.append(")")
    else:
        code.append(f"{node!r},")


def _imported(node: ast.AST, path: Path) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        if node.level:
            raise ValueError(f"{path}:{node.lineno}: relative import; code tracking follows absolute ones only")
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
        if called in NOT_FOLLOWED:
            raise ValueError(f"{path}:{node.lineno}: {called}(...) runs code that code tracking cannot follow")
    return []


@cache
def _local_files(name: str) -> set[Path]:
    """The files that importing `name` runs: the packages on the way and the module itself."""
    parts, files = name.split("."), set()
    for depth in range(1, len(parts) + 1):
        stem = SCRIPTS.joinpath(*parts[:depth])
        files |= {path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()}
    return files
