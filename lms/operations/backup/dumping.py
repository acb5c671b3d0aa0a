"""The tables, in chunks."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

from lms.operations.backup.format import TABLES, Writer
from lms.operations.backup.progress import Progress
from lms.operations.backup.schema import Schema, Table
from lms.operations.backup.snapshot import rows

CHUNK_ROWS = 10_000
CHUNK_BYTES = 4 * 1024 * 1024  # of text, or one row
LEVEL = 4  # of compression: three quarters of the gain for a third of the time


def chunks(table: Table) -> Iterator[tuple[int, bytes]]:
    """(number of rows, packed lines) until the table has been read."""
    lines: list[str] = []
    size = 0
    for row in rows(table):
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        lines.append(line)
        size += len(line)
        if len(lines) >= CHUNK_ROWS or size >= CHUNK_BYTES:
            yield len(lines), _packed(lines)
            lines, size = [], 0
    if lines:
        yield len(lines), _packed(lines)


def _packed(lines: list[str]) -> bytes:
    # Lone surrogates cannot be in either database, so strict UTF-8 holds everything.
    text = "\n".join(lines).encode()
    return gzip.compress(text, compresslevel=LEVEL, mtime=0)


def dump(schema: Schema, writer: Writer, progress: Progress) -> None:
    """Write every table; call within a snapshot."""
    for table in schema.tables:
        for number, (size, packed) in enumerate(chunks(table), start=1):
            writer.add(f"{TABLES}{table.label}/{number:06}.jsonl.gz", packed)
            progress.step(size)
