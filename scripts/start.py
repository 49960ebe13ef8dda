"""A first config for your own data: python scripts/start.py TRAIN [TEST] --target NAME [-o mine.yaml].

Looks at the tables' columns and writes a commented overlay of config.yaml, then names the command that runs it.
"""

import argparse
import shlex
import sys
from pathlib import Path

from gapscope.common.errors import UserError
from gapscope.common.whole import write_text
from gapscope.config.check import check_encoding
from gapscope.config.defaults import shipped
from gapscope.data.csv_header import is_utf_8
from gapscope.data.read import read_weights
from gapscope.data.setup.overlay import overlay, own_folder
from gapscope.data.setup.proposal import Proposal, proposal
from gapscope.data.setup.table import table
from gapscope.data.source import examined

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> None:
    asked = parser().parse_args(arguments)
    output = Path(asked.output)
    if output.exists() and not asked.force:
        raise UserError(f"{output}: this file is there already; name another with -o, or replace it with --force.")
    data = shipped()["data"] | {"separator": asked.separator, "encoding": asked.encoding}
    check_encoding(asked.encoding)
    wanted = [name for name in (asked.target, asked.weight) if name]
    source = examined(placed(asked.train), in_its_encoding(data, asked.train), wanted)
    target, weight = (name and source.names[source.place(name)] for name in (asked.target, asked.weight))
    train, test = table(source, target), None
    if asked.test:
        other = examined(placed(asked.test), in_its_encoding(data, asked.test), [], train.source.names)
        test = table(other, target, tuple(train.cells.columns))
    found = proposal(train, test, target, data["missing_values"], shipped()["encode"]["max_levels"], weight)
    convention = {"decimal": found.convention.decimal, "thousands": found.convention.thousands}
    for own, written in ((train, {}), (test, found.other)) if asked.weight else ():
        if own is not None:
            alone = {"numeric": [], "categorical": [], "weight": weight, "encoding": own.source.encoding}
            read_weights(own.source.path, data | convention | written | alone)
    data["encoding"] = source.encoding or asked.encoding
    write_text(asked.output, overlay(found, train, test, own_folder(asked.output), data))
    command = f"snakemake -c4 --configfile {shlex.quote(placed(asked.output))}"
    if Path.cwd() != ROOT:
        command = f"cd {shlex.quote(str(ROOT))} && {command}"
    print("\n".join(summary(found, asked.output, command)))


def in_its_encoding(data: dict, path: str) -> dict:
    """The data block, with UTF-8 for a file that is no text of the encoding asked for."""
    return data | {"encoding": "utf-8"} if data["encoding"] != "utf-8" and is_utf_8(path, data["encoding"]) else data


def placed(path: str) -> str:
    """The path as Snakemake is to find it, which runs in the folder of the Snakefile."""
    return path if Path.cwd() == ROOT else str(Path(path).resolve())


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python scripts/start.py", description=__doc__.split(":")[0] + ".")
    parser.add_argument("train", metavar="TRAIN", help="table to learn from: CSV (plain or gzipped) or Parquet")
    parser.add_argument("test", metavar="TEST", nargs="?", help="table to test on, with the same columns")
    parser.add_argument("--target", required=True, metavar="NAME", help="column to predict")
    parser.add_argument("--weight", metavar="NAME", help="column that says how many rows each row stands for")
    parser.add_argument(
        "-o", "--output", default="mine.yaml", metavar="FILE", help="config to write (default: mine.yaml)"
    )
    parser.add_argument(
        "--separator", default="auto", help="of CSV files: comma, semicolon, tab, pipe or another character"
    )
    parser.add_argument("--encoding", default="utf-8", help="of CSV files (default: utf-8)")
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there")
    return parser


def summary(found: Proposal, output: str, command: str) -> list[str]:
    """Return the decisions and the next command, a line each."""
    classes = found.classes.rows
    numeric, categorical, out = (found.named(role) for role in ("numeric", "categorical", "out"))
    return [
        f"target {found.target}: {len(classes)} classes, " + _some([str(value) for value in classes]),
        f"features: {len(numeric)} numeric, {len(categorical)} categorical",
        *([f"weight of each row: {found.weight}"] if found.weight else []),
        *(f"left out: {name}: {found.columns[name].why}" for name in out),
        *found.notes,
        *(
            f"{name}: {kind.why}"
            for name, kind in found.columns.items()
            if kind.role != "out"
            and (kind.date or kind.stray or kind.why.startswith(("codes", "numbers in", "truth values")))
        ),
        *(f"WARNING: {warning}" for warning in found.warnings),
        f"missing values: {found.missing}, since {found.missing_why}",
        f"written: {output} (read it: every decision has its reason there)",
        f"next: {command}",
    ]


def _some(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f", ... ({len(names) - 8} more)" if len(names) > 8 else "")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        keys = [key for key in ("separator", "encoding") if f"data.{key}" in str(error)]
        sys.exit(f"error: {error}" + "".join(f" (Here: with --{key}.)" for key in keys))
