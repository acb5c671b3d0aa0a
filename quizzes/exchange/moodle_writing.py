"""Questions as a Moodle XML file with their pictures, and what Moodle cannot hold of them."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from django.utils.translation import gettext as _
from wagtail.images import get_image_model
from wagtail.rich_text import expand_db_html

from lms.plugins.contracts import Json
from quizzes.bodies import as_html
from quizzes.exchange.choosing import weights
from quizzes.exchange.drafts import Fault
from quizzes.exchange.gift_writing import truth
from quizzes.exchange.moodle_cloze_writing import with_gaps
from quizzes.exchange.moodle_files import PLUGINFILE
from quizzes.exchange.texts import (
    BREAK,
    PLAIN,
    html_of,
    is_empty,
    plain_of,
    written_figure,
    written_percent,
)

if TYPE_CHECKING:
    from quizzes.models import Question

_EMBED: Final = re.compile(r"<embed\b[^<>]*>")
_ID: Final = re.compile(r"\bid=\"([0-9]{1,18})\"")
_ALT: Final = re.compile(r"\balt=\"([^\"<>]*)\"")
_BLOCK_KEY: Final = re.compile(r"(?<=[a-z0-9\"]) data-block-key=\"[A-Za-z0-9]{1,16}\"(?=[^<>]*>)")
_NO_TEXT: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ORDERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "all_or_nothing": "ALL_OR_NOTHING",
        "places": "ABSOLUTE_POSITION",
        "neighbours": "RELATIVE_NEXT_EXCLUDE_LAST",
        "pairs": "RELATIVE_ALL_PREVIOUS_AND_NEXT",
        "longest_run": "LONGEST_ORDERED_SUBSET",
    }
)


class _Page:
    """One <question> as it is written, and what is lost of it."""

    def __init__(self, parent: Element) -> None:
        self.element = SubElement(parent, "question")
        self.lost: list[str] = []

    def plain(self, name: str, text: object, parent: Element | None = None) -> None:
        """A text or figure."""
        found = SubElement(self.element if parent is None else parent, name)
        found.text = _NO_TEXT.sub("", str(text))

    def text(self, name: str, text: str) -> None:
        """A plain text in <text>."""
        self.plain("text", text, SubElement(self.element, name))

    def rich(
        self, name: str, text: str, parent: Element | None = None, fraction: str = ""
    ) -> Element:
        """A rich text with its pictures beside it."""
        more = {"fraction": fraction} if fraction else {}
        found = SubElement(
            self.element if parent is None else parent, name, {**more, "format": "html"}
        )
        files: dict[str, bytes] = {}
        shown = _EMBED.sub(lambda tag: self._picture(tag[0], files), as_html(text or ""))
        shown = _BLOCK_KEY.sub("", expand_db_html(shown))
        self.plain("text", shown, found)
        for file, content in files.items():
            about = {"name": file, "path": "/", "encoding": "base64"}
            SubElement(found, "file", about).text = base64.b64encode(content).decode()
        return found

    def _picture(self, tag: str, files: dict[str, bytes]) -> str:
        number, alt = _ID.search(tag), _ALT.search(tag)
        words = alt[1] if alt else ""
        image = get_image_model().objects.filter(pk=int(number[1])).first() if number else None
        try:
            if image is None:
                raise FileNotFoundError
            with image.file.open("rb") as file:
                content = file.read()
        except OSError:
            self.lost.append(_("A picture is missing; what it shows is written in words."))
            return f"<em>[{words}]</em>" if words else ""
        path = PurePosixPath(image.file.name)
        name = re.sub(r"[^\w.-]", "_", path.name)
        while name in files and files[name] != content:
            name = f"_{name}"
        files[name] = content
        return f'<img src="{PLUGINFILE}/{html.escape(name)}" alt="{words}">'


def written_moodle(questions: Iterable[Question]) -> tuple[bytes, list[Fault]]:
    """The file in UTF-8, and a line for all that it cannot hold."""
    root = Element("quiz")
    faults = []
    for question in questions:
        write = _KINDS.get(question.type_key)
        if write is None:
            reason = _("Moodle has no questions of the kind “%(kind)s”.") % {"kind": question.kind}
            faults.append(Fault(question.code, reason))
            continue
        page = _Page(root)
        page.text("name", question.name or question.code)
        written = question.written
        prompt = question.prompt
        if question.type_key == "gaps":
            prompt = with_gaps(prompt, written, page.lost)
        page.rich("questiontext", prompt)
        page.rich("generalfeedback", question.explanation)
        page.plain("defaultgrade", "1.0000000")
        page.plain("hidden", 0)
        page.plain("idnumber", question.code)
        write(page, written)
        for hint in question.hints:
            page.rich("hint", hint.value.source)
        faults += [Fault(question.code, reason) for reason in dict.fromkeys(page.lost)]
    indent(root)
    content: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n", faults


def _answer(page: _Page, row: Json, weight: float, *, rich: bool) -> Element:
    said = written_percent(weight)
    if rich:
        found = page.rich("answer", row["text"], fraction=said)
    else:
        about = {"fraction": said, "format": "moodle_auto_format"}
        found = SubElement(page.element, "answer", about)
        page.plain("text", row["text"], found)
    page.rich("feedback", row.get("feedback") or "", found)
    return found


def _choice(page: _Page, written: Json, *, one: bool) -> None:
    page.element.set("type", "multichoice")
    if written.get("scheme") == "all_or_nothing":
        page.lost.append(_("Marking all or nothing is not kept: each option has its share."))
    page.plain("single", "true" if one else "false")
    page.plain("shuffleanswers", "true")
    page.plain("answernumbering", "abc")
    for option, weight in zip(written["options"], weights(written, one=one), strict=True):
        _answer(page, option, weight, rich=True)


def _single(page: _Page, written: Json) -> None:
    _choice(page, written, one=True)


def _multiple(page: _Page, written: Json) -> None:
    _choice(page, written, one=False)


def _true_false(page: _Page, written: Json) -> None:
    at = truth(written["options"])
    if at is None:
        page.lost.append(_("Moodle has only the words True and False; written as a single choice."))
        _choice(page, written, one=True)
        return
    page.element.set("type", "truefalse")
    for said, option in (("true", written["options"][at]), ("false", written["options"][1 - at])):
        _answer(page, {**option, "text": said}, 100.0 if option["correct"] else 0.0, rich=False)


def _short(page: _Page, written: Json) -> None:
    page.element.set("type", "shortanswer")
    page.plain("usecase", 1 if written.get("case_matters") else 0)
    if written.get("diacritics_matter") is False:
        page.lost.append(_("Moodle does not know that diacritics do not matter."))
    for row in written["answers"]:
        _answer(page, {**row, "text": row["pattern"]}, float(row["credit"]), rich=False)


def _numeric(page: _Page, written: Json) -> None:
    page.element.set("type", "numerical")
    for row in written["answers"]:
        margin = float(row.get("tolerance") or 0)
        if row.get("tolerance_kind") == "relative":
            page.lost.append(_("A tolerance in percent is written as a number."))
            margin = float(f"{abs(float(row['value'])) * margin / 100:.15g}")
        said = {**row, "text": written_figure(float(row["value"]))}
        found = _answer(page, said, float(row["credit"]), rich=False)
        page.plain("tolerance", written_figure(margin), found)
    rule = written.get("unit_rule", "none")
    penalty = written.get("unit_penalty")
    share = 1.0 if penalty is None else float(penalty) / 100
    page.plain("unitgradingtype", 1 if rule == "required" else 0)
    page.plain("unitpenalty", written_figure(share))
    page.plain("showunits", 3 if rule == "none" else 0)
    if rule == "optional" and share != 1.0:
        page.lost.append(_("What a wrong unit costs is not kept where units may be left out."))
    if rule != "none":
        units = SubElement(page.element, "units")
        for row in sorted(written["units"], key=lambda row: float(row["factor"]) != 1.0):
            unit = SubElement(units, "unit")
            page.plain("multiplier", repr(1 / float(row["factor"])), unit)
            page.plain("unit_name", row["name"], unit)


def _matching(page: _Page, written: Json) -> None:
    page.element.set("type", "matching")
    page.plain("shuffleanswers", "true")
    if written.get("scheme") == "all_or_nothing":
        page.lost.append(_("Marking all or nothing is not kept: each pair has its share."))
    extra = [row["value"] if isinstance(row, dict) else row for row in written.get("extra") or ()]
    for row in [*written["pairs"], *({"text": "", "match": each} for each in extra)]:
        if not is_empty(as_html(row.get("feedback") or "")):
            page.lost.append(_("Feedback on pairs is not kept in Moodle."))
        match = as_html(row["match"])
        if "<" in match.removeprefix("<p>").removesuffix("</p>"):
            page.lost.append(
                _("Matches are plain text in Moodle: bold, links and the like are not kept.")
            )
        found = page.rich("subquestion", row["text"])
        page.plain("text", plain_of(match), SubElement(found, "answer"))


def _ordering(page: _Page, written: Json) -> None:
    page.element.set("type", "ordering")
    page.plain("layouttype", "VERTICAL")
    page.plain("selecttype", "ALL")
    page.plain("selectcount", 0)
    page.plain("gradingtype", _ORDERS[written.get("scheme") or "places"])
    page.rich("incorrectfeedback", written.get("feedback") or "")
    for number, row in enumerate(written["items"], 1):
        page.rich("answer", row["text"], fraction=str(number))


def _essay(page: _Page, written: Json) -> None:
    page.element.set("type", "essay")
    page.plain("responseformat", "editor" if written.get("may_type", True) else "noinline")
    page.plain("minwordlimit", written.get("minimum") or "")
    page.plain("maxwordlimit", written.get("maximum") or "")
    page.plain("attachments", (written.get("files") or 1) if written.get("may_attach") else 0)
    page.rich("graderinfo", written.get("guidance") or "")
    template = (written.get("template") or "").replace("\n", BREAK)
    page.rich("responsetemplate", html_of(template, PLAIN))
    if written.get("rubric"):
        page.lost.append(_("The criteria of marking are not kept in Moodle."))


def _gaps(page: _Page, written: Json) -> None:
    page.element.set("type", "cloze")


_KINDS: Final[Mapping[str, Callable[[_Page, Any], None]]] = MappingProxyType(
    {
        "single_choice": _single,
        "multiple_choice": _multiple,
        "true_false": _true_false,
        "short_answer": _short,
        "numeric": _numeric,
        "matching": _matching,
        "ordering": _ordering,
        "essay": _essay,
        "gaps": _gaps,
    }
)
