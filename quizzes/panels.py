"""Quizzes that were begun and not handed in, and answers to mark, on a person's home page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from lms.learning import api
from lms.plugins.contracts import HomePanel, Panel, Priority
from lms.plugins.prepared import Prepared
from quizzes.models import Sitting

if TYPE_CHECKING:
    from django.http import HttpRequest

    from lms.people.models import Person

SHOWN = 5
_UNFINISHED: Prepared[Sitting] = Prepared(
    lambda person_id: (
        Sitting.objects.filter(
            attempt__enrolment__person_id=person_id,
            attempt__enrolment__withdrawn_at=None,
            attempt__state="open",
            attempt__activity__live=True,
        )
        .select_related("attempt__activity")
        .order_by("-attempt__started_at")[:SHOWN]
    ),
    int,
)


class ToMark(HomePanel):
    """How many attempts wait for this instructor: one query, none for others."""

    key = "quizzes.to_mark"

    def panels(self, person: Person, request: HttpRequest) -> list[Panel]:
        """One panel where something waits."""
        count = api.attempts_to_mark(request.user, "quizzes.quiz").count()
        if not count:
            return []
        body = render_to_string("quizzes/_to_mark.html", {"count": count}, request)
        return [Panel(_("Answers to mark"), body, Priority.TO_DO)]


class UnfinishedQuizzes(HomePanel):
    """One panel, one query; none when nothing is open."""

    key = "quizzes.unfinished"

    def panels(self, person: Person, request: HttpRequest) -> list[Panel]:
        """The open attempts of `person`, the newest first."""
        sittings = _UNFINISHED(person.pk)
        if not sittings:
            return []
        body = render_to_string("quizzes/_unfinished.html", {"sittings": sittings}, request)
        return [Panel(_("Quizzes you began"), body, Priority.TO_DO)]
