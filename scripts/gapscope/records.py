"""What a stage did: settings, code, and the checksums of what it read and wrote, in <results>/.records/<stage>.json.

A record is removed before its stage writes anything and appears when all outputs are whole: a result without one, or
with other bytes than its record says, does not count.
"""

import hashlib
import json
from contextlib import contextmanager
from pathlib import Path

from gapscope.errors import UserError
from gapscope.memory import sha256, signature
from gapscope.whole import write_text

FOLDER = ".records"


def record_path(log: str) -> Path:
    """Beside the folder of the logs: <results>/logs/train_relu.log has <results>/.records/train_relu.json."""
    log = Path(log)
    return log.parent.parent / FOLDER / f"{log.stem}.json"


def read_record(path: Path) -> dict | None:
    """The record; None where there is none or it is damaged, which has the same consequence: the stage runs again."""
    if not path.is_file():
        return None
    seal, _, text = path.read_bytes().decode("utf-8", errors="replace").partition("\n")
    return json.loads(text) if seal == _seal(text) else None


def write_record(path: Path, record: dict) -> None:
    text = json.dumps(record, indent=1, ensure_ascii=False)
    write_text(path, f"{_seal(text)}\n{text}")


def key_of(rule: str, settings: dict, code: dict, inputs: dict[str, str], outputs: list[str]) -> str:
    """One text for all that determines a stage's outputs: the same key means the same bytes."""
    return hashlib.sha256(json.dumps([rule, settings, code, inputs, outputs]).encode()).hexdigest()


def recorded_key(record: dict) -> str:
    return key_of(record["rule"], record["settings"], record["code"], record["inputs"], list(record["outputs"]))


@contextmanager
def recorded(rule: str, log: str, inputs: list[str], outputs: list[str], settings: dict, code: dict):
    """Runs a stage's work between the check of its inputs and the record of its outputs.

    Raises UserError where an input is not what the stage before wrote, or changes while it is being read.
    """
    path = record_path(log)
    path.unlink(missing_ok=True)
    before = {name: signature(name) for name in inputs}
    contents = {name: sha256(name) for name in inputs}
    written = _written({folder for name in inputs for folder in Path(name).parents})
    for name, content in contents.items():
        written_by, expected = written.get(name, (None, content))
        if expected != content:
            raise UserError(
                f"{name}: damaged, or changed by hand: these are not the bytes that {written_by} wrote. Run snakemake "
                "again: it makes the file anew."
            )
    yield
    for name in inputs:
        if signature(name) != before[name]:
            raise UserError(f"{name}: changed while {rule} was reading it; run snakemake again.")
    results = {name: sha256(name) for name in outputs}
    write_record(path, {"rule": rule, "settings": settings, "code": code, "inputs": contents, "outputs": results})


def _written(folders: set[Path]) -> dict[str, tuple[str, str]]:
    """Each file that a stage wrote: the stage, and the file's checksum then, by the records in `folders`."""
    paths = sorted(path for folder in folders for path in (folder / FOLDER).glob("*.json"))
    records = [record for record in map(read_record, paths) if record]
    return {name: (record["rule"], content) for record in records for name, content in record["outputs"].items()}


def _seal(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
