"""What a learner does: all of it by POST, each answer a redirect that works without JavaScript."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lms.learning import api
from lms.learning.models import Attempt, Enrolment
from lms.learning.queries import active_enrolment, outlines
from lms.plugins.contracts import Json, Trait
from lms.plugins.errors import DomainError, Refused
from lms.plugins.guard import PluginFailure, guard
from lms.web.presenting import activity_url, addresses, language, page_url
from lms.web.requests import SignedInRequest
from lms.web.views.errors import refuse
from lms.web.views.player import render_activity_page
from modules.content.models import Activity, Address
from modules.content.outline import Outline, outline_of


@require_POST
@login_required
def enrol(request: SignedInRequest, course_key: uuid.UUID) -> HttpResponse:
    """Take up a course; back to its page."""
    outline = outlines([course_key]).get(course_key)
    if outline is None:
        raise Http404
    url = page_url(outline.page(language()).path)
    if request.user.person is None:
        messages.error(request, _("This account belongs to no person, so it cannot study."))
        return redirect(url)
    try:
        api.enrol(person=request.user.person, course_key=course_key)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("You are enrolled. Begin with the first lesson."))
    return redirect(url)


@require_POST
@login_required
def withdraw(request: SignedInRequest, course_key: uuid.UUID) -> HttpResponse:
    """Leave a course; what was done stays on the record."""
    enrolment = active_enrolment(request.user.person_id, course_key)
    outline = outlines([course_key]).get(course_key)
    if enrolment is not None:
        api.withdraw(enrolment=enrolment)
        messages.success(request, _("You have left the course. Your record so far is kept."))
    return redirect(page_url(outline.page(language()).path) if outline else "web:home")


def _place(request: SignedInRequest, lesson_key: uuid.UUID) -> tuple[Outline, Enrolment | None]:
    """The course of a lesson and the person's enrolment in it: two queries."""
    address = (
        Address.objects.filter(key=lesson_key, kind=Address.Kind.LESSON)
        .select_related("outline")
        .defer("outline__data")
        .first()
    )
    if address is None:
        raise Http404
    outline = outline_of(address.outline)
    return outline, active_enrolment(request.user.person_id, outline.course_key)


@require_POST
@login_required
def finish(request: SignedInRequest, lesson_key: uuid.UUID) -> HttpResponse:
    """ "I have studied this": recorded once, then on to the next lesson or the course page."""
    outline, enrolment = _place(request, lesson_key)
    course_url = page_url(outline.page(language()).path)
    if enrolment is None:
        messages.error(request, str(api.NotEnrolled()))
        return redirect(course_url)
    _before, following = outline.neighbours(lesson_key)
    api.finish_lesson(enrolment=enrolment, lesson_key=lesson_key)
    api.save_position(enrolment=enrolment, lesson_key=following.key if following else lesson_key)
    if following is None:
        messages.success(request, _("That was the last lesson. Here is where you stand."))
        return redirect(course_url)
    return redirect(page_url(following.page(language()).path))


@require_POST
@login_required
def position(request: SignedInRequest, lesson_key: uuid.UUID) -> HttpResponse:
    """The beacon: where the learner is reading. Says nothing back."""
    _outline, enrolment = _place(request, lesson_key)
    if enrolment is not None:
        api.save_position(
            enrolment=enrolment,
            lesson_key=lesson_key,
            anchor=request.POST.get("position", ""),
        )
    return HttpResponse(status=204)


def _activity(activity_uuid: uuid.UUID) -> Activity:
    row = Activity.objects.live().filter(uuid=activity_uuid).first()
    if row is None:
        raise Http404
    found = row.activity_type
    return row if found is None else found.model._default_manager.get(pk=row.pk)


def _back(request: SignedInRequest, activity: Activity) -> str:
    """Where to go after an action: the page it came from, when it is one of ours."""
    found = activity.activity_type
    if found is not None and Trait.FULL_PAGE in found.traits:
        return activity_url(activity.uuid)
    wanted = request.POST.get("next") or request.headers.get("Referer", "")
    if wanted and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return f"{wanted.partition('#')[0]}#activity-{activity.uuid}"
    return activity_url(activity.uuid)


@require_POST
@login_required
def start(request: SignedInRequest, activity_uuid: uuid.UUID) -> HttpResponse:
    """Begin an attempt, or go on with the one that is open."""
    activity = _activity(activity_uuid)
    enrolment = api.enrolment_for(request.user.person, activity)
    if enrolment is None:
        return refuse(request, str(api.NotEnrolled()))
    try:
        api.start(enrolment=enrolment, activity=activity)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(_back(request, activity))


def _open_attempt(enrolment: Enrolment, activity: Activity) -> Attempt | None:
    return (
        Attempt.objects.filter(
            enrolment=enrolment, activity_key=activity.translation_key, state=Attempt.State.OPEN
        )
        .select_related("enrolment")
        .first()
    )


@require_POST
@login_required
def submit(request: SignedInRequest, activity_uuid: uuid.UUID) -> HttpResponse:
    """Hand in. An activity without a start of its own is started by handing in.

    A form may name its attempt (`attempt`): then a second press, or an old tab, is told that
    the attempt was handed in already instead of beginning another one.
    """
    named = _uuid(request.POST.get("attempt", ""))
    if named is not None and request.user.person_id is not None:
        return _submit_named(request, request.user.person_id, activity_uuid, named)
    activity = _activity(activity_uuid)
    enrolment = api.enrolment_for(request.user.person, activity)
    if enrolment is None:
        return refuse(request, str(api.NotEnrolled()))
    try:
        api.hand_in(enrolment=enrolment, activity=activity, response=response_of(request.POST))
    except Refused as error:
        return _not_taken(request, activity, error)
    except DomainError as error:
        messages.warning(request, str(error))
    return redirect(_back(request, activity))


def _submit_named(
    request: SignedInRequest,
    person_id: int,
    activity_uuid: uuid.UUID,
    attempt_uuid: uuid.UUID,
) -> HttpResponse:
    try:
        attempt = api.submit_named(
            person_id=person_id,
            attempt_uuid=attempt_uuid,
            response=response_of(request.POST),
        )
    except Refused as error:
        return _not_taken(request, _activity(activity_uuid), error)
    except DomainError as error:
        messages.warning(request, str(error))
        return redirect(_back(request, _activity(activity_uuid)))
    return redirect(_back(request, attempt.activity))


def _not_taken(request: SignedInRequest, activity: Activity, refused: Refused) -> HttpResponse:
    """422: the activity's page with the reason and what was typed; for a script the reason alone.

    Nothing was recorded, and the attempt is as open as it was.
    """
    if request.accepts("application/json") and not request.accepts("text/html"):
        fields = {name: str(text) for name, text in refused.fields.items()}
        return JsonResponse({"error": str(refused), "fields": fields}, status=422)
    enrolment = api.enrolment_for(request.user.person, activity)
    if enrolment is None:
        return refuse(request, str(api.NotEnrolled()))
    template, context = render_activity_page(
        request,
        activity,
        enrolment,
        previewing=False,
        refused=refused,
        response=response_of(request.POST),
    )
    # Another language is another address, and this one takes no GET.
    request.language_urls = addresses("activity", activity.uuid)  # type: ignore[attr-defined]  # read in context
    return render(request, template, context, status=422)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def response_of(data: QueryDict) -> Json:
    """What was handed in: every field of the form as a list of texts, our own fields left out."""
    ours = {"csrfmiddlewaretoken", "attempt", "next"}
    return {name: data.getlist(name) for name in data if name not in ours}


@require_POST
@login_required
def progress(request: SignedInRequest, activity_uuid: uuid.UUID) -> HttpResponse:
    """An activity reports how far it has come: `fraction`, 0 to 1, or what its type makes of it."""
    activity = _activity(activity_uuid)
    enrolment = api.enrolment_for(request.user.person, activity)
    found = activity.activity_type
    if enrolment is None or found is None:
        return refuse(request, str(api.NotEnrolled()))
    attempt = _open_attempt(enrolment, activity)
    if attempt is None:
        return JsonResponse({"error": str(api.AttemptClosed())}, status=409)
    try:
        with guard(found.key, "fraction"):
            fraction = found.fraction(activity, attempt)
    except PluginFailure:
        fraction = None
    if fraction is not None:
        api.progressed(attempt=attempt, activity=activity, fraction=fraction)
    return HttpResponse(status=204)
