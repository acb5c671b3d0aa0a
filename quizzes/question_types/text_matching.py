"""Whether a text that was typed is the one that an author wrote, in Vietnamese or not. Pure.

Never told apart: compositions of letters, old and new places of tone marks ("hoà", "hòa"), white
space however much, punctuation at the end. Capitals and diacritics: as the question says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lms.plugins.vietnamese import fold, modern_tones, nfc

ANYTHING = "*"
_ESCAPED = "\\*"
_STAR = "\ue000"  # what an escaped * is while a pattern is prepared; for private use, so no text

# Where a tone may stand in both places: a syllable is made to end here, for `modern_tones`.
_SECOND = re.compile("([àáảãạèéẻẽẹỳýỷỹỵ])", re.IGNORECASE)
_BREAK = "\u2060"
_END = " .,;:!?…。"


@dataclass(frozen=True)
class Manner:
    """What two texts may differ in and still be the same."""

    case_matters: bool = False
    diacritics_matter: bool = True

    def normal(self, text: str) -> str:
        """`text` in the form in which it is compared."""
        text = " ".join(_one_place(text.replace(_BREAK, "")).split())
        text = text.rstrip(_END) or text
        if not self.diacritics_matter:
            text = "".join(_bare(letter) for letter in text)
        return text if self.case_matters else nfc(text.casefold())

    def same(self, one: str, other: str) -> bool:
        """Whether the two say the same; * is a letter like others here."""
        return self.normal(one) == self.normal(other)

    def matches(self, pattern: str, text: str) -> bool:
        r"""Whether `text` fits `pattern`, in which * stands for anything, or nothing, and \* for *.

        A * that is a word of its own may be no word at all: "xã * Hà" fits "xã Hà". Looked for
        from left to right without going back, so the time grows with the lengths only.
        """
        prepared = self.normal(pattern.replace(_STAR, "").replace(_ESCAPED, _STAR))
        # Spaces twice, at the ends too; once beside a *, so that both its sides may share one.
        wide = re.sub(r"(?<!\*) (?!\*)", "  ", f" {prepared} ")
        first, *rest = (part.replace(_STAR, ANYTHING) for part in wide.split(ANYTHING))
        found = f" {self.normal(text)} ".replace(" ", "  ")
        if not prepared or not self.normal(text):
            return False
        if not rest:
            return found == first
        *middle, last = rest
        at, end = len(first), len(found) - len(last)
        if not (found.startswith(first) and found.endswith(last) and at <= end):
            return False
        for part in middle:
            place = found.find(part, at, end)
            if place < 0:
                return False
            at = place + len(part)
        return True


def is_open(pattern: str) -> bool:
    """Whether something in `pattern` stands for anything."""
    return ANYTHING in pattern.replace(_ESCAPED, "")


def fill(pattern: str, by: str) -> str:
    r"""`pattern` as a text: `by` for every *, and * for \*."""
    text = pattern.replace(_STAR, "").replace(_ESCAPED, _STAR)
    return " ".join(text.replace(ANYTHING, by).replace(_STAR, ANYTHING).split())


def _one_place(text: str) -> str:
    """`text` with the tone of every oa, oe, uy on its first letter, whatever follows them.

    What follows must not matter, since a * may: "hoà*" is for "hoà bình" and for "hoàn thành".
    """
    return modern_tones(_SECOND.sub(rf"\1{_BREAK}", nfc(text))).replace(_BREAK, "")


def _bare(letter: str) -> str:
    plain = fold(letter)
    return plain if letter == letter.lower() else plain.upper()
