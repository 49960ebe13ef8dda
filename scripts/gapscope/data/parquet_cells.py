"""A Parquet file from outside: its columns' names, and their cells as text."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from gapscope.common.errors import UserError

PART = 1 << 14  # rows at a time
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}  # in a unit of a duration
TYPES = pa.types


def schema(path: str) -> pa.Schema:
    with _file(path) as file:
        return file.schema_arrow


def unreadable(path: str) -> dict[str, str]:
    """The columns whose cells are no numbers, texts, truth values, dates or times, with their type in words."""
    words = {field.name: _unlike_text(_bare(field.type)) for field in schema(path)}
    return {name: said for name, said in words.items() if said}


def _bare(kind: pa.DataType) -> pa.DataType:
    """The type of the values themselves, of a dictionary or an extension type."""
    if TYPES.is_dictionary(kind):
        return _bare(kind.value_type)
    return _bare(kind.storage_type) if isinstance(kind, pa.BaseExtensionType) else kind


def _unlike_text(kind: pa.DataType) -> str | None:
    if TYPES.is_struct(kind) or TYPES.is_map(kind) or TYPES.is_union(kind):
        return f"several values in a cell ({str(kind)[:40]})"
    if TYPES.is_nested(kind):
        return f"lists ({str(kind)[:40]})"
    binary = TYPES.is_binary(kind) or TYPES.is_large_binary(kind) or TYPES.is_fixed_size_binary(kind)
    return f"bytes ({kind})" if binary else None


def cell_blocks(path: str, names: list[str]) -> Iterator[pa.RecordBatch]:
    """The named columns as text, with nulls where cells are missing; a duration in seconds."""
    with _file(path) as file:
        for batch in file.iter_batches(PART, columns=names, use_threads=False):
            yield pa.record_batch({name: _as_text(path, name, batch[name]) for name in names})


def _as_text(path: str, name: str, column: pa.Array) -> pa.Array:
    try:
        if isinstance(column, pa.ExtensionArray):
            column = column.storage
        if TYPES.is_dictionary(column.type):
            column = column.dictionary_decode()
        kind = column.type
        if _unlike_text(kind):
            raise pa.ArrowInvalid(str(kind))
        if TYPES.is_duration(kind):
            column = pc.multiply(column.cast(pa.int64()).cast(pa.float64()), SECONDS[kind.unit])
        if TYPES.is_timestamp(kind) and kind.tz:
            column = pc.local_timestamp(column)
        if TYPES.is_float16(kind):
            column = column.cast(pa.float32())
        return column.cast(pa.string())
    except pa.ArrowException:
        raise UserError(
            f"{path}: column '{name}' has values of the type {column.type}; expected numbers, texts, truth values, "
            "dates or times."
        ) from None


@contextmanager
def _file(path: str) -> Iterator[pyarrow.parquet.ParquetFile]:
    try:
        with pyarrow.parquet.ParquetFile(path, pre_buffer=False) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        said = " ".join(str(error).split())[:200]
        raise UserError(f"{path}: a damaged Parquet file ({said}); copy it anew.") from None
