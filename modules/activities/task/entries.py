"""Reads what a learner typed into the form of a task. Pure: no database.

Every field comes with what its page showed before (`seen-…`). Only a field that the learner
changed is taken, so a tab that was opened yesterday does not undo what was saved since.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from modules.activities.task.models import NOTE_LIMIT

EARLIEST = dt.timedelta(days=366)  # a step may have been done before the attempt, but not long
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
WRITTEN = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", re.ASCII)
UNWANTED = dict.fromkeys((*range(0x09), 0x0B, *range(0x0D, 0x20), *range(0x7F, 0xA0)))


def typed_in(response: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form as the platform hands them over, each with its last text."""
    return {
        name: values[-1]
        for name, values in response.items()
        if isinstance(values, list) and values and isinstance(values[-1], str)
    }


@dataclass
class Changes:
    """What to change: dates by step (None: not done after all), the note, and what is wrong.

    `errors` are by field name; nothing is changed in those fields.
    """

    dates: dict[uuid.UUID, dt.date | None] = field(default_factory=dict)
    note: str | None = None
    seen_note: str | None = None  # mark of the note that the learner saw; None: not said
    errors: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.dates) or self.note is not None


def step_field(key: uuid.UUID) -> str:
    """The name of the field that holds the date of a step."""
    return f"step-{key}"


def read_changes(
    data: Mapping[str, str], keys: Iterable[uuid.UUID], *, today: dt.date, begun_on: dt.date
) -> Changes:
    """What `data` (a form) changes in the steps `keys` and the note; other fields mean nothing."""
    changes = Changes()
    for key in keys:
        name = step_field(key)
        if name not in data or data[name] == data.get(f"seen-{name}"):
            continue
        try:
            changes.dates[key] = read_date(data[name], today=today, begun_on=begun_on)
        except ValueError as error:
            changes.errors[name] = str(error)
    if "note" in data:
        _read_note(data, changes)
    return changes


def _read_note(data: Mapping[str, str], changes: Changes) -> None:
    note = plain_text(data["note"])
    changes.seen_note = data.get("seen-note")
    if changes.seen_note == mark_of(note):
        return
    if len(note) > NOTE_LIMIT:
        changes.errors["note"] = _(
            "The note has %(count)d characters, %(limit)d are allowed. Nothing was cut: "
            "please shorten it."
        ) % {"count": len(note), "limit": NOTE_LIMIT}
    else:
        changes.note = note


def read_date(text: str, *, today: dt.date, begun_on: dt.date) -> dt.date | None:
    """The date in `text` (2026-11-23 or 23/11/2026), None when it is empty.

    Raises ValueError, with a message for people, for what is no date, lies in the future, or
    more than a year before the learner began.
    """
    text = text.strip()
    if not text:
        return None
    if match := ISO.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := WRITTEN.fullmatch(text):
        day, month, year = map(int, match.groups())
    else:
        raise ValueError(_("Write the date as day/month/year, such as 23/11/2026."))
    try:
        date = dt.date(year, month, day)
    except ValueError:
        raise ValueError(_("There is no such day in the calendar.")) from None
    if date > today:
        raise ValueError(_("This day is still to come. Give the day on which it was done."))
    if date < begun_on - EARLIEST:
        raise ValueError(_("This is more than a year before you began the task."))
    return date


def plain_text(text: str) -> str:
    """`text` without control characters and white space around it, in NFC, lines kept."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    kept = "".join(char for char in lines.translate(UNWANTED) if not "\ud800" <= char <= "\udfff")
    return unicodedata.normalize("NFC", kept).strip()


def mark_of(note: str) -> str:
    """A short mark by which a page says which note it showed."""
    return hashlib.sha256(note.encode()).hexdigest()[:16]
