"""One item of QTI 3.0 while it is written, and the parts that all kinds of questions share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, SubElement

from django.utils.translation import gettext as _

from quizzes.exchange.qti_builder import text_of
from quizzes.exchange.qti_markup import Files, fill, wrap_loose
from quizzes.exchange.qti_xml import identifier_of
from quizzes.exchange.texts import is_empty

if TYPE_CHECKING:
    from quizzes.models import Question

NAMESPACE: Final = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_SCHEMA: Final = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd"
_TEMPLATES: Final = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/"
MATCH, MAP = "match_correct", "map_response"
RESPONSE, SCORE, FEEDBACK, EXPLANATION = "RESPONSE", "SCORE", "FEEDBACK", "explanation"


def make(tag: str, *children: Element, **attributes: object) -> Element:
    """An element of QTI: `make("map-entry", map_key="A")` is <qti-map-entry map-key="A">."""
    named = {
        name.replace("_", "-"): str(value).lower() if isinstance(value, bool) else text_of(value)
        for name, value in attributes.items()
        if value is not None
    }
    element = Element(f"qti-{tag}", named)
    element.extend(children)
    return element


def worded(element: Element, text: object) -> Element:
    """`element` with a plain text in it."""
    element.text = text_of(text)
    return element


def variable(name: str) -> Element:
    """The value of a variable."""
    return make("variable", identifier=name)


def correct(name: str) -> Element:
    """The right response."""
    return make("correct", identifier=name)


def base(kind: str, text: object) -> Element:
    """A value that is written down."""
    return worded(make("base-value", base_type=kind), text)


def setting(name: str, value: Element) -> Element:
    """A rule that sets an outcome."""
    return make("set-outcome-value", value, identifier=name)


def when(condition: Element, *rules: Element, otherwise: Sequence[Element] = ()) -> Element:
    """A rule that looks."""
    parts = [make("response-if", condition, *rules)]
    if otherwise:
        parts.append(make("response-else", *otherwise))
    return make("response-condition", *parts)


def figure(number: float) -> str:
    """A number as XML Schema writes it."""
    return f"{round(number, 10):.10f}".rstrip("0").rstrip(".") or "0"


class Unwritable(Exception):
    """Why a question cannot be written at all, in words for people."""


class Item:
    """Declarations, body, rules and feedback of one question. `lost`: what it cannot hold."""

    def __init__(self, question: Question, files: Files) -> None:
        self.question, self.files = question, files
        self.written: Mapping[str, Any] = question.written
        self.lost: list[str] = []
        self.responses: list[Element] = []
        self.body = make("item-body")
        self.rules: list[Element] = []  # for SCORE
        self.template = ""  # instead of them, while nothing else has to be set
        self.told: list[Element] = []  # rules for FEEDBACK
        self.feedback: list[Element] = []
        self.is_by_person = False
        self.has_feedback = False  # in the body
        fill(self.body, question.prompt, files)
        wrap_loose(self.body)

    def response(
        self,
        kind: str,
        right: Sequence[object] = (),
        *,
        cardinality: str = "single",
        worths: Mapping[str, float] | None = None,
        name: str = RESPONSE,
        **mapping: object,
    ) -> Element:
        """Declare a response: what is right, and what each value is worth."""
        element = make("response-declaration", base_type=kind, cardinality=cardinality)
        element.set("identifier", name)
        if right:
            values = [worded(make("value"), each) for each in right]
            element.append(make("correct-response", *values))
        if worths is not None:
            case_matters = mapping.pop("case_matters", None)
            entries = [
                make(
                    "map-entry",
                    map_key=key,
                    mapped_value=figure(worth),
                    case_sensitive=case_matters,
                )
                for key, worth in worths.items()
            ]
            element.append(make("mapping", *entries, **{"default_value": "0", **mapping}))
        self.responses.append(element)
        return element

    def tell(self, name: str, text: str) -> bool:
        """Feedback that is shown while FEEDBACK holds `name`; False where there is none."""
        if is_empty(text or ""):
            return False
        content = fill(make("content-body"), text, self.files)
        wrap_loose(content)
        self.feedback.append(
            make(
                "modal-feedback",
                content,
                outcome_identifier=FEEDBACK,
                show_hide="show",
                identifier=name,
            )
        )
        return True

    def also(self, *values: Element) -> Element:
        """A rule that adds to FEEDBACK."""
        return setting(FEEDBACK, make("multiple", variable(FEEDBACK), *values))

    def score_by(self, template: str) -> None:
        """Mark by a standard template, or by the same in rules where more has to be set."""
        self.template = template
        if template == MAP:
            self.rules = [setting(SCORE, make("map-response", identifier=RESPONSE))]
        else:
            right = make("match", variable(RESPONSE), correct(RESPONSE))
            one, none = (setting(SCORE, base("float", each)) for each in ("1", "0"))
            self.rules = [when(right, one, otherwise=[none])]

    def element(self) -> Element:
        """The whole item."""
        if self.tell(EXPLANATION, self.question.explanation):
            self.told.append(self.also(base("identifier", EXPLANATION)))
        if list(self.question.hints):
            self.lost.append(_("QTI has no hints."))
        if self.question.references.exists():
            self.lost.append(_("The legal basis is not written."))
        root = make(
            "assessment-item",
            *self.responses,
            identifier=identifier_of(self.question.code),
            title=" ".join(self.question.name.split()),
            adaptive=False,
            time_dependent=False,
        )
        if identifier_of(self.question.code) != self.question.code:
            root.set("label", self.question.code)
        root.set("xmlns", NAMESPACE)
        root.set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
        root.set("xsi:schemaLocation", f"{NAMESPACE} {_SCHEMA}")
        score = make(
            "outcome-declaration", identifier=SCORE, cardinality="single", base_type="float"
        )
        if self.is_by_person:
            score.set("external-scored", "human")
        root.append(score)
        if self.feedback or self.has_feedback:
            root.append(
                make(
                    "outcome-declaration",
                    identifier=FEEDBACK,
                    cardinality="multiple",
                    base_type="identifier",
                )
            )
        root.append(self.body)
        if self.told or (self.rules and not self.template):
            root.append(make("response-processing", *self.rules, *self.told))
        elif self.template:
            root.append(make("response-processing", template=f"{_TEMPLATES}{self.template}.xml"))
        root.extend(self.feedback)
        return root


def add_guidance(item: Item, text: str) -> None:
    """What markers are told, where learners do not see it."""
    if is_empty(text or ""):
        return
    content = fill(make("content-body"), text, item.files)
    wrap_loose(content)
    rubric = SubElement(item.body, "qti-rubric-block", {"use": "scoring", "view": "scorer"})
    rubric.append(content)
