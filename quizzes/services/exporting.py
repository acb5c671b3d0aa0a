"""Questions of the bank as a file of another system."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lms.plugins.errors import DomainError
from quizzes.exchange.drafts import Fault
from quizzes.exchange.formats import QuestionFormat, formats
from quizzes.exchange.loading import MOST
from quizzes.models import Question


class NothingToExport(DomainError):
    """No question was chosen, or too many."""


@dataclass(frozen=True)
class Exported:
    """A file, and what it cannot hold."""

    content: bytes
    faults: list[Fault]
    extension: str


def writing_formats() -> list[QuestionFormat]:
    """Those that can be chosen."""
    return [each for each in formats if each.writes]


def export(ids: Iterable[int], to: QuestionFormat) -> Exported:
    """The questions in the order of their codes. Raises NothingToExport."""
    chosen = list(ids)
    if not chosen:
        raise NothingToExport(_("There is no question to export."))
    if len(chosen) > MOST:
        raise NothingToExport(
            _("A file holds up to %(limit)d questions. Choose fewer.") % {"limit": MOST}
        )
    content, faults = to.write(_as_they_stand(chosen))
    return Exported(content, faults, to.extensions[0])


def _as_they_stand(ids: list[int]) -> Iterator[Question]:
    """What is published as learners meet it; what never was, as its newest draft."""
    rows = Question.objects.filter(pk__in=ids).select_related("latest_revision").order_by("code")
    for question in rows:
        revision = question.latest_revision
        yield question if question.live or revision is None else revision.as_object()
