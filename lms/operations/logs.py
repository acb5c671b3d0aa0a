"""Lines of the log: JSON for a site with real people, readable lines for one's own machine.

No personal data: who a request came from is the number of the account, addresses come without
their query strings (slips carry codes there), and of an error only those messages are kept that
speak of the program. A database says which row was in its way; that stays out.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import traceback
from types import TracebackType
from typing import Any

from django.core.exceptions import FieldError, ImproperlyConfigured, SuspiciousOperation
from django.db import OperationalError, ProgrammingError
from django.template import TemplateDoesNotExist, TemplateSyntaxError

from lms.operations.request_ids import current

#: The messages of these name code, never what somebody typed. Subclasses count.
SAFE = (
    ImportError,
    AttributeError,
    NameError,
    TypeError,
    FieldError,
    ImproperlyConfigured,
    TemplateDoesNotExist,
    TemplateSyntaxError,
    OperationalError,
    ProgrammingError,
)
LONGEST = 2000
FRAMES = 40
#: What loggers give along, by `extra=`.
EXTRAS = ("user", "method", "path", "status", "ms")


class JsonFormatter(logging.Formatter):
    """One JSON object in one line."""

    def format(self, record: logging.LogRecord) -> str:
        """`record` as JSON."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        entry: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage()[:LONGEST],
        }
        if name := current.get():
            entry["request_id"] = name
        for extra in EXTRAS:
            if (value := record.__dict__.get(extra)) is not None:
                entry[extra] = value
        if record.exc_info and record.exc_info[0] is not None:
            _, error, trace = record.exc_info
            entry["error"] = describe(error)
            entry["trace"] = frames(trace)
            cause = error.__cause__ or error.__context__
            if cause is not None:
                entry["cause"] = describe(cause)
        return json.dumps(entry, ensure_ascii=False)


class LineFormatter(logging.Formatter):
    """A line for people; errors whole, because here whoever reads is who typed."""

    def format(self, record: logging.LogRecord) -> str:
        """`record` as text, with the request it belongs to."""
        text = super().format(record)
        name = current.get()
        return f"{text} [{name}]" if name and "\n" not in text else text


def describe(error: BaseException | None) -> str:
    """What kind of error it is, with its message only where that names no person."""
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    safe = isinstance(error, SAFE) and not isinstance(error, SuspiciousOperation)
    # The first line: PostgreSQL puts the values of the row into those that follow.
    said = str(error).partition("\n")[0][:LONGEST] if safe else ""
    return f"{name}: {said}" if said else name


def frames(trace: TracebackType | None) -> list[str]:
    """Where it happened: file, line and function, the innermost last; no values."""
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(trace)[-FRAMES:]
    ]
