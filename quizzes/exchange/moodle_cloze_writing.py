"""A text with gaps as Moodle's embedded answers."""

from __future__ import annotations

import html
import re
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext as _

from lms.plugins.contracts import Json
from quizzes.bodies import as_html
from quizzes.exchange.moodle_cloze import fill_prompt
from quizzes.exchange.texts import figure, is_empty, plain_of, written_figure, written_percent

_PLACE: Final = re.compile(r"\[\[\s*([1-9][0-9]{0,2})\s*\]\]")
_WEIGHED: Final = re.compile(r"=\s*([0-9]{1,3}(?:[.,][0-9]+)?)\s*%?\s*=(.*)")
_NAMES: Final = MappingProxyType(
    {"typed": "SHORTANSWER", "chosen": "MULTICHOICE", "number": "NUMERICAL"}
)
# As entities: they part nothing in Moodle, and its editor leaves them alone.
_SAFE: Final = {ord(sign): f"&#{ord(sign)};" for sign in "{}~\\"}


def with_gaps(prompt: str, written: Json, lost: list[str]) -> str:
    """The question and its text in one, each gap as "{1:SHORTANSWER:=xã}"."""
    if written.get("diacritics_matter") is False:
        lost.append(_("Moodle does not know that diacritics do not matter."))
    gaps = written["gaps"]

    def gap(place: re.Match[str]) -> str:
        at = int(place[1]) - 1
        return _gap(gaps[at], written, lost) if at < len(gaps) else place[0]

    text = _PLACE.sub(gap, as_html(written["text"]))
    before = as_html(prompt)
    return text if plain_of(before) == plain_of(fill_prompt()) else f"{before}{text}"


def _gap(row: Json, written: Json, lost: list[str]) -> str:
    name = _NAMES[row["kind"]]
    if row["kind"] == "typed" and written.get("case_matters"):
        name += "_C"
    feedback = as_html(row.get("feedback") or "")
    if "<embed" in feedback or "<img" in feedback:
        lost.append(_("Feedback on a gap with a picture is not kept."))
        feedback = ""
    comment = "" if is_empty(feedback) else f"#{_safe(feedback)}"
    margin = ""
    if row["kind"] == "number" and row.get("tolerance"):
        margin = f":{written_figure(float(row['tolerance']))}"
    parts = []
    for line in (row.get("answers") or "").splitlines():
        text, weight = line.strip(), 100.0
        if weighed := _WEIGHED.fullmatch(text):
            text, weight = weighed[2].strip(), float(weighed[1].replace(",", "."))
        if row["kind"] == "number":
            number = figure(text)
            if number is None:
                lost.append(_("“%(text)s” can be read in two ways as a number.") % {"text": text})
            else:
                text = written_figure(number)
        if row["kind"] == "typed":
            text = text.replace("*", "\\*")
        sign = "=" if weight == 100 else f"%{written_percent(weight)}%"
        if text:
            parts.append(f"{sign}{_text(text)}{margin}{comment}")
    if row["kind"] == "chosen":
        wrong = (line.strip() for line in (row.get("wrong") or "").splitlines())
        parts += [f"{_text(line)}{comment}" for line in wrong if line]
    return f"{{1:{name}:{'~'.join(parts)}}}"


def _text(text: str) -> str:
    found = _safe(html.escape(text, quote=False))
    # What begins like a weight is none.
    return f"&#{ord(found[0])};{found[1:]}" if found[:1] in ("=", "%") else found


def _safe(markup: str) -> str:
    return (
        markup.replace("#", "&#35;").translate(_SAFE) if "#" in markup else markup.translate(_SAFE)
    )
