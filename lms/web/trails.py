"""The rows of lessons on course and lesson pages: kept as HTML by outline version and language.

What is the same for everybody (address, code, title, minutes) is escaped and joined once for a
version; per person only the states are put in.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lms.learning.queries import Done
from lms.web.presenting import language, page_url, text_language
from modules.content.outline import LessonRef, Outline

KEPT = 64
_rows: OrderedDict[tuple[uuid.UUID, str, str, str], dict[uuid.UUID, tuple[str, str]]] = (
    OrderedDict()
)


def trail(
    outline: Outline, lessons: Iterable[LessonRef], done: Done, current: uuid.UUID | None = None
) -> SafeString:
    """The lessons as stepping stones with their states in words, as `{% trail %}` draws them."""
    kept = _rows_of(outline)
    words = {"done": f" · {_('done')}", "started": f" · {_('started')}"}
    html = []
    for lesson in lessons:
        head, tail = kept[lesson.key]
        state = done.state(lesson.key)
        here = ' aria-current="page"' if lesson.key == current else ""
        html.append(
            f'<li class="is-{state}">{head}{here}{tail}{words.get(state, "")}</small></a></li>'
        )
    return SafeString(f'<ol class="trail">{"".join(html)}</ol>')


def _rows_of(outline: Outline) -> dict[uuid.UUID, tuple[str, str]]:
    """(up to the address, from there to the minutes) of every lesson."""
    code = language()
    # The address of the course tells where the site is mounted.
    key = (outline.course_key, outline.version, code, page_url("/", code))
    kept = _rows.get(key)
    if kept is None:
        kept = {each.key: _row(each, code) for each in outline.order}
        _rows[key] = kept
        while len(_rows) > KEPT:
            _rows.popitem(last=False)
    return kept


def _row(lesson: LessonRef, code: str) -> tuple[str, str]:
    page = lesson.page(code)
    lang = text_language(lesson.pages)
    spoken = f' lang="{escape(lang)}"' if lang else ""
    return (
        f'<a href="{escape(page_url(page.path, code))}"',
        f"><b{spoken}>{escape(lesson.code)} {escape(page.title)}</b>"
        f"<small>{lesson.minutes} {_('min')}",
    )
