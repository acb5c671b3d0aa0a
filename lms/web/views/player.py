"""Course pages, module pages and lessons, found by one indexed look-up; and activities.

Nothing here writes: what a person does goes through `actions`.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.views import serve as wagtail_serve

from lms.learning.api import enrolment_for
from lms.learning.models import Enrolment
from lms.learning.queries import Done, active_enrolment, done_by
from lms.people.rights import Rights, rights_of
from lms.plugins.contracts import Json, Mode, Visit
from lms.plugins.errors import Refused
from lms.plugins.prepared import Many, Prepared
from lms.web.activities import Shown, render_activity, show_activities
from lms.web.presenting import (
    action_url,
    course_link,
    language,
    language_urls,
    lesson_link,
    may_read_lessons,
    may_see_course,
    page_url,
    text_language,
)
from lms.web.reporting import ACTIVITY, LESSON, report_form
from lms.web.requests import SignedInRequest
from lms.web.trails import trail
from lms.web.views.course import course_page
from lms.web.views.errors import refuse
from modules.content.models import Activity, Address
from modules.content.outline import LessonRef, Outline, PageRef, outline_of
from modules.content.rendering import ActivityPlace, LessonText, lesson_text

_ADDRESSES: Prepared[Address] = Prepared(
    lambda paths: (
        Address.objects.filter(url_path__in=paths).select_related("outline").defer("outline__data")
    ),
    Many(str),
)


def page(request: HttpRequest, path: str) -> HttpResponse:
    """The course, module or lesson at `path`; any other address is left to Wagtail.

    A page that exists in another language only is shown in that language; one that has a page
    in the language of the address, but under another path, is redirected to.
    """
    wanted = language()
    paths = [f"{code}:/{path}" for code in dict.fromkeys([wanted, settings.LANGUAGE_CODE])]
    found = {address.url_path: address for address in _ADDRESSES(paths)}
    address = next((found[each] for each in paths if each in found), None)
    if address is None:
        answer: HttpResponse = wagtail_serve(request, path)
        return answer
    outline = outline_of(address.outline)
    pages = _pages(outline, address)
    own = pages.get(wanted)
    if own is not None and own.page_id != address.page_id:
        return HttpResponseRedirect(page_url(own.path))
    request.language_urls = language_urls(pages)  # type: ignore[attr-defined]  # read in context
    user = request.user
    rights = rights_of(user) if user.is_authenticated else None
    person_id = user.person_id if user.is_authenticated else None
    enrolment = active_enrolment(person_id, outline.course_key)
    if not may_see_course(outline, rights, enrolled=enrolment is not None):
        return refuse(request, _("This course is for people who were enrolled by the centre."))
    if address.kind == Address.Kind.LESSON:
        return _lesson(request, outline, address, enrolment, rights)
    return course_page(request, outline, address, enrolment)


def _pages(outline: Outline, address: Address) -> dict[str, PageRef]:
    if address.kind == Address.Kind.COURSE:
        return outline.pages
    if address.kind == Address.Kind.MODULE:
        module = next((each for each in outline.modules if each.key == address.key), None)
        return module.pages if module else outline.pages
    lesson = outline.lesson(address.key)
    return lesson.pages if lesson else outline.pages


def _lesson(
    request: HttpRequest,
    outline: Outline,
    address: Address,
    enrolment: Enrolment | None,
    rights: Rights | None,
) -> HttpResponse:
    lesson = outline.lesson(address.key)
    module = outline.module_of(address.key)
    if lesson is None or module is None:
        raise Http404
    if not may_read_lessons(outline, rights, enrolled=enrolment is not None):
        return _ask_to_join(request, outline)
    today = timezone.localdate()
    text = lesson_text(address.page_id, outline.version, today)
    done = done_by([enrolment.pk])[enrolment.pk] if enrolment else None
    shown = show_activities(
        request, outline, lesson, text, enrolment, mode=Mode.LEARN if enrolment else Mode.PREVIEW
    )
    before, after = outline.neighbours(lesson.key)
    state = done.state(lesson.key) if done else "todo"
    standing = done.standing(outline) if done else None
    position = [each.key for each in module.lessons].index(lesson.key) + 1
    context: dict[str, Any] = {
        "nav": "catalogue",
        "text_key": (address.page_id, outline.version, today),
        "course": course_link(outline),
        "module": {
            "code": module.code,
            "title": module.page(language()).title,
            "position": position,
            "total": len(module.lessons),
            "trail": trail(outline, module, done or Done(), lesson.key),
        },
        "lesson": _lesson_entry(lesson, text, done_already=state == "done"),
        "parts": _merge(text, shown),
        "media": shown.media,
        "references": text.references,
        "progress": standing,
        "finish_url": action_url("finish", lesson.key) if enrolment else None,
        "position_url": action_url("position", lesson.key) if enrolment else None,
        "resume_at": _resume_at(enrolment, lesson),
        "unfinished_activities": shown.unfinished,
        "previous_lesson": lesson_link(before),
        "next_lesson": lesson_link(after),
        "edit_page_id": address.page_id if rights is not None and rights.may_author else None,
        "report": report_form(LESSON, lesson.key) if rights is not None else None,
    }
    return render(request, "web/lesson.html", context)


def _lesson_entry(lesson: LessonRef, text: LessonText, *, done_already: bool) -> dict[str, Any]:
    return {
        "code": text.code,
        "title": text.title,
        "minutes": text.minutes,
        "lang": text_language(lesson.pages),
        "objectives": text.objectives,
        "done": done_already,
        "under_review": text.under_review,
        "review_by": text.review_by,
        "glossary": text.glossary,
    }


def _merge(text: LessonText, shown: Shown) -> list[Any]:
    return [
        shown.html.get(part.activity_id, "") if isinstance(part, ActivityPlace) else part
        for part in text.parts
    ]


def _resume_at(enrolment: Enrolment | None, lesson: LessonRef) -> str:
    point = getattr(enrolment, "resume_point", None)
    return point.anchor if point is not None and point.lesson_key == lesson.key else ""


def _ask_to_join(request: HttpRequest, outline: Outline) -> HttpResponse:
    if not request.user.is_authenticated:
        from django.contrib.auth.views import (  # noqa: PLC0415 -- importing it loads all forms
            redirect_to_login,
        )

        return redirect_to_login(request.get_full_path(), login_url=settings.LOGIN_URL)
    from django.contrib import messages  # noqa: PLC0415 -- only on this rare path

    messages.info(request, _("Enrol in the course first; then its lessons are open to you."))
    return HttpResponseRedirect(page_url(outline.page(language()).path))


@login_required
def activity(request: SignedInRequest, activity_uuid: uuid.UUID) -> HttpResponse:
    """An activity on a page of its own, for the person's enrolment in a course that holds it."""
    row = Activity.objects.live().filter(uuid=activity_uuid).first()
    if row is None:
        raise Http404
    found = row.activity_type
    specific = row if found is None else found.model._default_manager.get(pk=row.pk)
    person = request.user.person
    enrolment = enrolment_for(person, row)
    rights = rights_of(request.user)
    if enrolment is None and not rights.may_author:
        return refuse(request, _("Enrol in the course first; then this activity is open to you."))
    return render(
        request, *render_activity_page(request, specific, enrolment, previewing=enrolment is None)
    )


def render_activity_page(
    request: SignedInRequest,
    specific: Activity,
    enrolment: Enrolment | None,
    *,
    previewing: bool,
    refused: Refused | None = None,
    response: Json | None = None,
) -> tuple[str, dict[str, Any]]:
    """(template, context) of an activity's own page; `refused`: it did not take `response`."""
    from lms.learning.queries import (  # noqa: PLC0415 -- used here alone
        latest_attempts,
        outlines,
    )

    lesson = course = None
    if enrolment is not None:
        outline = outlines([enrolment.course_key]).get(enrolment.course_key)
        if outline is not None:
            course = course_link(outline)
            places = outline.lessons_with(specific.translation_key)
            lesson = lesson_link(places[0]) if places else None
    attempts = latest_attempts(enrolment.pk, [specific.translation_key]) if enrolment else {}
    visit = Visit(
        request=request,
        learner=request.user.person if enrolment else None,
        enrolment=enrolment,
        attempt=attempts.get(specific.translation_key),
        mode=Mode.PREVIEW if previewing else Mode.LEARN,
        back_url=lesson["url"] if lesson else "",
        refused=refused,
        response=response or {},
    )
    rendered = render_activity(specific, visit)
    if rendered is None:
        return "web/activity_unavailable.html", {"lesson": lesson, "activity": specific}
    found = specific.activity_type
    code = specific.locale.language_code
    return "web/activity.html", {
        "nav": "catalogue",
        "activity": {
            "uuid": specific.uuid,
            "title": specific.title,
            "type_label": found.label if found else "",
            "lang": "" if code == language() else code,
        },
        "lesson": lesson,
        "course": course,
        "refused": refused,
        "report": report_form(ACTIVITY, specific.uuid),
        "body": rendered,
        "media": found.media if found else None,
    }
