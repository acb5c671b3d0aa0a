"""What stands for a rich text where only plain text can: in selects, exports and statistics."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from string import ascii_uppercase

from django.utils.translation import gettext as _

from quizzes.question_types.rows import plain

LONG = 60  # characters: more is hard to read in a select on a phone

_ALT = re.compile(r'<img[^>]*\balt="([^"]*)"')


def say(text: str) -> str:
    """The words of clean HTML, else what its picture is said to show."""
    described = " ".join(html.unescape(each) for each in _ALT.findall(text) if each.strip())
    return plain(text) or described or _("Picture")


def fits_in_a_select(text: str) -> bool:
    """Whether clean HTML loses nothing that matters as one plain line."""
    return "<img" not in text and len(plain(text)) <= LONG


@lru_cache(maxsize=4096)
def same(text: str) -> str:
    """Equal for texts that look the same to readers."""
    return text if "<img" in text else plain(text).casefold()


def letter(at: int) -> str:
    """A, B, C … Z, AA, AB …: what stands at place `at`, counted from 0, is called."""
    before, last = divmod(at, len(ascii_uppercase))
    return (letter(before - 1) if before else "") + ascii_uppercase[last]
