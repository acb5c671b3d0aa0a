"""What keeps a question from being asked."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from lms.plugins.contracts import Json, Problem
from lms.plugins.richtext import Profile, clean
from quizzes.bodies import missing_pictures
from quizzes.contracts import question_types


def content_problems(type_key: str, data: Json) -> list[Problem]:
    """What is wrong with such content. An error stops publication."""
    if not type_key:
        return [Problem(_("The question has no answers yet: choose its kind."), field="body")]
    found = question_types.get(type_key)
    if found is None:
        return [
            Problem(
                _("The kind of question “%(key)s” is not installed.") % {"key": type_key},
                field="body",
            )
        ]
    return [*_common_problems(data), *found.problems(data)]


def _common_problems(data: Json) -> Iterator[Problem]:
    if not _says_something(data["prompt"]):
        yield Problem(_("The question has no text."), field="prompt")
    for picture in missing_pictures(data):
        yield Problem(
            _("Picture %(number)d is no longer in the library.") % {"number": picture}, field="body"
        )


def _says_something(html: str) -> bool:
    return "<img" in html or bool(clean(html, Profile.PLAIN).strip())
