"""The people whom somebody looks after: the list, a person's page, what is changed on it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lms.learning.models import Enrolment
from lms.learning.queries import done_by, outlines
from lms.people.entrusting import Holder, may_change, may_close, may_entrust
from lms.people.errors import (
    CannotChangePerson,
    CannotIssueCode,
    CannotMakeAccount,
    CannotRemoveFactor,
)
from lms.people.holders import giver, holders
from lms.people.models import ActivationCode, Person, Position, RecordAccess, Role, User
from lms.people.models.accounts import AccountState
from lms.people.phones import phone_as_dialled
from lms.people.queries import current_posts
from lms.people.rights import rights_of
from lms.people.second_factor import has_second_factor
from lms.people.services import looking_after
from lms.people.services.accesses import note_access
from lms.people.services.activating import issue_code
from lms.people.services.second_factors import may_remove_second_factor, remove_second_factor
from lms.web.manage.access import CARERS, STAFF, for_roles
from lms.web.manage.selecting import Selection, units_to_choose
from lms.web.presenting import completed_at, course_link
from lms.web.requests import SignedInRequest
from modules.content.outline import Outline

PER_PAGE = 50
TONES = {
    AccountState.NONE: "",
    AccountState.WAITING: "warn",
    AccountState.ACTIVE: "ok",
    AccountState.CLOSED: "bad",
}


def state_of(person: Person) -> AccountState:
    """The state of the account of `person`, which is loaded."""
    account: User | None = getattr(person, "account", None)
    return AccountState.NONE if account is None else account.state


@require_GET
@for_roles(*CARERS)
def people(request: SignedInRequest) -> HttpResponse:
    """The list, a page at a time, in the order of names."""
    selection = Selection(request.user, request.GET)
    found = selection.persons.select_related("account")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = shown = list(page.object_list)
    posts = current_posts([each.pk for each in shown], timezone.localdate())
    context = {
        "nav": "manage",
        "section": "people",
        "selection": selection.values,
        "is_narrowed": bool(selection.given),
        "link": selection.link(),
        "units": units_to_choose(request.user, selection.unit),
        "positions": Position.objects.all(),
        "states": [(state.value, state.label) for state in AccountState],
        "may_bring_in": not rights_of(request.user).roles.isdisjoint(STAFF),
        "people": [
            {
                "uuid": each.uuid,
                "name": each.full_name,
                "phone": phone_as_dialled(each.phone),
                "post": posts.get(each.pk),
                "state": (state := state_of(each)).label,
                "tone": TONES[state],
                "username": each.account.username if state != AccountState.NONE else "",
            }
            for each in shown
        ],
        "page_obj": page,
    }
    return render(request, "web/manage/people.html", context)


def visible_person(request: HttpRequest, person_uuid: uuid.UUID) -> Person:
    """The person with the account loaded, or 404: also for people whom the user may not see."""
    persons = Person.objects.visible_to(request.user).select_related("account")
    return get_object_or_404(persons, uuid=person_uuid)


@require_GET
@for_roles(*CARERS)
def person(request: SignedInRequest, person_uuid: uuid.UUID) -> HttpResponse:
    """One person: posts, account, codes, courses."""
    found = visible_person(request, person_uuid)
    note_access(
        person_ids=[found.pk], by=request.user, act=RecordAccess.Act.VIEWED, subject="person"
    )
    return _person_page(request, found)


def _person_page(
    request: SignedInRequest, person: Person, *, refusal: str = "", username: str = ""
) -> HttpResponse:
    hand, holder = giver(request.user), holders([person])[person.pk]
    state = state_of(person)
    codes = list(
        ActivationCode.objects.filter(user__person=person).select_related("issued_by__person")
    )
    now = timezone.now()
    account: User | None = getattr(person, "account", None)
    context = {
        "nav": "manage",
        "section": "people",
        "person": person,
        "phone": phone_as_dialled(person.phone),
        "account": account,
        "account_phone": phone_as_dialled((account and account.phone) or ""),
        "posts": _posts(person, hand),
        "may_appoint": not rights_of(request.user).roles.isdisjoint(STAFF),
        "state": state.value,
        "state_label": state.label,
        "tone": TONES[state],
        "is_self": person.pk == request.user.person_id,
        "codes": [_code(each, now) for each in codes[:20]],
        "open_code": next((each for each in codes if _stands(each, now)), None),
        "may_entrust": may_entrust(hand, holder),
        "may_close": may_close(hand, holder),
        "may_change": may_change(hand, holder),
        "may_remove_factor": account is not None
        and may_remove_second_factor(user=account, by=request.user)
        and has_second_factor(account),
        "courses": _courses(request.user, person),
        "refusal": refusal,
        "username": username,
    }
    return render(request, "web/manage/person.html", context, status=422 if refusal else 200)


def _refused(
    request: SignedInRequest, person_uuid: uuid.UUID, refusal: str, username: str = ""
) -> HttpResponse:
    # Read anew: what was refused may have left its mark on the person in memory.
    person = visible_person(request, person_uuid)
    return _person_page(request, person, refusal=refusal, username=username)


def _posts(person: Person, hand: Holder) -> list[dict[str, Any]]:
    today = timezone.localdate()
    posts = person.appointments.select_related("unit", "position").order_by("-valid_from", "pk")
    return [
        {
            "pk": each.pk,
            "may_change": hand.is_administrator or each.unit.path.startswith(hand.manages),
            "position": each.position.display_name,
            "unit": each.unit.name,
            "from": each.valid_from,
            "to": each.valid_to,
            "is_main": each.is_main,
            "is_over": each.valid_to is not None and each.valid_to <= today,
        }
        for each in posts
    ]


def _stands(code: ActivationCode, now: Any) -> bool:
    return code.used_at is None and code.revoked_at is None and code.expires_at > now


def _code(code: ActivationCode, now: Any) -> dict[str, Any]:
    if code.used_at is not None:
        state, at, tone = _("has been used"), code.used_at, "ok"
    elif code.revoked_at is not None:
        state, at, tone = _("was replaced"), code.revoked_at, ""
    elif code.expires_at <= now:
        state, at, tone = _("has expired"), code.expires_at, ""
    else:
        state, at, tone = _("not used yet"), None, "warn"
    return {
        "purpose": code.get_purpose_display(),
        "issued_at": code.issued_at,
        "by": code.issued_by.get_full_name() if code.issued_by else "–",
        "until": code.expires_at,
        "state": state,
        "at": at,
        "tone": tone,
    }


def _courses(user: User, person: Person) -> list[dict[str, Any]]:
    """How far the person is in the courses about which `user` may know: never any answer."""
    enrolments = list(
        Enrolment.objects.visible_to(user)
        .filter(person=person)
        .select_related("progress")
        .order_by("-enrolled_at")
    )
    known = outlines(each.course_key for each in enrolments)
    done = done_by([each.pk for each in enrolments]) if enrolments else {}

    def percent(enrolment: Enrolment, outline: Outline | None) -> int:
        if completed_at(enrolment):
            return 100
        return done[enrolment.pk].standing(outline).percent if outline else 0

    return [
        {
            "title": course_link(outline)["title"] if outline else each.course_title,
            "percent": percent(each, outline),
            "enrolled_at": each.enrolled_at,
            "completed_at": completed_at(each),
            "withdrawn_at": each.withdrawn_at,
        }
        for each in enrolments
        for outline in [known.get(each.course_key)]
    ]


class PersonForm(forms.Form):
    """What is held about somebody besides posts."""

    full_name = forms.CharField(
        label=gettext_lazy("Full name"),
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("To call. The number for signing in stays as it is."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    birth_date = forms.DateField(
        label=gettext_lazy("Date of birth"),
        required=False,
        localize=True,
        help_text=gettext_lazy("Day/month/year. Only where a paper needs it."),
        widget=forms.DateInput(attrs={"autocomplete": "off"}),
    )


@require_http_methods(["GET", "POST"])
@for_roles(*STAFF)
def edit(request: SignedInRequest, person_uuid: uuid.UUID) -> HttpResponse:
    """Put the name, the phone or the date of birth right."""
    person = visible_person(request, person_uuid)
    initial = {
        "full_name": person.full_name,
        "phone": phone_as_dialled(person.phone),
        "birth_date": person.birth_date,
    }
    form = PersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            looking_after.change_person(person=person, by=request.user, **form.cleaned_data)
        except CannotChangePerson as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("web:manage-person", person_uuid)
    context = {"nav": "manage", "section": "people", "person": person, "form": form}
    status = 422 if form.errors else 200
    return render(request, "web/manage/person_edit.html", context, status=status)


@require_POST
@for_roles(*STAFF)
def make_account(request: SignedInRequest, person_uuid: uuid.UUID) -> HttpResponse:
    """An account with the user name that was typed, or with one made from the name."""
    person = visible_person(request, person_uuid)
    typed = request.POST.get("username", "")[:150]
    try:
        looking_after.make_account(person=person, by=request.user, username=typed.strip())
    except (CannotMakeAccount, CannotChangePerson) as error:
        return _refused(request, person_uuid, str(error), username=typed)
    messages.success(request, _("The account is made. Make a slip for it, or give out a code."))
    return redirect("web:manage-person", person_uuid)


@require_POST
@for_roles(*CARERS)
def new_code(request: SignedInRequest, person_uuid: uuid.UUID) -> HttpResponse:
    """A new code in the place of any other; then the page that shows and prints it."""
    person = visible_person(request, person_uuid)
    try:
        issue_code(person=person, by=request.user)
    except CannotIssueCode as error:
        return _refused(request, person_uuid, str(error))
    return redirect("web:manage-person-code", person_uuid)


@require_POST
@for_roles(*STAFF)
def close(request: SignedInRequest, person_uuid: uuid.UUID) -> HttpResponse:
    """Close the account, or open it again (`open` in the form)."""
    person = visible_person(request, person_uuid)
    if state_of(person) == AccountState.NONE:
        return redirect("web:manage-person", person_uuid)
    try:
        if request.POST.get("open"):
            looking_after.reopen_account(person=person, by=request.user)
            messages.success(request, _("The account is open again."))
        else:
            looking_after.close_account(person=person, by=request.user)
            messages.success(request, _("The account is closed. What was learned is kept."))
    except CannotChangePerson as error:
        return _refused(request, person_uuid, str(error))
    return redirect("web:manage-person", person_uuid)


@require_POST
@for_roles(Role.ADMINISTRATOR)
def remove_factor(request: SignedInRequest, person_uuid: uuid.UUID) -> HttpResponse:
    """Take the second step at sign-in from an account whose owner lost it."""
    person = visible_person(request, person_uuid)
    account: User | None = getattr(person, "account", None)
    if account is None:
        return redirect("web:manage-person", person_uuid)
    try:
        remove_second_factor(user=account, by=request.user)
    except CannotRemoveFactor as error:
        return _refused(request, person_uuid, str(error))
    messages.success(
        request, _("The second step is removed. The password alone opens the account.")
    )
    return redirect("web:manage-person", person_uuid)
