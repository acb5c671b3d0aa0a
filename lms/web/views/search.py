"""Search over courses, lessons and what plugins add. Diacritics may be left out."""

from __future__ import annotations

import re
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from lms.learning.models import Enrolment
from lms.learning.queries import outlines
from lms.people.rights import rights_of
from lms.plugins.config import registries
from lms.plugins.guard import PluginFailure, guard
from lms.plugins.vietnamese import fold, nfc
from lms.web.presenting import language, may_see_course, page_url
from modules.content.models import Address, CoursePage, LessonPage
from modules.content.outline import Outline

LIMIT = 100
PER_PAGE = 20
AROUND = 90
WORD = re.compile(r"[^\W_]+")


def search(request: HttpRequest) -> HttpResponse:
    """The first hundred pages that hold all the words, the best first."""
    q = nfc(request.GET.get("q", "")[:200]).strip()
    results = find(request, q) if len(words_of(q)) > 1 else []
    page = Paginator(results, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "nav": "search",
        "q": q,
        "total": len(results),
        "results": list(page.object_list),
        "page_obj": page,
    }
    return render(request, "web/search.html", context)


def words_of(q: str) -> str:
    """What was typed as plain words: signs mean something to the engines' query languages."""
    return " ".join(WORD.findall(fold(q)))


def find(request: HttpRequest, q: str) -> list[dict[str, Any]]:
    """Results for `q` that this person may open: courses, lessons, then what plugins found."""
    folded = words_of(q)
    user = request.user
    rights = rights_of(user) if user.is_authenticated else None
    found: list[dict[str, Any]] = []
    seen: set[Any] = set()
    for model, kind in ((CoursePage, _("Course")), (LessonPage, _("Lesson"))):
        pages = list(model.objects.live().search(folded, operator="and")[:LIMIT]) or list(
            model.objects.live().autocomplete(folded, operator="and")[:LIMIT]
        )
        known = _outlines_of(pages)
        mine = _enrolled(user, known)
        pages.sort(key=lambda page: (page.locale.language_code != language(),))
        for page in pages:
            outline = known.get(page.pk)
            if outline is None or page.translation_key in seen:
                continue
            if not may_see_course(outline, rights, enrolled=outline.course_key in mine):
                continue
            seen.add(page.translation_key)
            code = page.locale.language_code
            path = "/" + page.url_path.strip("/").partition("/")[2] + "/"
            found.append(
                {
                    "url": page_url(path),
                    "title": page.title,
                    "kind": kind,
                    "context": "" if model is CoursePage else outline.page(language()).title,
                    "lang": "" if code == language() else code,
                    "excerpt": passage(page.words(), folded),
                }
            )
    return found + _from_plugins(folded, user)


def _outlines_of(pages: list[Any]) -> dict[int, Outline]:
    rows = Address.objects.filter(page_id__in=[page.pk for page in pages]).values_list(
        "page_id", "outline__course_key"
    )
    by_page = dict(rows)
    known = outlines(by_page.values())
    return {page_id: known[key] for page_id, key in by_page.items() if key in known}


def _enrolled(user: Any, known: dict[int, Outline]) -> set[Any]:
    if not user.is_authenticated or user.person_id is None:
        return set()
    keys = {outline.course_key for outline in known.values()}
    return set(
        Enrolment.objects.active()
        .filter(person_id=user.person_id, course_key__in=keys)
        .values_list("course_key", flat=True)
    )


def _from_plugins(folded: str, user: Any) -> list[dict[str, Any]]:
    found = []
    for source in registries.search_sources:
        try:
            with guard(source.key, "search", writes=False):
                asked_by = user if user.is_authenticated else None
                results = list(source.search(folded, asked_by, PER_PAGE))
        except PluginFailure:
            continue
        found += [
            {
                "url": each.url,
                "title": each.title,
                "kind": each.kind or str(source.label),
                "context": "",
                "lang": "",
                "excerpt": escape(each.passage),
            }
            for each in results
        ]
    return found


def passage(text: str, folded: str) -> SafeString:
    """The part of `text` around the first word found, the words marked; safe HTML."""
    text = re.sub(r"<[^>]+>|\s+", " ", nfc(text)).strip()
    plain = fold(text)
    if len(plain) != len(text):
        return mark_safe(escape(text[: 2 * AROUND]))  # noqa: S308 -- escaped
    words = [re.escape(word) for word in folded.split()]
    if not words:
        return mark_safe(escape(text[: 2 * AROUND]))  # noqa: S308 -- escaped
    pattern = re.compile("|".join(words))
    first = pattern.search(plain)
    at = first.start() if first else 0
    begin = max(0, plain.rfind(" ", 0, max(0, at - AROUND)) + 1)
    end = min(len(text), at + AROUND)
    parts: list[str] = []
    last = begin
    for match in pattern.finditer(plain, begin, end):
        parts.append(escape(text[last : match.start()]))
        parts.append(f"<mark>{escape(text[match.start() : match.end()])}</mark>")
        last = match.end()
    parts.append(escape(text[last:end]))
    start = "… " if begin else ""
    stop = " …" if end < len(text) else ""
    return mark_safe(start + "".join(parts) + stop)  # noqa: S308 -- escaped above
