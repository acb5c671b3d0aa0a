"""Slips with codes: made for many people at once, printed, printed again while they are good."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

import segno
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from lms.people.codes import code_for, in_groups
from lms.people.directory import WITH_ACCOUNT
from lms.people.entrusting import may_entrust
from lms.people.errors import CannotIssueCode
from lms.people.holders import giver, holders
from lms.people.models import ActivationCode, Person, User
from lms.people.models.accounts import AccountState
from lms.people.queries import current_posts
from lms.people.services.activating import AT_ONCE, issue_slips
from lms.web.manage.access import CARERS, for_roles
from lms.web.manage.people import visible_person
from lms.web.manage.selecting import Selection
from lms.web.requests import SignedInRequest

PER_SHEET = 8
TO_ACTIVATE = WITH_ACCOUNT[AccountState.NONE] | WITH_ACCOUNT[AccountState.WAITING]


@require_http_methods(["GET", "POST"])
@for_roles(*CARERS)
def slips(request: SignedInRequest) -> HttpResponse:
    """What making slips for the people of this address would do; a POST does it."""
    selection = Selection(request.user, request.GET)
    if request.method == "GET":
        return _before(request, selection)
    try:
        made = issue_slips(
            persons=list(selection.persons.filter(TO_ACTIVATE)[: AT_ONCE + 1]), by=request.user
        )
    except CannotIssueCode as error:
        return _before(request, selection, refusal=str(error))
    if not made.printed:
        return _before(request, selection, refusal=_("Nobody among these people can get a slip."))
    skipped = selection.persons.exclude(TO_ACTIVATE).count()
    for text in _told(made.made, made.kept, skipped, made.refused):
        messages.success(request, text)
    return redirect(f"{reverse('web:manage-slips-print')}?batch={made.batch}")


def _told(made: int, kept: int, skipped: int, refused: int) -> Iterable[str]:
    if made:
        yield ngettext("%(n)d new slip.", "%(n)d new slips.", made) % {"n": made}
    if kept:
        yield ngettext(
            "%(n)d slip is still good and is printed again as it was.",
            "%(n)d slips are still good and are printed again as they were.",
            kept,
        ) % {"n": kept}
    if skipped:
        yield ngettext(
            "%(n)d person has an account in use or closed: no slip.",
            "%(n)d people have an account in use or closed: no slips.",
            skipped,
        ) % {"n": skipped}
    if refused:
        yield ngettext(
            "%(n)d person has rights beyond yours: the slip comes from an administrator.",
            "%(n)d people have rights beyond yours: their slips come from an administrator.",
            refused,
        ) % {"n": refused}


def _before(request: SignedInRequest, selection: Selection, refusal: str = "") -> HttpResponse:
    persons = selection.persons.order_by()
    numbers = persons.aggregate(
        **{
            state.value: Count("pk", filter=condition, distinct=True)
            for state, condition in WITH_ACCOUNT.items()
        }
    )
    good = _good_codes(selection.persons, timezone.now()).count()
    to_make = numbers[AccountState.NONE] + numbers[AccountState.WAITING]
    context = {
        "nav": "manage",
        "section": "people",
        "link": selection.link(),
        "numbers": numbers,
        "total": sum(numbers.values()),
        "to_make": to_make,
        "good": good,
        "limit": AT_ONCE,
        "too_many": to_make > AT_ONCE,
        "refusal": refusal,
    }
    return render(request, "web/manage/slips.html", context, status=422 if refusal else 200)


def _good_codes(persons: QuerySet[Person], now: dt.datetime) -> QuerySet[ActivationCode]:
    return ActivationCode.objects.open(now).filter(
        purpose=ActivationCode.Purpose.FIRST,
        user__is_active=True,
        user__person__in=persons.order_by().values("pk"),
    )


@require_GET
@never_cache
@for_roles(*CARERS)
def printed(request: SignedInRequest) -> HttpResponse:
    """Sheets of slips that are still good, eight on a page, in the order of names."""
    selection = Selection(request.user, request.GET)
    codes = list(
        _good_codes(selection.persons, timezone.now())
        .select_related("user__person")
        .order_by("user__person__sort_key", "user__person_id")[: AT_ONCE + 1]
    )
    if len(codes) > AT_ONCE:
        return _before(
            request, selection, _("Choose fewer people, by unit for instance, to print again.")
        )
    found = slips_for(request, request.user, codes)
    context = {
        "nav": "manage",
        "section": "people",
        "sheets": [found[at : at + PER_SHEET] for at in range(0, len(found), PER_SHEET)],
        "count": len(found),
        "back": selection.link(batch=""),
    }
    return render(request, "web/manage/slips_print.html", context)


@require_GET
@never_cache
@for_roles(*CARERS)
def code(request: SignedInRequest, person_uuid: uuid.UUID) -> HttpResponse:
    """The code of one person that is still good: to read out, or to print."""
    person = visible_person(request, person_uuid)
    codes = ActivationCode.objects.open(timezone.now()).filter(
        user__person=person, user__is_active=True
    )
    found = slips_for(request, request.user, list(codes.select_related("user__person")))
    if not found:
        messages.warning(request, _("There is no code that is still good. Give out a new one."))
        return redirect("web:manage-person", person_uuid)
    context = {"nav": "manage", "section": "people", "person": person, "slip": found[0]}
    return render(request, "web/manage/person_code.html", context)


def slips_for(
    request: HttpRequest, user: User, codes: list[ActivationCode]
) -> list[dict[str, Any]]:
    """What a slip says, for those of `codes` that `user` may hand out: a few queries for all."""
    persons = [each.user.person for each in codes if each.user.person is not None]
    hand, known = giver(user), holders(persons)
    posts = current_posts([person.pk for person in persons], timezone.localdate())
    with override("vi"):  # the language of those who get them
        address = request.build_absolute_uri(reverse("web:activate"))
    found = []
    for each in codes:
        person = each.user.person
        if person is None or not may_entrust(hand, known[person.pk]):
            continue
        plain = code_for(each.uuid, each.digest)
        if not plain:  # made with a secret key that the site has no more
            continue
        post = posts.get(person.pk)
        found.append(
            {
                "name": person.full_name,
                "unit": post.unit.name if post else "",
                "username": each.user.username,
                "code": in_groups(plain),
                "until": each.expires_at,
                "is_first": each.purpose == ActivationCode.Purpose.FIRST,
                "address": address.partition("://")[2].rstrip("/"),
                "qr": _qr(f"{address}?code={plain}"),
            }
        )
    return found


def _qr(address: str) -> SafeString:
    # Any mask can be read. Comparing all eight takes most of the time, and there are 500 slips.
    square = segno.make(address, error="m", micro=False, mask=1)
    return mark_safe(square.svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None))  # noqa: S308 -- drawn here, holds no text
