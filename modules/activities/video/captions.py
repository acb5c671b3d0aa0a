"""WebVTT captions: read strictly, written again with nothing in them but times and words.

Style sheets, regions, comments, classes, voices and timestamps inside cues go; bold, italic and
underline stay. What comes out is what browsers show, and nothing that could load or run.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

from lms.plugins.errors import DomainError

MOST_CUES = 20_000
TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
TIMING = re.compile(rf"^{TIME}[ \t]+-->[ \t]+{TIME}(?:[ \t]+(.*))?$", re.ASCII)
SETTING = re.compile(
    r"^(?:vertical:(?:rl|lr)|line:-?\d{1,3}(?:\.\d+)?%?|position:\d{1,3}(?:\.\d+)?%"
    r"|size:\d{1,3}(?:\.\d+)?%|align:(?:start|center|end|left|right))$",
    re.ASCII,
)
TAG = re.compile(r"<(/?)([^>]*)>")
KEPT_TAGS = {"b", "i", "u"}
UNWANTED = dict.fromkeys((*range(0x09), 0x0B, *range(0x0D, 0x20), *range(0x7F, 0xA0)))


class BadCaptions(DomainError):
    """The file is no WebVTT, or a cue in it is wrong; the message names the line."""


@dataclass(frozen=True)
class Cue:
    """Words that are shown from `start` to `end` (milliseconds)."""

    start: int
    end: int
    text: str
    settings: str = ""


def parse(content: bytes) -> list[Cue]:
    """The cues of a WebVTT file. Raises BadCaptions."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadCaptions(_("The captions must be a text file in UTF-8.")) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    lines = unicodedata.normalize("NFC", text.translate(UNWANTED)).split("\n")
    if not re.match(r"WEBVTT(?:[ \t]|$)", lines[0]):
        raise BadCaptions(_("The first line of the captions must be WEBVTT."))
    cues: list[Cue] = []
    at = 1
    while at < len(lines):
        block_at = at
        while at < len(lines) and lines[at].strip():
            at += 1
        cue = _cue(lines[block_at:at], block_at + 1)
        if cue is not None:
            cues.append(cue)
        at += 1
    if not cues:
        raise BadCaptions(_("The captions hold no words yet."))
    if len(cues) > MOST_CUES:
        raise BadCaptions(_("The captions have more than %(limit)d cues.") % {"limit": MOST_CUES})
    return sorted(cues, key=lambda cue: (cue.start, cue.end))


def _cue(block: list[str], line: int) -> Cue | None:
    """The cue in a block of lines, the first of which is line number `line`; None for comments."""
    timing_at = next((n for n, text in enumerate(block[:2]) if "-->" in text), None)
    if timing_at is None:
        return None  # a comment, a style sheet, a region, or header lines
    match = TIMING.match(block[timing_at].strip())
    line += timing_at
    if match is None:
        raise BadCaptions(
            _("Captions, line %(line)d: the times must look like 00:01.000 --> 00:04.000.")
            % {"line": line}
        )
    start, end = _milliseconds(match, 1), _milliseconds(match, 5)
    if end <= start:
        raise BadCaptions(_("Captions, line %(line)d: it ends before it begins.") % {"line": line})
    settings = [each for each in (match[9] or "").split() if SETTING.match(each)]
    words = "\n".join(clean_line(each) for each in block[timing_at + 1 :])
    words = "\n".join(each for each in words.split("\n") if each.strip())
    return Cue(start, end, words, " ".join(settings)) if words else None


def _milliseconds(match: re.Match[str], group: int) -> int:
    hours, minutes, seconds, rest = (int(match[group + n] or 0) for n in range(4))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def clean_line(line: str) -> str:
    """A line of a cue with its words, escaped, and balanced <b>, <i>, <u> only."""
    found: list[str] = []
    still_open: list[str] = []
    at = 0
    for match in TAG.finditer(line):
        found.append(_words(line[at : match.start()]))
        at = match.end()
        name = match[2].strip().lower()
        if name not in KEPT_TAGS:
            continue
        if not match[1]:
            still_open.append(name)
            found.append(f"<{name}>")
        elif name in still_open:
            while still_open:
                last = still_open.pop()
                found.append(f"</{last}>")
                if last == name:
                    break
    found.append(_words(line[at:]))
    found += [f"</{name}>" for name in reversed(still_open)]
    return "".join(found)


def _words(text: str) -> str:
    # An arrow between times must never come out of words.
    return html.escape(html.unescape(text), quote=False).translate(UNWANTED)


def written(cues: list[Cue]) -> str:
    """The WebVTT file of `cues`."""
    blocks = [
        f"{_time(cue.start)} --> {_time(cue.end)}{' ' if cue.settings else ''}{cue.settings}\n"
        f"{cue.text}"
        for cue in cues
    ]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def _time(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"
