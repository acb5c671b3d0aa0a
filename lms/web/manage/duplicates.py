"""Persons who may be one and the same: offered, compared, merged or told apart; merges undone."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lms.learning.models import Enrolment
from lms.learning.services.merging import (
    EnrolmentStep,
    MergePlan,
    merge_persons,
    plan_merge,
    undo_merge,
)
from lms.people.duplicates import likely_pairs
from lms.people.errors import CannotMerge
from lms.people.importing.duplicates import (
    SAME_NAME_AND_BIRTH,
    SAME_NAME_AND_UNIT,
    SAME_PHONE,
    SIMILAR_NAME,
)
from lms.people.models import Appointment, Person, PersonMerge, RecordAccess, User
from lms.people.phones import phone_as_dialled
from lms.people.queries import current_posts, merges_visible_to
from lms.people.services.accesses import note_access
from lms.people.services.merging import FILLED, PostStep, tell_apart
from lms.web.manage.access import STAFF, for_roles
from lms.web.presenting import completed_at
from lms.web.requests import SignedInRequest

PER_PAGE = 50
REASONS = {
    SAME_NAME_AND_UNIT: gettext_lazy("same name, same unit"),
    SAME_NAME_AND_BIRTH: gettext_lazy("same name, same date of birth"),
    SIMILAR_NAME: gettext_lazy("name alike, same unit and date of birth"),
    SAME_PHONE: gettext_lazy("same phone"),
}
HERE = {"nav": "manage", "section": "duplicates"}


# --- the list ------------------------------------------------------------------------------------


@require_GET
@for_roles(*STAFF)
def pairs(request: SignedInRequest) -> HttpResponse:
    """Pairs that look alike, the most alike first; or, for ?q=, people to compare by choice."""
    q = request.GET.get("q", "")[:200].strip()
    if q:
        return _finder(request, q)
    page = Paginator(likely_pairs(request.user), PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    ids = {int(each.key) for pair in shown for each in (pair.other, pair.candidate)}  # type: ignore[call-overload]  # keys are ids here
    people = _entries(Person.objects.filter(pk__in=ids))
    context = {
        **HERE,
        "page_obj": page,
        "q": "",
        "pairs": [
            {
                "first": people[pair.other.key],
                "second": people[pair.candidate.key],
                "reasons": [REASONS[reason] for reason in pair.reasons],
                "is_certain": pair.is_certain,
            }
            for pair in shown
        ],
    }
    return render(request, "web/manage/duplicates.html", context)


def _finder(
    request: SignedInRequest, q: str, *, refusal: str = "", chosen: Iterable[str] = ()
) -> HttpResponse:
    found = Person.objects.visible_to(request.user).search(q).order_by("sort_key", "pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    people = _entries(list(page.object_list))
    marked = set(chosen)
    context = {
        **HERE,
        "page_obj": page,
        "q": q,
        "refusal": refusal,
        "people": [{**each, "chosen": str(each["uuid"]) in marked} for each in people.values()],
    }
    status = 422 if refusal else 200
    return render(request, "web/manage/duplicates.html", context, status=status)


def _entries(persons: Iterable[Person]) -> dict[Any, dict[str, Any]]:
    """What a list shows of each, by id: two queries at most."""
    rows = list(persons)
    posts = current_posts([each.pk for each in rows], timezone.localdate())
    return {
        each.pk: {
            "uuid": each.uuid,
            "name": each.full_name,
            "post": posts.get(each.pk),
            "birth_date": each.birth_date,
            "phone": phone_as_dialled(each.phone),
        }
        for each in rows
    }


@require_GET
@for_roles(*STAFF)
def chosen(request: SignedInRequest) -> HttpResponse:
    """On to the comparison of the two people that were ticked."""
    ticked = request.GET.getlist("p")
    if len(ticked) == 2 and len(set(ticked)) == 2:
        try:
            first, second = (uuid.UUID(each) for each in ticked)
        except ValueError as error:
            raise Http404 from error
        return redirect("web:manage-duplicate", first, second)
    q = request.GET.get("q", "")[:200].strip()
    return _finder(request, q, refusal=_("Tick exactly two people to compare."), chosen=ticked)


# --- two people side by side ---------------------------------------------------------------------


def _two(request: HttpRequest, first: uuid.UUID, second: uuid.UUID) -> tuple[Person, Person]:
    seen = Person.objects.visible_to(request.user).select_related("account")
    if first == second:
        raise Http404
    return get_object_or_404(seen, uuid=first), get_object_or_404(seen, uuid=second)


@require_GET
@for_roles(*STAFF)
def compare(request: SignedInRequest, first: uuid.UUID, second: uuid.UUID) -> HttpResponse:
    """Both, line by line, what differs marked; and what can be decided about them."""
    two = _two(request, first, second)
    note_access(
        person_ids=[each.pk for each in two],
        by=request.user,
        act=RecordAccess.Act.VIEWED,
        subject="person",
    )
    return _comparison(request, two)


def _comparison(
    request: SignedInRequest,
    two: tuple[Person, Person],
    *,
    refusal: str = "",
    keep: str = "",
    account: str = "",
) -> HttpResponse:
    accounts = [each for each in map(_account, two) if each is not None]
    keep = keep or str(_fuller(two).uuid)
    places = (_("left column"), _("right column"))
    context = {
        **HERE,
        "first": two[0],
        "second": two[1],
        "both": [
            {"person": each, "place": place, "kept": str(each.uuid) == keep}
            for each, place in zip(two, places, strict=True)
        ],
        "lines": _lines(request.user, two),
        "accounts": accounts if len(accounts) == 2 else [],
        "refusal": refusal,
        "account": account,
    }
    status = 422 if refusal else 200
    return render(request, "web/manage/duplicate.html", context, status=status)


def _account(person: Person) -> User | None:
    account: User | None = getattr(person, "account", None)
    return account


def _fuller(two: tuple[Person, Person]) -> Person:
    """The row to propose as the one that stays: with an account, more details, else the older."""
    return max(
        two,
        key=lambda each: (
            _account(each) is not None,
            sum(bool(getattr(each, name)) for name in FILLED),
            -each.pk,
        ),
    )


def _lines(user: User, two: tuple[Person, Person]) -> list[dict[str, Any]]:
    posts: dict[int, list[str]] = {each.pk: [] for each in two}
    for post in Appointment.objects.filter(person__in=two).select_related("unit", "position"):
        posts[post.person_id].append(post_in_words(post))
    courses: dict[int, list[str]] = {each.pk: [] for each in two}
    seen = Enrolment.objects.visible_to(user).filter(person__in=two)
    for enrolment in seen.select_related("progress").order_by("course_title", "cycle"):
        courses[enrolment.person_id].append(enrolment_in_words(enrolment))

    def line(label: str, values: list[list[str]]) -> dict[str, Any]:
        return {"label": label, "values": values, "differs": values[0] != values[1]}

    def single(label: str, values: Iterable[Any]) -> dict[str, Any]:
        return line(label, [[str(value)] if value else [] for value in values])

    return [
        single(_("Full name"), (each.full_name for each in two)),
        single(
            _("Date of birth"),
            (
                date_format(each.birth_date, "SHORT_DATE_FORMAT") if each.birth_date else ""
                for each in two
            ),
        ),
        single(_("Sex"), (each.get_sex_display() for each in two)),
        single(_("Phone"), (phone_as_dialled(each.phone) for each in two)),
        line(_("Posts"), [sorted(posts[each.pk]) for each in two]),
        line(_("Account"), [account_in_words(_account(each)) for each in two]),
        line(_("Courses"), [courses[each.pk] for each in two]),
    ]


def post_in_words(post: Appointment) -> str:
    """Position, unit and time of a post."""
    since = date_format(post.valid_from, "SHORT_DATE_FORMAT")
    what = {"position": post.position.display_name, "unit": post.unit.name, "since": since}
    if post.valid_to is None:
        return _("%(position)s, %(unit)s, from %(since)s") % what
    until = date_format(post.valid_to, "SHORT_DATE_FORMAT")
    return _("%(position)s, %(unit)s, from %(since)s to %(until)s") % {**what, "until": until}


def enrolment_in_words(enrolment: Enrolment) -> str:
    """The course and how it stands. Needs `progress` loaded."""
    if completed_at(enrolment):
        state = _("completed")
    elif enrolment.withdrawn_at is not None:
        state = _("withdrawn")
    else:
        state = _("being taken")
    return f"{enrolment.course_title} ({state})"


def account_in_words(account: User | None) -> list[str]:
    """User name, phone to sign in with, last sign-in."""
    if account is None:
        return []
    last = account.last_login
    return [
        account.username,
        *([phone_as_dialled(account.phone)] if account.phone else []),
        _("last signed in on %(day)s")
        % {"day": date_format(timezone.localtime(last), "SHORT_DATE_FORMAT")}
        if last
        else _("never signed in"),
    ]


@require_POST
@for_roles(*STAFF)
def apart(request: SignedInRequest, first: uuid.UUID, second: uuid.UUID) -> HttpResponse:
    """They are two people: remember it."""
    two = _two(request, first, second)
    try:
        tell_apart(first=two[0], second=two[1], by=request.user, now=timezone.now())
    except CannotMerge as error:
        return _comparison(request, two, refusal=str(error))
    messages.success(request, _("Remembered: two different people. They are not offered again."))
    return redirect("web:manage-duplicates")


# --- the merge -----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@for_roles(*STAFF)
def merge(request: SignedInRequest, first: uuid.UUID, second: uuid.UUID) -> HttpResponse:
    """GET: what the merge would do (?keep=, ?account=). POST with the same: do it."""
    two = _two(request, first, second)
    given = request.POST if request.method == "POST" else request.GET
    keep, username = given.get("keep", "")[:36], given.get("account", "")[:150]
    again = {"keep": keep, "account": username}
    if keep not in {str(each.uuid) for each in two}:
        return _comparison(request, two, refusal=_("Choose the row that stays."))
    kept, merged = sorted(two, key=lambda each: str(each.uuid) != keep)
    accounts = [each for each in map(_account, two) if each is not None]
    account = next((each for each in accounts if each.username == username), None)
    if len(accounts) == 2 and account is None:
        return _comparison(
            request,
            two,
            refusal=_("Both have an account. Choose the one that stays open."),
            **again,
        )
    if request.method == "POST":
        try:
            done = merge_persons(kept=kept, merged=merged, by=request.user, account=account)
        except CannotMerge as error:
            return _comparison(request, two, refusal=str(error), **again)
        messages.success(
            request,
            _("%(merged)s and %(kept)s are one person now. It can be undone in this list.")
            % {"merged": done.merged, "kept": done.kept},
        )
        return redirect("web:manage-merges")
    plan = plan_merge(kept=kept, merged=merged)
    context = {**HERE, "kept": kept, "merged": merged, "first": two[0], "second": two[1], **again}
    return render(
        request,
        "web/manage/merge.html",
        {**context, **_shown(plan, kept, merged, account)},
    )


def _shown(plan: MergePlan, kept: Person, merged: Person, account: User | None) -> dict[str, Any]:
    both = [each for each in (plan.kept_account, plan.merged_account) if each is not None]
    return {
        "posts": [_post_entry(step) for step in plan.posts],
        "enrolments": [_enrolment_entry(step, kept) for step in plan.enrolments],
        "taught": plan.taught,
        "assignments": plan.assignments,
        "stays": account or (both[0] if both else None),
        "moves": plan.kept_account is None and plan.merged_account is not None,
        "closes": next((each for each in both if account and each.pk != account.pk), None),
        "fills": [
            kept._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # plain columns
            for name in FILLED
            if getattr(merged, name) and not getattr(kept, name)
        ],
    }


def _post_entry(step: PostStep) -> dict[str, Any]:
    return {
        "text": post_in_words(step.post),
        "joins": step.into is not None,
        "secondary": step.changes.get("is_main") is False and step.into is None,
    }


def _enrolment_entry(step: EnrolmentStep, kept: Person) -> dict[str, Any]:
    return {
        "text": enrolment_in_words(step.enrolment),
        "own": step.enrolment.person_id == kept.pk,
        "cycle": step.cycle,
        "set_aside": step.set_aside,
    }


# --- merges made ---------------------------------------------------------------------------------


@require_GET
@for_roles(*STAFF)
def merges(request: SignedInRequest) -> HttpResponse:
    """Every merge of people in reach, newest first."""
    return _merges(request)


def _merges(request: SignedInRequest, refusal: str = "") -> HttpResponse:
    page = Paginator(merges_visible_to(request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {**HERE, "page_obj": page, "merges": list(page.object_list), "refusal": refusal}
    status = 422 if refusal else 200
    return render(request, "web/manage/merges.html", context, status=status)


@require_POST
@for_roles(*STAFF)
def undo(request: SignedInRequest, merge_uuid: uuid.UUID) -> HttpResponse:
    """Make them two again, or say why that cannot be done."""
    found: PersonMerge = get_object_or_404(merges_visible_to(request.user), uuid=merge_uuid)
    try:
        undo_merge(merge=found, by=request.user)
    except CannotMerge as error:
        return _merges(request, refusal=str(error))
    messages.success(
        request,
        _("Undone: %(merged)s and %(kept)s are two people again.")
        % {"merged": found.merged, "kept": found.kept},
    )
    return redirect("web:manage-merges")
