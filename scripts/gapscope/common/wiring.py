"""Which stage reads which stage's results, as the rules say; the page draws it."""

import re
from collections.abc import Iterable
from pathlib import Path


def reads_of(page: str, inputs: Iterable, rules: Iterable) -> dict[str, list[str]]:
    """Each stage behind `page`, after those it reads, and `page` itself: the stages whose results each reads.

    Args:
        inputs: what `page` reads: paths and lists of paths.
        rules: Snakemake's rules. A stage is called by its log file, since modules rename rules.
    """
    writer = {str(file): rule for rule in rules for file in rule.output}
    reads: dict[str, list[str]] = {}

    def sources(files: Iterable) -> list[str]:
        writers = {name_of(rule): rule for rule in (writer.get(str(file)) for file in files) if rule}
        for name, rule in writers.items():
            if name not in reads:
                reads[name] = sources(rule.input)
        return list(writers)

    def name_of(rule) -> str:
        return re.sub("^(sweep_[a-z]+)_.*", r"\1", Path(str(rule.log[0])).stem)  # a sweep's jobs can be hundreds

    own = sources(file for entry in inputs for file in ([entry] if isinstance(entry, str) else entry))
    return {**reads, page: own}
