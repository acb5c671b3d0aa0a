"""Files of answers: taken while the question is open, and removed again."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.learning.api import attempt_for_marker
from lms.people.api import person_of
from lms.plugins.errors import DomainError
from quizzes.attachments import FileRefused, read
from quizzes.contracts import Fields
from quizzes.models import SittingSlot
from quizzes.models.files import FOLDER, ResponseFile
from quizzes.services.answering import (
    NoSuchSitting,
    QuestionClosed,
    Receipt,
    open_slots,
    save_answer,
)
from quizzes.tries import response_of, stage_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from lms.people.models import User

LARGEST = 10 * 2**20
STRAY = dt.timedelta(days=1)


class NoSuchFile(DomainError):
    """There is no such file, or it is another person's."""

    def __init__(self) -> None:
        super().__init__(_("This file was not found."))


def largest() -> int:
    """How many bytes a file may have."""
    return int(getattr(settings, "LMS_ANSWER_BYTES", LARGEST))


def keep_file(
    *,
    person_id: int | None,
    attempt_uuid: uuid.UUID,
    position: int,
    upload: UploadedFile[bytes],
    at: dt.datetime,
) -> tuple[ResponseFile, Receipt]:
    """Keep a file and put it to the answer. The same bytes again are the file that is there.

    Raises FileRefused, QuestionClosed, AttemptClosed, NoSuchSitting.
    """
    if not SittingSlot.objects.filter(
        sitting__attempt__uuid=attempt_uuid,
        sitting__attempt__enrolment__person_id=person_id or 0,
        position=position,
    ).exists():
        raise NoSuchSitting
    if (upload.size or 0) > largest():
        raise FileRefused(
            _("“%(name)s” is larger than %(megabytes)d MB.")
            % {"name": upload.name, "megabytes": largest() // 2**20}
        )
    # Before the lock: drawing a large picture takes a second, and others want to write.
    taken = read(upload.name or "", upload.read())
    with transaction.atomic():
        slot = _open_slot(person_id, attempt_uuid, position)
        found = slot.files.filter(sha256=taken.sha256).first()
        if found is not None:
            return found, _attach(slot, person_id, found, at)
        _check_count(slot)
        made = ResponseFile(
            slot=slot,
            name=taken.name,
            content_type=taken.content_type,
            size=len(taken.content),
            sha256=taken.sha256,
            created_at=at,
        )
        made.file.save(taken.name, ContentFile(taken.content), save=False)
        try:
            made.save(force_insert=True)
            return made, _attach(slot, person_id, made, at)
        except BaseException:
            made.file.delete(save=False)
            raise


def delete_file(*, person_id: int | None, file_uuid: uuid.UUID, at: dt.datetime) -> Receipt:
    """Remove a file, from the answer too.

    Raises QuestionClosed, AttemptClosed; NoSuchFile where it is another person's.
    """
    with transaction.atomic():
        file = file_of(file_uuid)
        sitting = file.slot.sitting
        if person_id is None or sitting.attempt.enrolment.person_id != person_id:
            raise NoSuchFile
        slot = _open_slot(person_id, sitting.attempt.uuid, file.slot.position)
        slot.files.filter(pk=file.pk).delete()
        ids = [each for each in _ids(slot) if each != str(file.uuid)]
        return _save(slot, person_id, ids, at)


def file_of(file_uuid: uuid.UUID) -> ResponseFile:
    """The file with whose attempt it belongs to. Raises NoSuchFile."""
    found = (
        ResponseFile.objects.filter(uuid=file_uuid)
        .select_related("slot__sitting__attempt__enrolment")
        .first()
    )
    if found is None:
        raise NoSuchFile
    return found


def may_read(user: User | AnonymousUser, file: ResponseFile) -> bool:
    """Whether `user` may have the file: who sent it in, and once it is handed in who may mark it.

    That a marker looked is noted for the learner.
    """
    person = person_of(user)
    attempt = file.slot.sitting.attempt
    if person is not None and attempt.enrolment.person_id == person.pk:
        return True
    return user.is_authenticated and attempt_for_marker(user, attempt.uuid) is not None


def files_at(
    attempt_id: int, position: int, ids: Sequence[str] | None = None
) -> list[ResponseFile]:
    """The files at a question of an attempt; with `ids` those of them that an answer names."""
    rows = ResponseFile.objects.filter(
        slot__sitting__attempt_id=attempt_id, slot__position=position
    )
    return list(rows if ids is None else rows.filter(uuid__in=ids))


def remove_strays(now: dt.datetime) -> int:
    """Remove files that no row knows, as an interrupted upload leaves them; how many there were.

    For the periodic tick.
    """
    folder = Path(settings.MEDIA_ROOT) / FOLDER
    removed = 0
    for path in folder.glob("*/*") if folder.is_dir() else ():
        is_old = path.stat().st_mtime < (now - STRAY).timestamp()
        name = path.relative_to(settings.MEDIA_ROOT).as_posix()
        if is_old and not ResponseFile.objects.filter(file=name).exists():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _open_slot(person_id: int | None, attempt_uuid: uuid.UUID, position: int) -> SittingSlot:
    slots = open_slots(person_id, attempt_uuid, position=position)
    if not slots:
        raise NoSuchSitting
    if not stage_of(slots[0]).is_open:
        raise QuestionClosed
    return slots[0]


def _check_count(slot: SittingSlot) -> None:
    data = slot.version.data
    allowed = int(data.get("files") or 0) if data.get("may_attach") else 0
    if not allowed:
        raise FileRefused(_("No files can be attached here."))
    if slot.files.count() >= allowed:
        raise FileRefused(
            ngettext(
                "Only %(count)d file can be attached. Remove it first.",
                "Only %(count)d files can be attached. Remove one first.",
                allowed,
            )
            % {"count": allowed}
        )


def _ids(slot: SittingSlot) -> list[str]:
    response = response_of(slot)
    answer = response.answer if response is not None else None
    return list(answer.get("files", [])) if answer else []


def _attach(
    slot: SittingSlot, person_id: int | None, file: ResponseFile, at: dt.datetime
) -> Receipt:
    name = str(file.uuid)
    return _save(slot, person_id, [*(each for each in _ids(slot) if each != name), name], at)


def _save(slot: SittingSlot, person_id: int | None, ids: Sequence[str], at: dt.datetime) -> Receipt:
    """The answer as it stands, with these files."""
    response = response_of(slot)
    answer = response.answer if response is not None else None
    fields: Fields = Fields()
    fields.setlist(f"a{slot.position}", [answer.get("text", "") if answer else ""])
    fields.setlist(f"a{slot.position}-file", list(ids))
    return save_answer(
        person_id=person_id,
        attempt_uuid=slot.sitting.attempt.uuid,
        position=slot.position,
        fields=fields,
        at=at,
    )
