"""What a kind of question implements. Other apps add kinds with `question_types.add(...)`."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lms.plugins.contracts import Json, Problem
from lms.plugins.errors import DomainError
from lms.plugins.registry import Registry

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise
    from wagtail.blocks import StructBlock

Fields = MultiValueDict[str, str]


@dataclass(frozen=True)
class Reply:
    """One thing that can be answered to one part of a question, for statistics.

    `part` is "" where the question has only one; `credit` is what the reply earns of that part.
    """

    part: str
    value: str
    label: str
    credit: float
    part_label: str = ""


class QuestionType:
    """One kind of question. Its methods are pure: values in, values out, no database, no clock.

    `data` is the content of a question's version: `prompt`, `explanation`, `hints` (clean HTML),
    `basis` (codes of legal references), which all kinds share, and the kind's own part, whose
    shape is the kind's `body` (docs/questions.md). An answer is JSON of the kind's own; None means
    that there is none. An answer may come from an older version: what it names and the question
    lacks counts as not answered.
    """

    key: ClassVar[str] = ""
    label: ClassVar[_StrOrPromise] = ""
    description: ClassVar[_StrOrPromise] = ""
    instruction: ClassVar[_StrOrPromise] = ""  # told to the learner above the answers
    icon: ClassVar[str] = "help"  # of the Wagtail admin
    group: ClassVar[_StrOrPromise] = gettext_lazy("Other kinds")  # where authors find it
    body: ClassVar[type[StructBlock]]  # what authors fill in beside prompt and explanation
    marked_by_person: ClassVar[bool] = False  # nothing scores it: `score` is never asked
    ask_template: ClassVar[str] = ""
    review_template: ClassVar[str] = ""
    media: ClassVar[Sequence[str]] = ()  # scripts (static paths) that make asking more comfortable

    def problems(self, data: Json) -> Iterable[Problem]:
        """What is wrong with a question as it stands. An error stops publication."""
        return ()

    def instruct(self, data: Json) -> str:
        """What the learner is told above the answers; `instruction` unless the data matters."""
        return str(self.instruction)

    def arrange(self, data: Json, chance: random.Random, *, shuffle: bool) -> Json:
        """What one attempt fixes at its start, such as the order of options."""
        return {}

    def parse(self, data: Json, fields: Fields) -> Json | None:
        """The answer that a form gives, None when it gives none. Never raises.

        `fields`: what stands under the question's own field ("") and its parts ("-part" taken
        off). What does not belong to the question is passed over.
        """
        raise NotImplementedError  # contract

    def is_complete(self, data: Json, answer: Json) -> bool:
        """Whether every part has been answered."""
        return True

    def score(self, data: Json, answer: Json) -> float:
        """How right `answer` is, 0 to 1."""
        raise NotImplementedError  # contract

    def verdict(self, fraction: float) -> str:
        """What is said of an answer that is so right; "" for the usual: right, partly, wrong."""
        return ""

    def comments(self, data: Json, answer: Json) -> Sequence[str]:
        """What is said to whoever gave this answer, clean HTML.

        It is shown while the question may still be tried again: about what was answered only.
        """
        return ()

    def describe(self, data: Json, answer: Json) -> str:
        """The answer in words, for people: one line, no markup."""
        return ""

    def solution(self, data: Json) -> Json | None:
        """An answer that earns everything, None where there is none."""
        return None

    def replies(self, data: Json, answer: Json | None) -> Sequence[Reply]:
        """The answer part by part, for statistics; parts without an answer are left out."""
        return ()

    def possible(self, data: Json) -> Sequence[Reply]:
        """What can be replied where that is a list, so that "nobody chose C" can be told."""
        return ()

    # --- pages: what the two templates get besides `question`
    def ask(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """For asking. Nothing that gives away the key may be in it."""
        return {}

    def review(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """For showing what was answered, what is right, and why."""
        return {}

    # --- other systems and course texts
    def complete(self, own: Mapping[str, Any]) -> Mapping[str, Any]:
        """The kind's own part in the body's shape, from what somebody wrote: it may be shorter."""
        return own


question_types: Registry[QuestionType] = Registry(QuestionType)


class UnknownQuestionType(DomainError):
    """A question's kind came from an app that is not installed now."""

    def __init__(self, key: str) -> None:
        super().__init__(_("Questions of this kind are not available right now."))
        self.key = key


def question_type(key: str) -> QuestionType:
    """The kind with this key. Raises UnknownQuestionType."""
    found = question_types.get(key)
    if found is None:
        raise UnknownQuestionType(key)
    return found
