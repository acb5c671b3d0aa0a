"""Telling the authors about a fault: the form on pages, and where a report leads back to."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from lms.feedback.models import ContentReport
from lms.web.presenting import MAIN, action_url, activity_url, language, page_url
from modules.content.models import Activity, Address

LESSON, ACTIVITY = ContentReport.Where.LESSON, ContentReport.Where.ACTIVITY


def report_form(where: ContentReport.Where, key: uuid.UUID, *, kept: bool = True) -> dict[str, Any]:
    """What web/_report_form.html needs; `key`: of the lesson, or the uuid of the activity.

    `kept`: its fields are empty, so the same for everybody.
    """
    return {
        "url": action_url(f"report-{where}", key),
        "kinds": ContentReport.Kind.choices,
        "asks_place": where == ACTIVITY,
        "fresh": str(where) if kept else None,
    }


def links_of(reports: Iterable[ContentReport]) -> dict[uuid.UUID, str]:
    """The page of each lesson and activity as learners see it, by key: two queries at most.

    What is not published any more has none.
    """
    rows = list(reports)
    lessons = {each.key for each in rows if each.where == LESSON}
    activities = {each.key for each in rows if each.where == ACTIVITY}
    found: dict[uuid.UUID, str] = {}
    if lessons:
        # Sorted so that the page in the language of the request comes last and stays.
        addresses = Address.objects.filter(key__in=lessons, kind=Address.Kind.LESSON)
        for address in sorted(addresses, key=lambda each: each.language == language()):
            path = address.url_path.partition(":")[2]
            code = language() if address.language == MAIN else address.language
            found[address.key] = page_url(path, code)
    if activities:
        for activity in Activity.objects.live().filter(translation_key__in=activities):
            found[activity.translation_key] = activity_url(activity.uuid)
    return found
