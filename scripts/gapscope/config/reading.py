"""Config files as users write them, read with care before Snakemake reads them.

Snakemake answers a missing or broken file with a traceback, takes the last of two equal keys without a word, and runs
code that a file asks for. The profile (profiles/default) calls `check_command` before any of that.
"""

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path

import yaml

from gapscope.common.errors import UserError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MOST_BYTES = 1_000_000
MOST_LEVELS = 40
MOST_VALUES = 100_000  # with every alias written out: a few lines of aliases of aliases can stand for billions
TAG = "tag:yaml.org,2002:"
RESERVED = {"__use_yte__", "pathvars"}  # the first makes Snakemake run code that stands in the file
LITERAL = {  # how a value looks that YAML reads as what it looks like; yes is true to it, 010 is 8 and 1:30 is 90
    TAG + "bool": "true|false",
    TAG + "int": "[-+]?(0|[1-9][0-9_]*|0x[0-9a-f_]+)",
    TAG + "float": "[^:]*",
}
PLAIN = {TAG + kind for kind in ("null", "bool", "int", "float", "str", "seq", "map", "merge")}


def check_command(arguments: list[str]) -> None:
    """End the program with one line if a config file of this call, or its --config, cannot be read.

    `arguments`: Snakemake's command line, of which four options matter here.
    """
    from snakemake.cli import parse_config

    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--configfile", "--configfiles", nargs="+", action="extend", default=[])
    parser.add_argument("--config", "-C", nargs="*", default=[])
    parser.add_argument("--directory", "-d", default=".")
    options = parser.parse_known_args(arguments)[0]
    try:
        own = Path(options.directory, "config.yaml")
        for path in [*([own] if own.exists() else []), *options.configfile]:
            read_config(path)
        _check_reserved(parse_config(options.config), "--config")
    except UserError as error:
        sys.exit(f"error: {error}")
    except ValueError:
        sys.exit("error: --config: expected KEY=VALUE with a key of config.yaml, as in --config results=results/mine.")


def read_config(path: str | Path) -> dict:
    """The config in a YAML or JSON file.

    Raises:
        UserError: naming file, line and column, for a file that is not there or not text, bad syntax, a key that
            stands twice or is no text, a value that YAML reads as something else than it looks like, and for what
            could do harm: tags and `__use_yte__`, which make objects and run code, and aliases that stand for more
            than MOST_VALUES values.
    """
    text = _text(Path(path))
    try:
        if text.lstrip().startswith("{"):
            content = _json(text, path)
            if content is not None:
                return content
        _check_depth(text, path)
        node = yaml.compose(text, LOADER)
        _Nodes(path).size(node)
        content = _constructed(text)
    except yaml.YAMLError as error:
        raise UserError(f"{path}{_place(error)}: {_problem(error, text)}.") from None
    if not isinstance(content, dict):
        got = "nothing" if content is None else f"a {'list' if isinstance(content, list) else 'single value'}"
        raise UserError(f"{path}: expected keys of config.yaml with their values, as in 'results: results', got {got}.")
    _check_reserved(content, path)
    return content


def replace_whole(config: dict, paths: list[str | Path]) -> None:
    """In `config`, made of config.yaml and the overlays at `paths`: train.per_activation as the last overlay has it.

    Snakemake merges blocks key by key. Of this one, whose entries override one another's settings, that would leave
    entries of config.yaml standing that an overlay knows nothing of.
    """
    for path in paths:
        train = read_config(path).get("train")
        if isinstance(train, dict) and "per_activation" in train and isinstance(config.get("train"), dict):
            config["train"]["per_activation"] = train["per_activation"]


def _check_reserved(content: dict, place) -> None:
    for key in RESERVED & content.keys():
        raise UserError(f"{place}: the key '{key}' is none of gapscope's, and Snakemake would act on it; remove it.")


def _text(path: Path) -> str:
    if not path.exists():
        raise UserError(f"{path}: no such config file; correct the path after --configfile.")
    if not path.is_file():
        raise UserError(f"{path}: expected a config file, got {'a folder' if path.is_dir() else 'a pipe or device'}.")
    try:
        content = path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    except OSError as error:
        raise UserError(f"{path}: the config file cannot be read ({error.strerror}); mend its permissions.") from None
    if content is None:
        raise UserError(f"{path}: a config of more than {MOST_BYTES // 10**6} MB; is this the data? Name a YAML file.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}, line {line}: not UTF-8 text; save the file as UTF-8.") from None


def _json(text: str, path) -> dict | None:
    """The content, if it is JSON: YAML's flow style starts with the same brace."""

    def without_twins(pairs: list[tuple]) -> dict:
        name, times = Counter(name for name, _ in pairs).most_common(1)[0] if pairs else ("", 1)
        if times > 1:
            raise UserError(f"{path}: the key '{name}' stands there twice; keep one.")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=without_twins)
    except RecursionError:
        raise UserError(f"{path}: values nested too deep; config.yaml needs five levels.") from None
    except ValueError:
        return None


def _check_depth(text: str, path) -> None:
    """Before anything recursive, or quadratic in the depth, sees the text."""
    depth = 0
    for event in yaml.parse(text, LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_LEVELS:
            line = event.start_mark.line + 1
            raise UserError(f"{path}, line {line}: values nested more than {MOST_LEVELS} deep; check the brackets.")


class _Nodes:
    """One walk over all nodes of a file, each looked at once however many aliases name it."""

    def __init__(self, path):
        self.path, self.sizes = path, {}

    def size(self, node) -> int:
        """Number of values below and at `node`, aliases written out."""
        if node is None:
            return 0
        if id(node) not in self.sizes:
            self.sizes[id(node)] = MOST_VALUES  # stands while below: a node within itself is one without end
            self._check(node)
            self.sizes[id(node)] = 1 + sum(self.size(child) for child in self._children(node))
            if self.sizes[id(node)] > MOST_VALUES:
                self._refuse(node, f"aliases (*name) make more than {MOST_VALUES} values; write out what is meant")
        return self.sizes[id(node)]

    def _children(self, node) -> list:
        if isinstance(node, yaml.MappingNode):
            self._check_keys([key for key, _ in node.value])
            return [value for _, value in node.value]
        return node.value if isinstance(node, yaml.SequenceNode) else []

    def _check(self, node) -> None:
        if node.tag == TAG + "timestamp":
            self._refuse(node, f"YAML reads {node.value} as a date; write it in quotes")
        if node.tag not in PLAIN:
            self._refuse(node, f"the tag {node.tag.replace(TAG, '!!')} is not allowed; write a plain value")
        if node.tag in LITERAL and not re.fullmatch(LITERAL[node.tag], node.value, re.IGNORECASE):
            read = yaml.load(node.value, LOADER)
            self._refuse(node, f"YAML reads {node.value} as {str(read).lower()}; write that, or quotes for the text")

    def _check_keys(self, keys: list) -> None:
        seen = set()
        for key in keys:
            if key.tag not in (TAG + "str", TAG + "merge"):
                self._refuse(key, f"expected a text as key{self._looks_like(key)}; write it in quotes")
            if key.value in seen:
                self._refuse(key, f"the key '{key.value}' stands there twice; keep one")
            seen.add(key.value)

    def _looks_like(self, key) -> str:
        return f", YAML reads {key.value!r} as {key.tag.replace(TAG, '')}" if isinstance(key, yaml.ScalarNode) else ""

    def _refuse(self, node, problem: str):
        mark = node.start_mark
        raise UserError(f"{self.path}, line {mark.line + 1}, column {mark.column + 1}: {problem}.")


def _constructed(text: str):
    try:
        return yaml.load(text, LOADER)
    except (ValueError, TypeError, OverflowError) as error:  # !!int x, or a number of more than 4300 digits
        raise yaml.YAMLError(f"a value that YAML cannot read: {error}") from None


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _problem(error: yaml.YAMLError, text: str) -> str:
    """YAML's own words, and where the part that fails begins, in one line."""
    mark, start = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    lines = text.splitlines()
    if mark and mark.line < len(lines) and lines[mark.line].startswith("\t"):
        return "the line starts with a tab, which YAML does not allow; indent with spaces"
    words = " ".join((getattr(error, "problem", None) or str(error)).split())[:200]
    since = f" ({error.context}, which starts in line {start.line + 1})" if start and error.context else ""
    return f"no valid YAML: {words}{since}; mend the file"
