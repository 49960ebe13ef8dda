"""A first config for your own data: python scripts/start.py TRAIN [TEST] --target NAME [-o mine.yaml].

Looks at the tables' columns and writes a commented overlay of config.yaml, then names the command that runs it.
"""

import argparse
import shlex
import sys
from pathlib import Path

from gapscope.common.errors import UserError
from gapscope.common.whole import write_text
from gapscope.config.defaults import shipped
from gapscope.config.rules import check_encoding
from gapscope.data.read import read_weights
from gapscope.data.setup.overlay import overlay, own_folder
from gapscope.data.setup.proposal import Proposal, proposal, table
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
    train = table(examined(placed(asked.train), data, wanted), asked.target)
    test = table(examined(placed(asked.test), data, [], train.source.names), asked.target) if asked.test else None
    max_levels = shipped()["encode"]["max_levels"]
    proposed = proposal(train, test, asked.target, data["missing_values"], max_levels, asked.weight)
    for side in (train, test) if asked.weight else ():
        if side is not None:
            alone = {"numeric": [], "categorical": [], "weight": asked.weight, "decimal": proposed.decimal}
            read_weights(side.source.path, data | alone)
    write_text(asked.output, overlay(proposed, train, test, own_folder(asked.output), data))
    command = f"snakemake -c4 --configfile {shlex.quote(placed(asked.output))}"
    if Path.cwd() != ROOT:
        command = f"cd {shlex.quote(str(ROOT))} && {command}"
    print("\n".join(summary(proposed, asked.output, command)))


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
        "--separator", default="auto", choices=["auto", "comma", "semicolon", "tab"], help="of CSV files"
    )
    parser.add_argument("--encoding", default="utf-8", help="of CSV files (default: utf-8)")
    parser.add_argument("--force", action="store_true", help="replace FILE if it is there")
    return parser


def summary(proposed: Proposal, output: str, command: str) -> list[str]:
    """Lines on the decisions and the next command."""
    numeric, categorical, out = (proposed.named(role) for role in ("numeric", "categorical", "out"))
    return [
        f"target {proposed.target}: {len(proposed.classes)} classes, " + _some(list(map(str, proposed.classes))),
        f"features: {len(numeric)} numeric, {len(categorical)} categorical",
        *([f"weight of each row: {proposed.weight}"] if proposed.weight else []),
        *(f"left out: {name}: {proposed.columns[name].why}" for name in out),
        *proposed.notes,
        *(f"WARNING: {name} gives the class away; is it known before the class is?" for name in proposed.leaks),
        f"missing values: {proposed.missing}, since {proposed.missing_why}",
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
