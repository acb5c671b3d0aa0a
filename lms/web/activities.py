"""Shows the activities of a lesson: inline, or as a card that leads to a page of its own."""

from __future__ import annotations

import uuid
from collections import OrderedDict, defaultdict
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
from lms.plugins.contracts import CompletionRule, Mode, Trait, Visit, whole_percent
from lms.plugins.guard import PluginFailure, guard
from lms.plugins.prepared import Many, Prepared
from lms.web.presenting import activity_url, language
from modules.content.models import Activity
from modules.content.outline import ActivityRef, LessonRef, Outline
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
    """Every activity of the lesson. Cards cost one query for the person's progress, and one per
    kind when this version is shown for the first time; activities that stand in the lesson
    itself cost one query per kind and one for the person's attempts.

    An activity that fails, or whose plugin is gone, is replaced by a short notice; the rest of
    the lesson stands.
    """
    places = [part for part in text.parts if isinstance(part, ActivityPlace)]
    shown = Shown()
    if not places:
        return shown
    refs = {ref.activity_id: ref for refs in lesson.activities.values() for ref in refs}
    placed = [refs[place.activity_id] for place in places if place.activity_id in refs]
    cards = _cards(outline, lesson, [ref for ref in placed if _is_card(ref)])
    rows = _specific([ref for ref in placed if not _is_card(ref)])
    progress = attempts = {}
    if enrolment is not None:
        progress = activity_progress(enrolment.pk, [ref.key for ref in placed])
        attempts = latest_attempts(enrolment.pk, [row.translation_key for row in rows.values()])
    for place in places:
        ref = refs.get(place.activity_id)
        if ref is None:
            continue
        state = progress.get(ref.key)
        card, row = cards.get(ref.activity_id), rows.get(ref.activity_id)
        html = None
        if card is not None:
            html = _card_html(card, ref.uuid, place.required, card_state(state), _percent(state))
        elif row is not None:
            html = _inline(request, row, enrolment, attempts.get(ref.key), mode, shown)
        shown.html[ref.activity_id] = html or unavailable(request, ref.uuid, ref.title)
        rule = card.rule if card is not None else row.rule if row is not None else None
        if enrolment and place.required and (state is None or state.completed_at is None):
            known = card is not None or row is not None
            shown.unfinished += known and (rule is None or rule.on != "viewed")
    return shown


def _is_card(ref: ActivityRef) -> bool:
    found = registries.activity_types.get(ref.type_key)
    return found is not None and Trait.FULL_PAGE in found.traits


@cache
def _live(label: str) -> Prepared[Activity]:
    """The live rows of one kind, named by the label of its model, by id."""
    model = apps.get_model(label)
    return Prepared(lambda ids: model._default_manager.filter(live=True, pk__in=ids), Many(int))


def _specific(refs: list[ActivityRef]) -> dict[int, Activity]:
    by_type: dict[str, list[int]] = defaultdict(list)
    for ref in refs:
        by_type[ref.type_key].append(ref.activity_id)
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


@dataclass(frozen=True)
class Card:
    """What the card of an activity says to everybody, in one language."""

    language: str
    title: str
    type_label: str
    icon: str
    summary: str
    rule: CompletionRule | None = field(compare=False)


KEPT = 512
_kept: OrderedDict[tuple[str, uuid.UUID, str], dict[int, Card]] = OrderedDict()


def _cards(outline: Outline, lesson: LessonRef, refs: list[ActivityRef]) -> dict[int, Card]:
    """The cards by id, kept by outline version: publishing an activity makes a new version.

    Kept only when all could be made: one that failed is tried again with the next page.
    """
    if not refs:
        return {}
    code = language()
    key = (outline.version, lesson.key, code)
    kept = _kept.get(key)
    if kept is not None:
        return kept
    cards = {}
    for pk, row in _specific(refs).items():
        found = row.activity_type
        if found is None:
            continue
        try:
            with guard(found.key, "summary", writes=False):
                summary = str(found.summary(row))
        except PluginFailure:
            continue
        cards[pk] = Card(code, row.title, str(found.label), found.icon, summary, row.rule)
    if len(cards) == len({ref.activity_id for ref in refs}):
        _kept[key] = cards
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return cards


def _inline(
    request: HttpRequest,
    row: Activity,
    enrolment: Enrolment | None,
    attempt: Attempt | None,
    mode: Mode,
    shown: Shown,
) -> SafeString | None:
    found = row.activity_type
    visit = Visit(
        request=request,
        learner=request.user.person if enrolment and request.user.is_authenticated else None,
        enrolment=enrolment,
        attempt=attempt,
        mode=mode,
    )
    html = render_activity(row, visit)
    if html is None or found is None:
        return None
    shown.media = shown.media + found.media
    return render_to_string("web/_activity_inline.html", {"activity": row, "body": html})


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


@lru_cache(maxsize=4096)
def _card_html(
    card: Card, activity_uuid: uuid.UUID, required: bool, state: str, best_percent: int | None
) -> SafeString:
    """The card in the language of the request, which is the card's; it names no person."""
    context: dict[str, Any] = {
        "uuid": activity_uuid,
        "title": card.title,
        "type_label": card.type_label,
        "icon": card.icon,
        "summary": card.summary,
        "lang": "",
        "required": required,
        "url": activity_url(activity_uuid),
        "state": state,
        "best_percent": best_percent,
    }
    return render_to_string("web/_activity_card.html", {"activity": context})


def _percent(state: ActivityProgress | None) -> int | None:
    best = state.best_scaled if state else None
    return None if best is None else whole_percent(best)


def card_state(state: ActivityProgress | None) -> str:
    """ "" | open | submitted | failed | completed, as the card knows them.

    `state` as `activity_progress` gives it.
    """
    newest = state.newest_state if state is not None else None  # type: ignore[attr-defined]
    if newest == Attempt.State.OPEN:
        return "open"
    if state is not None and state.completed_at is not None:
        return "completed"
    if newest is None:
        return ""
    return "submitted" if newest == Attempt.State.SUBMITTED else "failed"


def unavailable(request: HttpRequest, activity_uuid: uuid.UUID, title: str) -> SafeString:
    """The notice that stands where an activity cannot be shown."""
    return render_to_string(
        "web/_activity_unavailable.html",
        {"activity": {"uuid": activity_uuid, "title": title}, "language": language()},
        request,
    )
