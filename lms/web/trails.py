"""Lessons and modules on course and lesson pages: kept as HTML by outline version and language.

What is the same for everybody (address, code, title, minutes) is escaped and joined once for a
version; per person only the states are put in. A module that somebody has done as a whole, or
not begun, looks the same for everybody too: most of the modules of a long course. So the page
of a course with a thousand lessons costs little more than that of one with ten.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lms.learning.queries import Done
from lms.web.presenting import language, module_entry, page_url, text_language
from modules.content.outline import LessonRef, ModuleRef, Outline

KEPT = 64


@dataclass(frozen=True)
class _Trail:
    """A module: its rows (up to the address, from there to the minutes); two finished trails,
    and what was drawn of the whole module, by (all done, open).
    """

    rows: list[tuple[LessonRef, str, str]]
    all_done: SafeString
    none_begun: SafeString
    folds: dict[tuple[bool, bool], SafeString] = field(default_factory=dict)


_trails: OrderedDict[tuple[uuid.UUID, str, str, str], dict[uuid.UUID, _Trail]] = OrderedDict()


def trail(outline: Outline, module: ModuleRef, done: Done, current: uuid.UUID) -> SafeString:
    """Its lessons as stepping stones with their states in words, as `{% trail %}` draws them."""
    return _drawn(_trails_of(outline)[module.key].rows, done.state, current)


def modules(outline: Outline, done: Done, open_module: ModuleRef | None) -> SafeString:
    """Every module of the course with its lessons, folded but for the open one."""
    begun = done.completed | done.started
    html = []
    for module, kept in zip(outline.modules, _trails_of(outline).values(), strict=True):
        is_open = module is open_module
        all_done = module.lesson_keys <= done.completed
        if not all_done and not module.lesson_keys.isdisjoint(begun):
            own = _drawn(kept.rows, done.state)
            html.append(_fold(outline, module, done, own, is_open=is_open))
            continue
        fold = kept.folds.get((all_done, is_open))
        if fold is None:
            own = kept.all_done if all_done else kept.none_begun
            fold = _fold(outline, module, done, own, is_open=is_open)
            kept.folds[all_done, is_open] = fold
        html.append(fold)
    return SafeString("".join(html))


def _fold(
    outline: Outline, module: ModuleRef, done: Done, own: SafeString, *, is_open: bool
) -> SafeString:
    context = {
        "text_key": (outline.version, page_url("/")),
        "lang": text_language(outline.pages),
        "module": module_entry(module, done, is_open=is_open),
        "trail": own,
    }
    return render_to_string("web/_module.html", context)


def _drawn(
    rows: list[tuple[LessonRef, str, str]],
    state_of: Callable[[uuid.UUID], str],
    current: uuid.UUID | None = None,
) -> SafeString:
    words = {"done": f" · {_('done')}", "started": f" · {_('started')}"}
    html = []
    for lesson, head, tail in rows:
        state = state_of(lesson.key)
        here = ' aria-current="page"' if lesson.key == current else ""
        html.append(
            f'<li class="is-{state}">{head}{here}{tail}{words.get(state, "")}</small></a></li>'
        )
    return SafeString(f'<ol class="trail">{"".join(html)}</ol>')


def _trails_of(outline: Outline) -> dict[uuid.UUID, _Trail]:
    """The trail of every module, in the language of the request."""
    code = language()
    # The address of the course tells where the site is mounted.
    key = (outline.course_key, outline.version, code, page_url("/", code))
    kept = _trails.get(key)
    if kept is None:
        kept = {module.key: _trail(module, code) for module in outline.modules}
        _trails[key] = kept
        while len(_trails) > KEPT:
            _trails.popitem(last=False)
    return kept


def _trail(module: ModuleRef, code: str) -> _Trail:
    rows = [_row(lesson, code) for lesson in module.lessons]
    return _Trail(rows, _drawn(rows, lambda _key: "done"), _drawn(rows, lambda _key: "todo"))


def _row(lesson: LessonRef, code: str) -> tuple[LessonRef, str, str]:
    page = lesson.page(code)
    lang = text_language(lesson.pages)
    spoken = f' lang="{escape(lang)}"' if lang else ""
    return (
        lesson,
        f'<a href="{escape(page_url(page.path, code))}"',
        f"><b{spoken}>{escape(lesson.code)} {escape(page.title)}</b>"
        f"<small>{lesson.minutes} {_('min')}",
    )
