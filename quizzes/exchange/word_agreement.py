"""Whether all that a test says of a question fits together: its letters, its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizzes.exchange import word_keys as keys
from quizzes.exchange.word_asked import Choice
from quizzes.exchange.word_keys import Evidence
from quizzes.exchange.word_written import Unclear

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

SOURCES: Final[dict[str, _StrOrPromise]] = {
    "written": gettext_lazy("the line with the key"),
    "table": gettext_lazy("the table of keys"),
    "star": gettext_lazy("the asterisk or tick"),
    "bold": gettext_lazy("bold text"),
    "underline": gettext_lazy("underlined text"),
    "marked": gettext_lazy("highlighted text"),
    "coloured": gettext_lazy("coloured text"),
}


def check_letters(options: list[Choice]) -> None:
    """Raise Unclear where letters are missing, or there twice."""
    letters = [each.letter for each in options]
    if letters[0] in "ĐS":
        if sorted(letters) != ["S", "Đ"]:
            raise Unclear(_("It has only one of “Đúng” and “Sai”."))
        return
    for at, letter in enumerate(letters):
        if letters.count(letter) > 1:
            raise Unclear(
                _("It has option %(letter)s twice. Does another question begin between them?")
                % {"letter": letter}
            )
        if letter != keys.LETTERS[at]:
            raise Unclear(
                _("Option %(letter)s is missing. Write each option on a line of its own.")
                % {"letter": keys.LETTERS[at]}
            )
    if len(options) < 2:
        raise Unclear(_("It has only one option. Write each option on a line of its own."))


def agreed(found: list[Evidence], options: list[Choice]) -> set[str]:
    """The right letters, if all that says something says the same."""
    if not found:
        raise Unclear(
            _("It has no key. Add a line such as “Đáp án: B”, or make the right option bold.")
        )
    for other in found[1:]:
        if set(other.letters) != set(found[0].letters):
            raise Unclear(
                _("Its keys disagree: %(one)s says %(first)s, %(other)s says %(second)s.")
                % {
                    "one": SOURCES[found[0].source],
                    "first": ", ".join(found[0].letters),
                    "other": SOURCES[other.source],
                    "second": ", ".join(other.letters),
                }
            )
    if found[0].source == "bold" and len(found[0].letters) * 2 > len(options):
        raise Unclear(
            _("Most of its options are bold. Add a line such as “Đáp án: %(letter)s”.")
            % {"letter": found[0].letters[0]}
        )
    return set(found[0].letters)
