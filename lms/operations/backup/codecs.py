"""Values of the database as JSON and back, the same from every engine.

Rows are read and written without the models' own Python: what a field makes of its value (rich
text, streams, files) is not the backup's business. Text, numbers and JSON (as text) stay as they
are; the others have one form: times in UTC, UUIDs with dashes, decimals as text, bytes in base64,
durations in microseconds.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

Change = Callable[[Any], Any]

#: What Django calls them; whatever is not here cannot be carried from one engine to another.
AS_THEY_ARE: Final = frozenset(
    {
        *("AutoField", "BigAutoField", "SmallAutoField"),
        *("IntegerField", "BigIntegerField", "SmallIntegerField", "FloatField"),
        *("PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField"),
        *("CharField", "TextField", "SlugField", "FileField", "FilePathField"),
        *("GenericIPAddressField", "IPAddressField", "JSONField"),
    }
)
CHANGED: Final = frozenset(
    {
        *("BooleanField", "DateTimeField", "DateField", "TimeField", "DecimalField"),
        *("UUIDField", "BinaryField", "DurationField"),
    }
)
#: Read as the text that SQLite keeps, not as what Python's driver makes of it.
AS_TEXT_IN_SQLITE: Final = frozenset({"DateTimeField", "DateField", "TimeField"})
UTC_MARK: Final = "+00:00"


def is_known(kind: str) -> bool:
    """Whether values of such fields can be carried."""
    return kind in AS_THEY_ARE or kind in CHANGED


def _dashes(hexadecimal: str) -> str:
    h = hexadecimal
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def _base64(value: bytes | memoryview) -> str:
    return base64.b64encode(value).decode("ascii")


def _in_utc(value: dt.datetime) -> str:
    return str(value.astimezone(dt.UTC))


def _microseconds(value: dt.timedelta) -> int:
    return value // dt.timedelta(microseconds=1)


def _from_sqlite(kind: str, places: int) -> Change | None:
    exponent = Decimal(1).scaleb(-places)
    changes: dict[str, Change] = {
        "BooleanField": bool,
        "DateTimeField": lambda value: value + UTC_MARK,
        "DecimalField": lambda value: str(Decimal(repr(value)).quantize(exponent)),
        "UUIDField": _dashes,
        "BinaryField": _base64,
    }
    return changes.get(kind)


def _from_postgresql(kind: str) -> Change | None:
    changes: dict[str, Change] = {
        "DateTimeField": _in_utc,
        "DateField": str,
        "TimeField": str,
        "DecimalField": str,
        "UUIDField": str,
        "BinaryField": _base64,
        "DurationField": _microseconds,
    }
    return changes.get(kind)


def reader(vendor: str, kind: str, places: int = 0) -> Change | None:
    """What turns a value of the engine into the backup's; None where nothing is to be done."""
    return _from_sqlite(kind, places) if vendor == "sqlite" else _from_postgresql(kind)


def writer(vendor: str, kind: str) -> Change | None:
    """What turns a value of the backup into one that the engine takes."""
    if kind == "BinaryField":
        return base64.b64decode
    if vendor == "sqlite":
        changes: dict[str, Change] = {
            "DateTimeField": lambda value: value.removesuffix(UTC_MARK),
            "UUIDField": lambda value: value.replace("-", ""),
            "BooleanField": int,
        }
        return changes.get(kind)
    if kind == "DurationField":
        return lambda value: dt.timedelta(microseconds=value)
    return None  # COPY takes text for everything
