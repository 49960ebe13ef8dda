"""A proposal as the text of a config overlay: YAML, with the reason for each decision beside it."""

import json
import re
from pathlib import PurePath

import yaml

from gapscope.common.errors import counted
from gapscope.config.defaults import shipped
from gapscope.data.setup.proposal import Proposal
from gapscope.data.setup.table import Table

WIDTH = 34  # of a line before its comment
LONGEST = 200  # letters of a comment
PENALTY, MOST_PENALTY = 10, 0.1  # l2 of relu is PENALTY / rows, at most MOST_PENALTY
DROPOUT, ITERATIONS, BATCH = 0.1, 40, 256
# rows: below the first, relu trains longer with dropout; up to the second, all networks longer
MANY, TOO_MANY = 10_000, 100_000
USUAL = {"separator": "auto", "encoding": "utf-8"}


def overlay(found: Proposal, train: Table, test: Table | None, results: str, data: dict) -> str:
    """The text of the file.

    Args:
        results: a folder of its own. data: config.yaml's data block with the separator and encoding that were used.
    """
    lines = [
        "# From scripts/start.py. Each decision has its reason beside it: correct what you know better.",
        "",
        f"results: {scalar(results)}",
        "",
        "data:",
        "  source: files",
        _line(2, f"train: {scalar(train.source.path)}", _told(train)),
        *_test_lines(found, test, data),
        f"  target: {scalar(found.target)}",
        *_class_lines(found),
        *_column_lines(found),
        *_format_lines(found, data),
        "",
        "clean:",
        _line(2, f"missing: {found.missing}", found.missing_why),
        "",
        *_date_lines(found),
        *_train_lines(train.rows),
        "",
        "report:",
        f"  title: {scalar(f'How well can {found.target} be told?')}",
    ]
    return "\n".join(lines) + "\n"


def _column_lines(found: Proposal) -> list[str]:
    lines = []
    for role in ("numeric", "categorical"):
        named = found.named(role)
        lines.append(f"  {role}:" if named else f"  {role}: []")
        lines += [_line(4, f"- {scalar(name)}", found.columns[name].why) for name in named]
    left_out = found.named("out")
    lines.append("  # left out:" if left_out else "  # no column is left out")
    lines += [_line(2, f"#   {scalar(name)}", found.columns[name].why) for name in left_out]
    return lines + [_line(2, "#", note, lead=" ") for note in found.notes]


def _format_lines(found: Proposal, data: dict) -> list[str]:
    lines = [f"  {key}: {scalar(data[key])}" for key, usual in USUAL.items() if data[key] != usual]
    own, numeric = found.convention, [*found.named("numeric"), found.target]
    if own.decimal == "comma":
        lines.append(_line(2, "decimal: comma", "numbers are written 1,5"))
    if own.thousands != "none":
        shown = ", ".join(f"'{cell}'" for cell, _ in own.samples.values())
        lines.append(_line(2, f"thousands: {own.thousands}", shown))
    units = {name: unit for name, unit in own.units.items() if name in numeric}
    dates = {name: kind.date for name, kind in found.columns.items() if kind.date}
    truth = [name for name, kind in found.columns.items() if kind.truth]
    kept = {name: list(words) for name, words in found.kept.items()}
    for key, value, why in (
        ("units", units, "what stands beside each number"),
        ("dates", dates, "read as days since 1970-01-01"),
        ("truth", truth, "read as True and False, however they are spelt"),
        ("not_missing", kept, "missing values elsewhere"),
        ("weight", found.weight, "how many rows of the population each row stands for"),
    ):
        if value:
            lines.append(_line(2, f"{key}: {scalar(value)}", why))
    if found.stray:
        words = ", ".join(map(scalar, [*data["missing_values"], *found.stray]))
        told = f"{', '.join(found.stray)}: no numbers, but among numbers; the others are the usual ones"
        lines.append(_line(2, f"missing_values: [{words}]", told))
    return lines


def _date_lines(found: Proposal) -> list[str]:
    dates = {name: "calendar" for name, kind in found.columns.items() if kind.date}
    if not dates:
        return []
    return ["encode:", _line(2, f"transform: {scalar(dates)}", "days, year, month, weekday, hour as columns"), ""]


def _train_lines(rows: int) -> list[str]:
    """Training that suits the number of rows, chosen by cross-validation within training tables (docs/peers.md)."""
    penalty, own = min(PENALTY / rows, MOST_PENALTY), shipped()["train"]["per_activation"]
    longer = {"dropout": DROPOUT, "iterations": ITERATIONS} if rows < MANY else {}
    own["relu"] = own["relu"] | {"l2": float(f"{penalty:.2g}")} | longer
    why = f"of relu, l2 is {PENALTY} / rows, since a network overfits small tables more"
    lines = ["train:", _line(2, f"per_activation: {scalar(own)}", why)]
    if MANY <= rows < TOO_MANY:
        lines.append(_line(2, f"batch_size: {BATCH}", "more updates than the default, which helps with this many rows"))
        lines.append(_line(2, f"iterations: {ITERATIONS}", "for the same reason"))
    return lines


def _test_lines(found: Proposal, test: Table | None, data: dict) -> list[str]:
    if test is None:
        return [_line(2, "test: none", "no test table: the validation rows are all there is to judge by")]
    lines = [_line(2, f"test: {scalar(test.source.path)}", _told(test))]
    if found.labels == "absent":
        lines.append(_line(2, "test_labels: absent", f"it has no values of {found.target}"))
    encoding = test.source.encoding or data["encoding"]
    other = found.other | ({"encoding": encoding} if encoding != data["encoding"] else {})
    if other:
        lines.append(
            _line(2, f"test_format: {scalar(other)}", "what this file writes otherwise than the training file")
        )
    return lines


def _class_lines(found: Proposal) -> list[str]:
    classes = found.classes.rows
    if found.classes.bins:
        order = "ranges of numbers; rename them as you like, in this order"
    elif all(isinstance(value, int) for value in classes):
        order = "numbers in their order; to name them, write the names here, and these numbers as codes: [...]"
    else:
        order = "sorted; the order is yours to change: it is that of every table and figure"
    lines = [_line(2, "classes:", order)]
    for value, rows in classes.items():
        told = counted(rows, "training row")
        if rows == 0:
            told = "in the test table alone: no network can learn it"
        elif rows < 5:
            told += ": too few to learn it from, or to judge it by"
        lines.append(_line(4, f"- {scalar(value)}", told))
    if found.classes.bins:
        bins = ", ".join(map(repr, found.classes.bins))
        lines.append(_line(2, f"bins: [{bins}]", "quantiles of the training rows, where one class ends"))
    return lines


def _told(own: Table) -> str:
    judged = f", judged by every {own.every}th row" if own.every > 1 else ""
    return f"{own.source.words}; {own.rows:,} rows, {len(own.cells.columns)} columns{judged}"


def _line(indent: int, text: str, comment: str, lead: str = "  # ") -> str:
    words = "".join(letter if letter.isprintable() else " " for letter in comment)
    words = words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
    return (f"{' ' * indent}{text}".ljust(WIDTH) if lead[:2] == "  " else f"{' ' * indent}{text}") + lead + words


def scalar(value) -> str:
    """A text, a number, or a list or map of them as YAML reads it back, on one line."""
    if isinstance(value, (int, float)):
        return str(value) if isinstance(value, int) else f"{value:.9f}".rstrip("0")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {scalar(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(scalar, value))}]"
    plain = re.fullmatch(r"[A-Za-z_/.][\w./() -]*", value, re.ASCII) and not value.endswith(" ")
    if plain and yaml.safe_load(f"[{value}]") == [value]:
        return value
    return json.dumps(value, ensure_ascii=not value.isprintable())


def own_folder(path: str) -> str:
    """results/<name of the overlay>, with letters, digits, '-' and '_' alone."""
    return "results/" + (re.sub(r"[^\w-]", "_", PurePath(path).stem, flags=re.ASCII) or "own")
