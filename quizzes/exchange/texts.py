"""Texts of other systems as ours: Moodle's four text formats as HTML, figures as numbers."""

from __future__ import annotations

import html
import math
import re
from decimal import Decimal, InvalidOperation
from typing import Final

from markdown import Markdown

from lms.plugins.richtext import Profile, clean

MOODLE, PLAIN, HTML, MARKDOWN = "moodle", "plain", "html", "markdown"
BREAK: Final = "\u2028"  # a line end that its author meant, where others only fold the file
_HEAD: Final = 65_536
LONGEST_MARKDOWN: Final = 50_000

_KNOWN = (
    r"(?:a|b|br|code|div|em|h[1-6]|hr|i|img|li|ol|p|pre|s|span|strong|sub|sup|table|td|th|tr|u|ul)"
)
_TAG: Final = re.compile(rf"</?{_KNOWN}(?:\s[^<>]*)?/?>", re.IGNORECASE)
# Only what closes an element, or needs no closing, says that a text is meant as HTML: "<p>" alone
# may be what a question asks about.
_MARKUP: Final = re.compile(rf"</{_KNOWN}\s*>|<(?:br|hr)\s*/?>|<img\s[^<>]*>", re.IGNORECASE)
_ANY_TAG: Final = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
_ITEM: Final = re.compile(r"[ \t]*(?:[-*+]|[0-9]{1,3}\.)[ \t]")
_ENTITY: Final = re.compile(r"&(?!#?\w{1,31};)")
_COMMA: Final = re.compile(r"[+-]?[0-9]+,(?:[0-9]{1,2}|[0-9]{4,20})")
_POINT: Final = re.compile(
    r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?"
)


def beginning(content: bytes) -> bytes:
    """The first lines of a text file: enough to know it by, and no letter cut in two."""
    head = content[:_HEAD]
    if len(content) <= _HEAD or b"\0" in head[:4096]:
        return head
    return head.rpartition(b"\n")[0] or head


def html_of(text: str, kind: str = MOODLE) -> str:
    """`text` of one of the four formats as HTML that begins with an element; "" where it is empty.

    Moodle's own format is plain text that may hold elements; what is no element stays a sign.
    """
    if kind == MARKDOWN:
        return _from_markdown(text.replace(BREAK, "\n"))
    if kind == HTML:
        text = text.replace(BREAK, "\n").strip()
        return text if text.startswith("<") or not text else f"<p>{text}</p>"
    is_markup = kind == MOODLE and has_markup(text)
    lines = [" ".join(line.split()) for line in text.strip(f"{BREAK} \t\n").split(BREAK)]
    lines = [_mended(line) if is_markup else html.escape(line, quote=False) for line in lines]
    if is_markup:
        joined = "<br>".join(lines)
        return joined if joined.startswith("<") else f"<p>{joined}</p>"
    parts = "\n".join(lines).split("\n\n")
    return "".join(
        f"<p>{'<br>'.join(part.strip().split(chr(10)))}</p>" for part in parts if part.strip()
    )


def has_markup(text: str) -> bool:
    """Whether a text of Moodle's own format holds elements."""
    return _MARKUP.search(text) is not None


def plain_of(markup: str) -> str:
    """The words of HTML, on one line, nothing escaped."""
    return " ".join(html.unescape(clean(markup, Profile.PLAIN)).split())


def lines_of(markup: str) -> str:
    """The words of HTML, a line for each block, nothing escaped."""
    return html.unescape(clean(markup, Profile.PLAIN)).strip()


def is_empty(markup: str) -> bool:
    """Whether HTML shows nothing."""
    if "<img" in markup or "<embed" in markup:
        return False
    return not html.unescape(_ANY_TAG.sub("", markup)).strip()


def figure(text: str) -> float | None:
    """A number as files have it; None where it is none, or can be read in two ways.

    With a decimal point; a decimal comma where it cannot group thousands.
    """
    text = text.strip().replace("\u2212", "-")
    if _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if not _POINT.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def written_figure(number: float) -> str:
    """`number` so that `figure` reads it, without a power of ten where that is not too long."""
    exact = Decimal(repr(number)).normalize() + 0
    return format(exact, "f") if -10 <= exact.adjusted() < 20 else repr(number)


def percent(text: str) -> float | None:
    """A weight in percent, -100 to 100; None where it is none. 33.33333 and 33.3 are a third."""
    try:
        weight = float(Decimal(text.strip().replace(",", ".")))
    except (InvalidOperation, OverflowError):
        return None
    if not math.isfinite(weight) or abs(weight) > 100:
        return None
    for parts in (3, 6, 7, 9, 11, 12):
        whole = round(weight * parts / 100)
        if whole and abs(weight - 100 * whole / parts) < 0.04:
            return 100 * whole / parts
    return weight


def written_percent(weight: float) -> str:
    """A weight as Moodle writes it: five decimals where they are needed."""
    return f"{weight:.5f}".rstrip("0").rstrip(".")


def _mended(text: str) -> str:
    """HTML by hand: what is no element of those that texts have is a sign."""
    parts, at = [], 0
    for tag in _TAG.finditer(text):
        parts += [_signs(text[at : tag.start()]), tag[0]]
        at = tag.end()
    return "".join([*parts, _signs(text[at:])])


def _signs(text: str) -> str:
    return _ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def _with_lists_apart(text: str) -> str:
    """A list needs an empty line before it here, elsewhere it does not."""
    lines: list[str] = []
    for line in text.split("\n"):
        starts = _ITEM.match(line) is not None and not line[0].isspace()
        if starts and lines and lines[-1].strip() and not _ITEM.match(lines[-1]):
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


def _from_markdown(text: str) -> str:
    text = text.strip("\n").rstrip()
    if not text.strip():
        return ""
    try:
        made = Markdown().convert(_with_lists_apart(text)) if len(text) <= LONGEST_MARKDOWN else ""
    except RecursionError:
        made = ""
    made = made.strip()
    return made if made.startswith("<") else html_of(text.replace("\n", BREAK), PLAIN)
