"""What a course page shows besides its outline: kept in memory by outline version."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass

from django.db.models import Q

from modules.content.models import CoursePage, LegalReference
from modules.content.outline import Outline


@dataclass(frozen=True)
class CourseFacts:
    """Words of the course page in one language, and how sure its legal references are."""

    audience: str
    objectives: list[str]
    review_by: dt.date | None
    references: int
    checked: int
    under_review: int


KEPT = 128
_facts: OrderedDict[tuple[int, str, dt.date], CourseFacts] = OrderedDict()


def course_facts(page_id: int, outline: Outline, today: dt.date) -> CourseFacts:
    """The facts of the course page: two queries the first time for a version, then none."""
    key = (page_id, outline.version, today)
    kept = _facts.get(key)
    if kept is not None:
        return kept
    page = CoursePage.objects.get(pk=page_id)
    lesson_ids = [ref.page_id for lesson in outline.lessons() for ref in lesson.pages.values()]
    activity_ids = {
        ref.activity_id
        for lesson in outline.lessons()
        for refs in lesson.activities.values()
        for ref in refs
    }
    cited = LegalReference.objects.filter(
        Q(lesson_links__lesson__in=lesson_ids) | Q(activities__in=activity_ids)
    ).distinct()
    references = list(cited)
    out = sum(reference.is_out_of_force(today) for reference in references)
    facts = CourseFacts(
        audience=page.audience,
        objectives=page.objective_list,
        review_by=page.review_by,
        references=len(references),
        checked=sum(
            bool(reference.last_checked) and not reference.is_out_of_force(today)
            for reference in references
        ),
        under_review=out,
    )
    _facts[key] = facts
    while len(_facts) > KEPT:
        _facts.popitem(last=False)
    return facts
