"""Readers report faults; authors answer; readers see the answer."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.feedback.errors import CannotAnswer, CannotReport
from lms.feedback.models import ContentReport
from lms.people.models import User
from lms.plugins.vietnamese import nfc

LONGEST = 2000
ANSWERS = (ContentReport.State.MENDED, ContentReport.State.NO_FAULT, ContentReport.State.LATER)


@dataclass(frozen=True)
class Spot:
    """What a report is about: a lesson or an activity of a course, by translation key.

    `place` narrows it down in the reporter's words, such as the number of a question.
    """

    where: ContentReport.Where
    key: uuid.UUID
    course_key: uuid.UUID
    title: str
    language: str
    place: str = ""


@transaction.atomic
def report_content(
    *, user: User, spot: Spot, kind: str, text: str, show_name: bool = False
) -> ContentReport:
    """Tell the authors. What the same person says of the same spot again, while that is open, is
    added to the report that there is; the same words twice are one report.

    Raises CannotReport without words, with too many, or for a kind that there is not.
    """
    said = nfc(text).strip()
    if kind not in ContentReport.Kind.values:
        raise CannotReport(_("Choose what kind of fault it is."))
    if not said:
        raise CannotReport(_("Write in a few words what is wrong."))
    User.objects.select_for_update().get(pk=user.pk)  # two presses of one person, one after another
    place = " ".join(nfc(spot.place).split())[:80]
    known = ContentReport.objects.filter(
        reporter=user,
        where=spot.where,
        key=spot.key,
        place=place,
        state=ContentReport.State.OPEN,
    ).first()
    whole = said
    if known is not None:
        whole = known.text if said in known.text else f"{known.text}\n\n{said}"
    if len(whole) > LONGEST:
        raise CannotReport(
            _("This is too long: %(longest)d characters fit, with what was reported here before.")
            % {"longest": LONGEST}
        )
    report = known or ContentReport(
        reporter=user,
        where=spot.where,
        key=spot.key,
        course_key=spot.course_key,
        title=spot.title[:255],
        language=spot.language,
        place=place,
        at=timezone.now(),
    )
    report.kind, report.text, report.show_name = kind, whole, show_name
    report.save()
    return report


@transaction.atomic
def answer_report(*, report: ContentReport, by: User, state: str, text: str) -> ContentReport:
    """Answer; the reporter sees it as new. What was put off can be answered again.

    Raises CannotAnswer when it is done with already, or the answer has no words.
    """
    row = ContentReport.objects.select_for_update().get(pk=report.pk)
    if not row.is_waiting:
        raise CannotAnswer(_("Somebody has answered this report already."))
    if state not in ANSWERS:
        raise CannotAnswer(_("Choose what came of it."))
    said = nfc(text).strip()
    if not said:
        raise CannotAnswer(_("Write a sentence to the person who reported it."))
    if len(said) > LONGEST:
        raise CannotAnswer(_("At most %(longest)d characters fit.") % {"longest": LONGEST})
    row.state, row.answer = state, said
    row.answered_by, row.answered_at, row.read_at = by, timezone.now(), None
    row.save()
    return row


@transaction.atomic
def mark_answers_read(*, user: User) -> int:
    """The person has seen the answers; gives how many were new."""
    return ContentReport.objects.new_answers_for(user).update(read_at=timezone.now())
