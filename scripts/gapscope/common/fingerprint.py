"""Fingerprint of a stage's code, a short text that rules have among their params.

Snakemake notices changes in a script, but not in the modules it imports. The fingerprint includes these modules,
without comments, docstrings and layout, and the versions of the packages that they import.
"""

import ast
import atexit
import hashlib
import json
import platform
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

from gapscope.common.whole import write_text

SCRIPTS = Path(__file__).resolve().parents[2]
SHAPING = ("numpy", "pandas", "scipy", "matplotlib", "pyarrow")  # packages whose versions shape the results
SHAPING += ("jinja2", "markupsafe", "latex2mathml", "pyyaml", "threadpoolctl")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
DISTRIBUTIONS = {"yaml": "pyyaml", "sklearn": "scikit-learn", "mpl_toolkits": "matplotlib"}


@cache
def code_of(script: str, *folders: str, packages: tuple[str, ...] = (), root: Path | None = None) -> str:
    """Hash of all local modules that scripts/<script>.py imports, and the versions of the packages that they import.

    Parameters
    ----------
    script : name of a stage script, without its ending.
    folders : folders with other files that the script reads, such as templates, relative to the repository.
    packages : packages to include even if no module imports them, because the script writes down their versions.
    root : folder of the script and its modules; default: scripts/.
    """
    digest, distributions, root = hashlib.sha256(), set(packages), root or SCRIPTS
    for module in modules_of(script, root):
        code, _, imported = _module(module, root)
        digest.update(f"{module.relative_to(root)} {code}\n".encode())
        distributions |= imported
    for path in sorted(path for folder in folders for path in (SCRIPTS.parent / folder).rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(SCRIPTS.parent)}\n".encode() + path.read_bytes())
    versions = ", ".join(f"{name} {version(name)}" for name in sorted(distributions))
    return f"code {digest.hexdigest()[:10]}, python {platform.python_version()}, {versions}".removesuffix(", ")


def modules_of(script: str, root: Path | None = None) -> list[Path]:
    """Sorted paths of scripts/<script>.py and all local modules it imports, including imports inside functions."""
    root = root or SCRIPTS
    modules, waiting = set(), [root / f"{script}.py"]
    while waiting:
        module = waiting.pop()
        if module not in modules:
            modules.add(module)
            waiting += _module(module, root)[1]
    return sorted(modules)


def content_of(*paths: str) -> str:
    """Hash of the contents of these files; missing files are ignored."""
    digest = hashlib.sha256()
    for path in filter(Path.is_file, map(Path, paths)):
        digest.update(f"{path.name}\n{sha256(path)}\n".encode())
    return f"content {digest.hexdigest()[:10]}"


def sha256(path: str | Path) -> str:
    """SHA-256 checksum of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def version(package: str) -> str:
    """Installed version of a package, or `absent`."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"


def remember(path: str | Path) -> None:
    """Cache the hash and the imports of each module in the file `path`, so that only changed ones are parsed next time.

    Parsing takes a third of the time of a start with nothing else to do. The file can be deleted at any time.
    """
    path = Path(path)
    if path.is_file():
        _known.update(json.loads(path.read_text(encoding="utf-8")))
    before = len(_known)

    def save():
        if len(_known) > before and path.parent.is_dir():
            write_text(path, json.dumps(_known))

    atexit.register(save)


_known: dict[str, list] = {}  # module with its times and size -> hash of its code, and its imports


@cache
def _module(module: Path, root: Path) -> tuple[str, set[Path], set[str]]:
    """Hash of a module's code, the local files that its imports run, and the packages that it imports."""
    code, names = _parsed(module)
    files = {name: _local_files(name, root) for name in names}
    packages = {name.split(".")[0] for name in names if not files[name]} - sys.stdlib_module_names
    return code, set().union(*files.values()), {DISTRIBUTIONS.get(name, name) for name in packages}


def _parsed(module: Path) -> tuple[str, list[str]]:
    """Hash of the module's syntax tree without docstrings, and the sorted names of its imports."""
    status = module.stat()
    key = f"{module} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_size} {platform.python_version()}"
    if key not in _known:
        _known[key] = _parse(module)
    return _known[key]


def _parse(module: Path) -> list:
    text = module.read_bytes()
    try:
        tree = ast.parse(text, filename=str(module))
    except (SyntaxError, ValueError):  # in the user's own model; its job reports the line
        return [hashlib.sha256(text).hexdigest(), []]
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return [hashlib.sha256(ast.dump(tree).encode()).hexdigest(), sorted(names)]


@cache
def _local_files(name: str, root: Path) -> list[Path]:
    """The files that `import name` runs: the __init__.py of each package, and the module."""
    package, stem = name.rpartition(".")[0], root / name.replace(".", "/")
    files = [path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()]
    return (_local_files(package, root) if package else []) + files
