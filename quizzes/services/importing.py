"""Files of questions on their way into the bank: kept, shown, and imported once confirmed."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lms.plugins.contracts import Json
from lms.plugins.errors import DomainError
from lms.plugins.richtext import Profile, clean
from lms.plugins.vietnamese import nfc
from quizzes.contracts import question_type
from quizzes.exchange.drafts import Draft, Fault, UnreadableFile
from quizzes.exchange.loading import Reading, load_questions, read_questions
from quizzes.models import QuestionImport
from quizzes.models.imports import IMPORTS

if TYPE_CHECKING:
    from lms.people.models import User

KEPT: Final = dt.timedelta(days=2)
MOST_WAITING: Final = 5  # of one person; the oldest go first
_WORDS: Final = 140  # characters of a question, and of its key
_STATES = QuestionImport.State


class NoSuchImport(DomainError):
    """There is no such file, it is another person's, or it waits no more."""

    def __init__(self) -> None:
        super().__init__(_("This file is no longer waiting. Choose it again."))


class NotAsConfirmed(DomainError):
    """What would be imported is not what was confirmed."""


class AlreadyImported(DomainError):
    """The same bytes were imported before, and nobody said that they are wanted again."""

    def __init__(self) -> None:
        super().__init__(_("This file was imported before. Confirm that you want it again."))


def keep(name: str, content: bytes, *, by: User, at: dt.datetime) -> QuestionImport:
    """Keep a file until it is confirmed, with what it would bring. Raises UnreadableFile."""
    found = read_questions(name, content)
    if not found.drafts and not found.faults:
        raise UnreadableFile(_("There is no question in the file."))
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        waiting = QuestionImport.objects.filter(by=by, state=_STATES.WAITING)
        _remove(waiting.filter(sha256=sha256))
        _remove(waiting[MOST_WAITING - 1 :])
        made = QuestionImport(
            by=by,
            at=at,
            name=nfc(name)[-200:],
            sha256=sha256,
            size=len(content),
            preview=_preview(found),
        )
        made.file.save(name, ContentFile(content), save=False)
        try:
            made.save(force_insert=True)
        except BaseException:
            made.file.delete(save=False)
            raise
    return made


def waiting_import(import_uuid: uuid.UUID, *, by: User) -> QuestionImport:
    """The file that this person sent in and has not confirmed. Raises NoSuchImport."""
    rows = QuestionImport.objects.filter(by=by, state=_STATES.WAITING)
    found = rows.filter(uuid=import_uuid).first()
    if found is None:
        raise NoSuchImport
    return found


def earlier(sent: QuestionImport) -> QuestionImport | None:
    """When the same bytes were imported last, by whomever."""
    rows = QuestionImport.objects.filter(sha256=sent.sha256, state=_STATES.IMPORTED)
    return rows.select_related("by").order_by("-imported_at").first()


def confirm(
    import_uuid: uuid.UUID,
    *,
    by: User,
    at: dt.datetime,
    count: int,
    left_out: int,
    again: bool = False,
) -> QuestionImport:
    """Import as drafts what the person saw: so many questions, so many left out.

    `again`: the person knows that the same file was imported before. The file is read once more.
    Raises NoSuchImport (also for what was confirmed meanwhile), AlreadyImported,
    NotAsConfirmed, UnreadableFile.
    """
    with transaction.atomic():
        # Whoever confirms twice waits here, and then finds that it is done.
        rows = QuestionImport.objects.select_for_update().filter(by=by, state=_STATES.WAITING)
        sent = rows.filter(uuid=import_uuid).first()
        if sent is None:
            raise NoSuchImport
        if earlier(sent) is not None and not again:
            raise NotAsConfirmed(
                _("This file was imported before. Confirm that you want it again.")
            )
        content = _content(sent)
        # Taken before the long work: on SQLite, which locks no rows, the second one finds it so.
        sent.state, sent.imported_at = _STATES.IMPORTED, at
        sent.save(update_fields=["state", "imported_at"])
        found = read_questions(sent.name, content)
        if (len(found.drafts), _left_out(found)) != (count, left_out) or not found.drafts:
            raise NotAsConfirmed(
                _("The file brings something else than was shown. Look at it again.")
            )
        sent.made = len(load_questions(found.drafts, by_id=by.pk))
        sent.left_out = left_out
        storage, name = sent.file.storage, str(sent.file.name)
        sent.file, sent.preview = "", {}
        sent.save()
        transaction.on_commit(lambda: storage.delete(name))
    return sent


def look_again(import_uuid: uuid.UUID, *, by: User) -> None:
    """Read a waiting file anew, where it brings something else now than when it was sent in.

    Raises NoSuchImport, UnreadableFile.
    """
    sent = waiting_import(import_uuid, by=by)
    sent.preview = _preview(read_questions(sent.name, _content(sent)))
    sent.save(update_fields=["preview"])


def discard(import_uuid: uuid.UUID, *, by: User) -> None:
    """Remove a file that is not wanted. Raises NoSuchImport."""
    waiting_import(import_uuid, by=by).delete()


def remove_old(now: dt.datetime) -> int:
    """Remove what was never confirmed, and files that no row knows; how many there were."""
    removed = _remove(QuestionImport.objects.filter(state=_STATES.WAITING, at__lt=now - KEPT))
    folder = Path(settings.MEDIA_ROOT) / IMPORTS
    for path in folder.iterdir() if folder.is_dir() else ():
        is_old = path.stat().st_mtime < (now - KEPT).timestamp()
        name = path.relative_to(settings.MEDIA_ROOT).as_posix()
        if is_old and not QuestionImport.objects.filter(file=name).exists():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _content(sent: QuestionImport) -> bytes:
    """The bytes that were sent in. Raises NoSuchImport where they are gone or are others."""
    try:
        with sent.file.open("rb") as file:
            content: bytes = file.read()
    except (OSError, ValueError) as error:
        raise NoSuchImport from error
    if hashlib.sha256(content).hexdigest() != sent.sha256:
        raise NoSuchImport
    return content


def _remove(rows: QuerySet[QuestionImport] | Iterable[QuestionImport]) -> int:
    return sum(each.delete()[0] for each in rows)


def _preview(found: Reading) -> Json:
    """What the page shows: a line per question, and the problems of each side."""
    kept = {draft.place for draft in found.drafts}
    pairs = zip(found.drafts, found.contents, strict=True)
    return {
        "format": str(found.format.label),
        "counts": found.counts,
        "questions": [_line(draft, data) for draft, data in pairs],
        "lost": [_told(each) for each in found.faults if each.place not in kept],
        "notes": [_told(each) for each in found.faults if each.place in kept],
        "left_out": _left_out(found),
    }


def _left_out(found: Reading) -> int:
    """How many questions have problems so that they stay out: each is named by its place."""
    kept = {draft.place for draft in found.drafts}
    return len({each.place for each in found.faults} - kept)


def _told(fault: Fault) -> Json:
    return {"place": fault.place, "message": fault.message}


def _line(draft: Draft, data: Json) -> Json:
    kind = question_type(draft.type_key)
    answer = kind.solution(data)
    return {
        "place": draft.place,
        "kind": draft.type_key,
        "words": _short(html.unescape(clean(str(data["prompt"]), Profile.PLAIN))),
        "key": _short(kind.describe(data, answer)) if answer is not None else "",
        "category": " / ".join(draft.category),
        "pictures": len(draft.pictures),
    }


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _WORDS else f"{text[: _WORDS - 1].rstrip()}…"
