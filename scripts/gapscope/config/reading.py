"""Read config files more strictly than Snakemake.

Snakemake silently accepts dates, `yes` as true, and the last of two equal keys.
"""

import json
import re
from collections import Counter
from pathlib import Path

import yaml

from gapscope.common.errors import UserError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MOST_VALUES = 100_000  # with all aliases expanded: a few lines of nested aliases can expand to billions of values
TAG = "tag:yaml.org,2002:"
RESERVED = {"__use_yte__", "pathvars"}  # the first makes Snakemake run code in the file
LITERAL = {  # allowed spellings; YAML also reads yes as true, 010 as 8 and 1:30 as 90
    TAG + "bool": "true|false",
    TAG + "int": "[-+]?(0|[1-9][0-9_]*|0x[0-9a-f_]+)",
    TAG + "float": "[^:]*",
}
PLAIN = {TAG + kind for kind in ("null", "bool", "int", "float", "str", "seq", "map", "merge")}


def read_config(path: str | Path) -> dict:
    """Content of a config file in YAML or JSON that Snakemake has already parsed.

    Raises
    ------
    UserError : with file, line and column, for repeated keys, keys that are not text, values that YAML reads in a
        surprising way, tags and `__use_yte__` (which can run code), and aliases that expand to more than MOST_VALUES.
    """
    text = Path(path).read_text(encoding="utf-8-sig")
    content = _json(text, path) if text.lstrip().startswith("{") else None
    if content is None:
        _Nodes(path).size(yaml.compose(text, LOADER))
        content = yaml.load(text, LOADER) or {}
    for key in RESERVED & content.keys():
        raise UserError(f"{path}: the key '{key}' is not a key of gapscope, but Snakemake acts on it; remove it.")
    return content


def replace_whole(config: dict, paths: list[str | Path]) -> None:
    """Set train.per_activation in `config` to its value in the last file of `paths` that has it.

    Snakemake merges blocks key by key. Here this would keep entries of config.yaml that the overlay wants to replace.
    """
    for path in paths:
        train = read_config(path).get("train")
        if isinstance(train, dict) and "per_activation" in train and isinstance(config.get("train"), dict):
            config["train"]["per_activation"] = train["per_activation"]


def _json(text: str, path) -> dict | None:
    """Content of a JSON file; None if it is not JSON, since YAML can start with a brace, too."""

    def without_twins(pairs: list[tuple]) -> dict:
        name, times = Counter(name for name, _ in pairs).most_common(1)[0] if pairs else ("", 1)
        if times > 1:
            raise UserError(f"{path}: the key '{name}' occurs twice; keep one.")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=without_twins)
    except ValueError:
        return None


class _Nodes:
    """Checks all nodes of a file, each once, even if several aliases refer to it."""

    def __init__(self, path):
        self.path, self.sizes = path, {}

    def size(self, node) -> int:
        """Number of values in `node`, itself included, with aliases expanded."""
        if node is None:
            return 0
        if id(node) not in self.sizes:
            self.sizes[id(node)] = MOST_VALUES  # until it is known: a node that contains itself is infinite
            self._check(node)
            self.sizes[id(node)] = 1 + sum(self.size(child) for child in self._children(node))
            if self.sizes[id(node)] > MOST_VALUES:
                self._refuse(node, f"aliases (*name) expand to more than {MOST_VALUES} values; write out the values")
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
            self._refuse(node, f"YAML reads {node.value} as {str(read).lower()}; write that, or put the text in quotes")

    def _check_keys(self, keys: list) -> None:
        seen = set()
        for key in keys:
            if key.tag not in (TAG + "str", TAG + "merge"):
                is_scalar = isinstance(key, yaml.ScalarNode)
                read = f", YAML reads {key.value!r} as {key.tag.replace(TAG, '')}" if is_scalar else ""
                self._refuse(key, f"expected text as key{read}; write it in quotes")
            if key.value in seen:
                self._refuse(key, f"the key '{key.value}' occurs twice; keep one")
            seen.add(key.value)

    def _refuse(self, node, problem: str):
        mark = node.start_mark
        raise UserError(f"{self.path}, line {mark.line + 1}, column {mark.column + 1}: {problem}.")
