"""What authors should look at: lessons and activities whose basis or review date has passed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from modules.content.models import Activity, LegalReference, LessonPage, Placement


@dataclass
class Attention:
    """Why a lesson needs its author: references out of force, a review date that has passed."""

    references: list[LegalReference] = field(default_factory=list)
    overdue_since: dt.date | None = None


def activities_citing_out_of_force(on: dt.date) -> QuerySet[Activity]:
    """Activities, of every type, that rest on a reference which does not apply on `on`."""
    gone = LegalReference.objects.out_of_force(on)
    return Activity.objects.filter(references__in=gone).distinct()


def lessons_citing_out_of_force(on: dt.date) -> QuerySet[LessonPage]:
    """Lessons that cite such a reference, or hold an activity that does. Drafts too."""
    gone = LegalReference.objects.out_of_force(on)
    through_activities = Placement.objects.filter(activity__references__in=gone)
    found: QuerySet[LessonPage] = LessonPage.objects.filter(
        Q(legal_references__reference__in=gone)
        | Q(translation_key__in=through_activities.values("lesson_key"))
    ).distinct()
    return found


def lessons_needing_attention(on: dt.date) -> QuerySet[LessonPage]:
    """Lessons that cite what is out of force, or whose review date has passed."""
    found: QuerySet[LessonPage] = LessonPage.objects.filter(
        Q(pk__in=lessons_citing_out_of_force(on).values("pk")) | Q(review_by__lt=on)
    ).order_by("review_by", "path")
    return found


def attention_of(lessons: Iterable[LessonPage], on: dt.date) -> dict[int, Attention]:
    """Why each of `lessons` needs attention, by page id, in a fixed number of queries."""
    pages = list(lessons)
    found: dict[int, Attention] = defaultdict(Attention)
    by_key: dict[uuid.UUID, list[int]] = defaultdict(list)
    for page in pages:
        by_key[page.translation_key].append(page.pk)
        if page.is_overdue(on):
            found[page.pk].overdue_since = page.review_by
    gone = LegalReference.objects.out_of_force(on)
    direct = gone.filter(lesson_links__lesson__in=[page.pk for page in pages])
    cited = {
        (page_id, code)
        for page_id, code in direct.values_list("lesson_links__lesson_id", "code")
        if page_id is not None
    }
    placed = gone.filter(activities__placements__lesson_key__in=list(by_key))
    for key, code in placed.values_list("activities__placements__lesson_key", "code"):
        cited |= {(page_id, code) for page_id in by_key.get(key, ())}
    references = {
        each.code: each
        for each in LegalReference.objects.filter(code__in={code for _, code in cited})
    }
    for page_id, code in sorted(cited):
        if page_id in {page.pk for page in pages}:
            found[page_id].references.append(references[code])
    return dict(found)
