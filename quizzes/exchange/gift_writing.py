"""Questions as a GIFT file, and what GIFT cannot hold of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from lms.plugins.contracts import Json
from quizzes.bodies import as_html
from quizzes.exchange.choosing import weights
from quizzes.exchange.drafts import Fault
from quizzes.exchange.texts import is_empty, plain_of, written_figure, written_percent

if TYPE_CHECKING:
    from quizzes.models import Question

# What means true and what false, in the languages of the site.
TRUE_WORDS: Final = frozenset({"true", "t", "đúng", "đ"})
FALSE_WORDS: Final = frozenset({"false", "f", "sai", "s"})
_SPECIAL: Final = re.compile(r"[~=#{}:\\]")
_EMBED: Final = re.compile(r"<(?:embed|img)\b[^<>]*>")
_ALT: Final = re.compile(r"\balt=\"([^\"<>]*)\"")


class NotHeld(Exception):
    """The format has no such question."""


def written_gift(questions: Iterable[Question]) -> tuple[bytes, list[Fault]]:
    """The file in UTF-8, and a line for all that it cannot hold."""
    parts, faults = [], []
    for question in questions:
        lost: list[str] = []
        try:
            parts.append(_question(question, lost))
        except NotHeld as error:
            lost = [str(error)]
        faults += [Fault(question.code, reason) for reason in dict.fromkeys(lost)]
    return "\n\n".join([*parts, ""]).encode(), faults


def truth(options: list[Json]) -> int | None:
    """The place of the option that says true, where the other says false; else None."""
    words = [plain_of(as_html(option["text"])).casefold() for option in options]
    for at in (0, 1):
        if len(words) == 2 and words[at] in TRUE_WORDS and words[1 - at] in FALSE_WORDS:
            return at
    return None


def sign_free(text: str) -> str:
    """`text` with a backslash before each sign that means something in GIFT; on one line."""
    text = _SPECIAL.sub(lambda sign: f"\\{sign[0]}", text)
    return re.sub(r"\s*\n\s*", r"\\n", text.replace("\r", "").strip())


def _question(question: Question, lost: list[str]) -> str:
    write = _KINDS.get(question.type_key)
    if write is None:
        raise NotHeld(_("GIFT has no questions of the kind “%(kind)s”.") % {"kind": question.kind})
    answers = write(question.written, lost)
    if any(str(hint.value.source).strip() for hint in question.hints):
        lost.append(_("Hints are not kept in GIFT."))
    general = _text(question.explanation, lost)
    if general:
        answers += f"\n####{general}"
    name = " ".join(question.name.split())
    code = question.code.replace("]", "\\]")
    title = f"::{sign_free(name)}::" if name else ""
    prompt = _text(question.prompt, lost) or "[html]"
    if not title and prompt.startswith(("//", "$")):
        prompt = f"[plain]{prompt}"
    return f"// [id:{code}]\n{title}{prompt}{{{answers}\n}}"


def _choice(written: Json, lost: list[str], *, one: bool) -> str:
    if written.get("scheme") == "all_or_nothing":
        lost.append(_("Marking all or nothing is not kept: each option has its share."))
    lines = []
    for option, weight in zip(written["options"], weights(written, one=one), strict=True):
        if one and option["correct"]:
            sign = "="
        else:
            sign = f"~%{written_percent(weight)}%" if weight or not one else "~"
        text = _text(option["text"], lost) or "[html]"
        text = text if text.startswith("[") or not text.startswith("%") else f"[plain]{text}"
        lines.append(f"\n\t{sign}{text}{_comment(option['feedback'], lost)}")
    return "".join(lines)


def _true_false(written: Json, lost: list[str]) -> str:
    at = truth(written["options"])
    if at is None:
        lost.append(_("GIFT has only the words True and False; written as a single choice."))
        return _choice(written, lost, one=True)
    of_true, of_false = written["options"][at], written["options"][1 - at]
    if any(option.get("credit") for option in written["options"] if not option["correct"]):
        lost.append(_("Credit for the wrong one of two is not kept."))
    wrong, right = (of_false, of_true) if of_true["correct"] else (of_true, of_false)
    comments = [_text(each["feedback"], lost) for each in (wrong, right)]
    ends = [f"#{comment}" for comment in comments] if any(comments) else []
    return "".join(["TRUE" if of_true["correct"] else "FALSE", *ends])


def _short(written: Json, lost: list[str]) -> str:
    if written.get("case_matters"):
        lost.append(_("GIFT does not say that capitals matter."))
    if written.get("diacritics_matter") is False:
        lost.append(_("GIFT does not say that diacritics do not matter."))
    lines = []
    for row in written["answers"]:
        if "->" in row["pattern"]:
            raise NotHeld(_("GIFT takes an answer with “->” for a pair."))
        weight = written_percent(float(row["credit"]))
        comment = _comment(row["feedback"], lost)
        lines.append(f"\n\t=%{weight}%{sign_free(row['pattern'])}{comment}")
    return "".join(lines)


def _numeric(written: Json, lost: list[str]) -> str:
    if written.get("unit_rule", "none") != "none":
        raise NotHeld(_("GIFT has no units."))
    lines = []
    for row in written["answers"]:
        margin = float(row.get("tolerance") or 0)
        if row.get("tolerance_kind") == "relative":
            lost.append(_("A tolerance in percent is written as a number."))
            margin = float(f"{abs(float(row['value'])) * margin / 100:.15g}")
        value = f"{written_figure(float(row['value']))}:{written_figure(margin)}"
        weight = written_percent(float(row["credit"]))
        lines.append(f"\n\t=%{weight}%{value}{_comment(row['feedback'], lost)}")
    return "#" + "".join(lines)


def _matching(written: Json, lost: list[str]) -> str:
    if written.get("scheme") == "all_or_nothing":
        lost.append(_("Marking all or nothing is not kept: each pair has its share."))
    if any(not is_empty(as_html(pair.get("feedback") or "")) for pair in written["pairs"]):
        lost.append(_("Feedback on pairs is not kept in GIFT."))
    lines = [
        f"\n\t={_text(pair['text'], lost)} -> {_words(pair['match'], lost)}"
        for pair in written["pairs"]
    ]
    extra = [row["value"] if isinstance(row, dict) else row for row in written.get("extra") or ()]
    return "".join([*lines, *(f"\n\t= -> {_words(each, lost)}" for each in extra)])


def _essay(written: Json, lost: list[str]) -> str:
    if written.get("may_attach") or any(
        written.get(name) for name in ("minimum", "maximum", "template", "rubric", "guidance")
    ):
        lost.append(_("Limits, files, criteria and guidance of an essay are not kept in GIFT."))
    return ""


def _comment(html: str, lost: list[str]) -> str:
    text = _text(html, lost)
    return f"#{text}" if text else ""


def _text(html: str, lost: list[str]) -> str:
    """A rich text: plain where it is one plain line, else with its format before it."""
    html = _without_pictures(as_html(html or ""), lost)
    if is_empty(html):
        return ""
    inner = html.removeprefix("<p>").removesuffix("</p>")
    if re.search(r"[<>&\[\n]", inner) or html != f"<p>{inner}</p>":
        return f"[html]{sign_free(html)}"
    return sign_free(inner)


def _words(html: str, lost: list[str]) -> str:
    """A text that can only be plain here."""
    html = _without_pictures(as_html(html or ""), lost)
    inner = html.removeprefix("<p>").removesuffix("</p>")
    if "<" in inner:
        lost.append(_("Matches are plain text in GIFT: bold, links and the like are not kept."))
    return sign_free(plain_of(html))


def _without_pictures(html: str, lost: list[str]) -> str:
    def words(tag: re.Match[str]) -> str:
        alt = _ALT.search(tag[0])
        return f"<em>[{alt[1]}]</em>" if alt and alt[1].strip() else ""

    found = _EMBED.sub(words, html)
    if found != html:
        lost.append(_("Pictures are not kept in GIFT; what they show is written in words."))
    return re.sub(r"(?<=[a-z0-9\"]) data-block-key=\"[A-Za-z0-9]{1,16}\"(?=[^<>]*>)", "", found)


_KINDS: Final[MappingProxyType[str, Callable[[Any, list[str]], str]]] = MappingProxyType(
    {
        "single_choice": lambda written, lost: _choice(written, lost, one=True),
        "multiple_choice": lambda written, lost: _choice(written, lost, one=False),
        "true_false": _true_false,
        "short_answer": _short,
        "numeric": _numeric,
        "matching": _matching,
        "essay": _essay,
    }
)
