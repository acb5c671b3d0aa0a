"""Shows the activities of a lesson: inline, or as a card that leads to a page of its own."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from django.apps import apps
from django.forms import Media
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from lms.learning.models import ActivityProgress, Attempt, Enrolment
from lms.learning.queries import activity_progress, latest_attempts
from lms.plugins.config import registries
from lms.plugins.contracts import ActivityType, Mode, Trait, Visit
from lms.plugins.guard import PluginFailure, guard
from lms.plugins.prepared import Many, Prepared
from lms.web.presenting import activity_url, language
from modules.content.models import Activity
from modules.content.outline import LessonRef, Outline
from modules.content.rendering import ActivityPlace, LessonText


@dataclass
class Shown:
    """The activities of a lesson as HTML by id, what they load, and how many are still open."""

    html: dict[int, SafeString] = field(default_factory=dict)
    media: Media = field(default_factory=Media)
    unfinished: int = 0


def show_activities(
    request: HttpRequest,
    outline: Outline,
    lesson: LessonRef,
    text: LessonText,
    enrolment: Enrolment | None,
    *,
    mode: Mode,
) -> Shown:
    """Every activity of the lesson: one query per kind, two for the person's attempts and progress.

    An activity that fails, or whose plugin is gone, is replaced by a short notice; the rest of
    the lesson stands.
    """
    places = [part for part in text.parts if isinstance(part, ActivityPlace)]
    shown = Shown()
    if not places:
        return shown
    refs = {ref.activity_id: ref for refs in lesson.activities.values() for ref in refs}
    rows = _specific({place.activity_id: refs[place.activity_id].type_key
                      for place in places if place.activity_id in refs})
    keys = [row.translation_key for row in rows.values()]
    attempts = latest_attempts(enrolment.pk, keys) if enrolment else {}
    progress = activity_progress(enrolment.pk, keys) if enrolment else {}
    for place in places:
        row = rows.get(place.activity_id)
        if row is None:
            ref = refs.get(place.activity_id)
            if ref is not None:
                shown.html[place.activity_id] = unavailable(request, ref.uuid, ref.title)
            continue
        state = progress.get(row.translation_key)
        shown.html[place.activity_id] = _show(
            request, row, place, enrolment, attempts.get(row.translation_key), state, mode, shown
        )
        if enrolment and place.required and (state is None or state.completed_at is None):
            rule = row.rule
            shown.unfinished += rule is None or rule.on != "viewed"
    return shown


@cache
def _live(label: str) -> Prepared[Activity]:
    """The live rows of one kind, named by the label of its model, by id."""
    model = apps.get_model(label)
    return Prepared(lambda ids: model._default_manager.filter(live=True, pk__in=ids), Many(int))


def _specific(types: dict[int, str]) -> dict[int, Activity]:
    by_type: dict[str, list[int]] = defaultdict(list)
    for activity_id, type_key in types.items():
        by_type[type_key].append(activity_id)
    rows: dict[int, Activity] = {}
    for type_key, ids in by_type.items():
        found = registries.activity_types.get(type_key)
        if found is None:
            continue
        try:
            with guard(found.key, "read", writes=False):  # its table may not be there yet
                rows.update((row.pk, row) for row in _live(found.model._meta.label)(ids))
        except PluginFailure:
            continue
    return rows


def _show(
    request: HttpRequest,
    row: Activity,
    place: ActivityPlace,
    enrolment: Enrolment | None,
    attempt: Attempt | None,
    state: ActivityProgress | None,
    mode: Mode,
    shown: Shown,
) -> SafeString:
    found = row.activity_type
    if found is None:
        return unavailable(request, row.uuid, row.title)
    if Trait.FULL_PAGE in found.traits:
        return _card(request, found, row, place, attempt, state)
    visit = Visit(
        request=request,
        learner=request.user.person if enrolment and request.user.is_authenticated else None,
        enrolment=enrolment,
        attempt=attempt,
        mode=mode,
    )
    html = render_activity(row, visit)
    if html is None:
        return unavailable(request, row.uuid, row.title)
    shown.media = shown.media + found.media
    return render_to_string(
        "web/_activity_inline.html", {"activity": row, "body": html}
    )


def render_activity(row: Activity, visit: Visit) -> SafeString | None:
    """The activity's own HTML; None when its plugin failed or is gone."""
    found = row.activity_type
    if found is None:
        return None
    try:
        with guard(found.key, "render", writes=False):
            return found.render(row, visit)
    except PluginFailure:
        return None


def _card(
    request: HttpRequest,
    found: ActivityType,
    row: Activity,
    place: ActivityPlace,
    attempt: Attempt | None,
    state: ActivityProgress | None,
) -> SafeString:
    try:
        with guard(found.key, "summary", writes=False):
            summary = str(found.summary(row))
    except PluginFailure:
        return unavailable(request, row.uuid, row.title)
    best = state.best_scaled if state else None
    return _card_html(
        language(),
        row.uuid,
        row.title,
        str(found.label),
        found.icon,
        summary,
        place.required,
        card_state(attempt, state),
        None if best is None else round(best * 100),
    )


@lru_cache(maxsize=4096)
def _card_html(
    code: str,
    activity_uuid: uuid.UUID,
    title: str,
    type_label: str,
    icon: str,
    summary: str,
    required: bool,
    state: str,
    best_percent: int | None,
) -> SafeString:
    """The card in the language of the request, which is `code`; nothing in it names a person."""
    context: dict[str, Any] = {
        "uuid": activity_uuid,
        "title": title,
        "type_label": type_label,
        "icon": icon,
        "summary": summary,
        "lang": "",
        "required": required,
        "url": activity_url(activity_uuid),
        "state": state,
        "best_percent": best_percent,
    }
    return render_to_string("web/_activity_card.html", {"activity": context})


def card_state(attempt: Attempt | None, state: ActivityProgress | None) -> str:
    """"" | open | submitted | failed | completed, as the card knows them."""
    if attempt is not None and attempt.is_open:
        return "open"
    if state is not None and state.completed_at is not None:
        return "completed"
    if attempt is None:
        return ""
    if attempt.state == Attempt.State.SUBMITTED:
        return "submitted"
    return "failed"


def unavailable(request: HttpRequest, activity_uuid: uuid.UUID, title: str) -> SafeString:
    """The notice that stands where an activity cannot be shown."""
    return render_to_string(
        "web/_activity_unavailable.html",
        {"activity": {"uuid": activity_uuid, "title": title}, "language": language()},
        request,
    )
