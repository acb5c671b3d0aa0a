"""The text of a lesson as HTML: the same for everybody, so rendered once per version."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from lms.plugins.config import registries
from lms.plugins.guard import PluginFailure, guard
from modules.content.models import LegalReference, LessonPage


@dataclass(frozen=True)
class ActivityPlace:
    """Where an activity stands between the text."""

    activity_id: int
    required: bool


@dataclass(frozen=True)
class LessonText:
    """A lesson without anything personal. `parts`: HTML and places of activities, in order."""

    title: str
    code: str
    minutes: int
    language: str
    objectives: list[str]
    parts: list[SafeString | ActivityPlace]
    references: list[dict[str, Any]]
    glossary: list[dict[str, str]]
    review_by: dt.date | None
    under_review: bool
    failed_blocks: list[str] = field(default_factory=list)


KEPT = 256
_texts: OrderedDict[tuple[int, str, str, dt.date], LessonText] = OrderedDict()
_lock = Lock()


def lesson_text(page_id: int, version: str, today: dt.date) -> LessonText:
    """The published text of the lesson page in the language of the request.

    `version` is the outline's: it changes with every publication and every change of a legal
    reference in the course. `today` decides which references are still in force. Raises
    LessonPage.DoesNotExist when the page is gone.
    """
    key = (page_id, version, get_language() or "", today)
    kept = _texts.get(key)
    if kept is not None:
        return kept
    page = LessonPage.objects.select_related("locale").get(pk=page_id, live=True)
    text = render_lesson(page, today)
    with _lock:
        _texts[key] = text
        while len(_texts) > KEPT:
            _texts.popitem(last=False)
    return text


def render_lesson(page: LessonPage, today: dt.date) -> LessonText:
    """The text of `page` as it stands in memory (a draft too)."""
    links = page.legal_references.select_related(
        "reference", "reference__superseded_by", "reference__checked_by__person"
    )
    references = [reference_entry(link.reference, today) for link in links]
    failed: list[str] = []
    parts = _parts(page, failed)
    return LessonText(
        title=page.title,
        code=page.code,
        minutes=page.minutes,
        language=page.locale.language_code,
        objectives=page.objective_list,
        parts=parts,
        references=references,
        glossary=[
            {"term": entry.value["term"], "meaning": entry.value["meaning"]}
            for entry in page.glossary
        ],
        review_by=page.review_by,
        under_review=page.is_overdue(today)
        or any(entry["state"] in {"review", "expired"} for entry in references),
        failed_blocks=failed,
    )


def reference_entry(reference: LegalReference, today: dt.date) -> dict[str, Any]:
    """What readers see of a reference on `today`; `state` as the template knows it."""
    if reference.is_out_of_force(today):
        state = "review"
    else:
        state = "checked" if reference.last_checked else "unchecked"
    by = reference.checked_by
    person = getattr(by, "person", None)
    superseded_by = reference.superseded_by
    return {
        "number": reference.number,
        "article": reference.article,
        "title": reference.title,
        "issuer": reference.issuer,
        "url": reference.url,
        "state": state,
        "checked_on": reference.last_checked,
        "checked_by": person.full_name if person else (by.get_username() if by else ""),
        "superseded_by": superseded_by.number if superseded_by else "",
    }


def _parts(page: LessonPage, failed: list[str]) -> list[SafeString | ActivityPlace]:
    parts: list[SafeString | ActivityPlace] = []
    html: list[str] = []
    for child in page.body:
        if child.block_type == "activity":
            if html:
                parts.append(mark_safe("".join(html)))  # noqa: S308 -- blocks escape themselves
                html = []
            activity_id = child.value.raw_data["activity"] if hasattr(
                child.value, "raw_data"
            ) else (child.value["activity"].pk if child.value.get("activity") else None)
            if activity_id:
                parts.append(ActivityPlace(int(activity_id), bool(child.value["required"])))
            continue
        anchor = f"b-{str(child.id or len(html))[:8]}"
        html.append(
            format_html('<div id="{0}" data-anchor>{1}</div>', anchor, _render(child, failed))
        )
    if html:
        parts.append(mark_safe("".join(html)))  # noqa: S308 -- blocks escape themselves
    return parts


def _render(child: Any, failed: list[str]) -> SafeString | str:
    plugin_block = registries.lesson_blocks.get(child.block_type)
    if plugin_block is None:
        return child.render()  # type: ignore[no-any-return]  # Wagtail is untyped
    try:
        with guard(plugin_block.key, "render", writes=False):
            return child.render()  # type: ignore[no-any-return]  # Wagtail is untyped
    except PluginFailure:
        failed.append(plugin_block.key)
        return ""
