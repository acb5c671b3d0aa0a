"""What a kind of question implements. Other apps add kinds with `question_types.add(...)`."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from lms.plugins.contracts import Json, Problem
from lms.plugins.errors import DomainError
from lms.plugins.registry import Registry

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

Fields = MultiValueDict[str, str]


class QuestionType:
    """One kind of question. Its methods are pure: values in, values out, no database, no clock.

    `data` is the content of a question's version; all kinds share `prompt`, `explanation` (clean
    HTML) and `basis` (codes of legal references), choice kinds add `options`: a list of
    `{"key", "text", "correct", "feedback"}`. An answer is JSON of the kind's own; None means that
    there is none.
    """

    key: ClassVar[str] = ""
    label: ClassVar[_StrOrPromise] = ""
    description: ClassVar[_StrOrPromise] = ""
    instruction: ClassVar[_StrOrPromise] = ""  # told to the learner above the answers
    ask_template: ClassVar[str] = ""
    review_template: ClassVar[str] = ""

    def problems(self, data: Json) -> Iterable[Problem]:
        """What is wrong with a question as it stands. An error stops publication."""
        return ()

    def arrange(self, data: Json, chance: random.Random, *, shuffle: bool) -> Json:
        """What one attempt fixes at its start, such as the order of options."""
        return {}

    def parse(self, data: Json, fields: Fields) -> Json | None:
        """The answer that a form gives, None when it gives none. Never raises.

        `fields`: what stands under the question's own field ("") and its parts ("-part" taken
        off). What does not belong to the question is passed over.
        """
        raise NotImplementedError  # contract

    def score(self, data: Json, answer: Json) -> float:
        """How right `answer` is, 0 to 1."""
        raise NotImplementedError  # contract

    def feedback(self, data: Json, answer: Json | None) -> Mapping[str, str]:
        """What is said about each part of the answer, clean HTML by the part's key."""
        return {}

    def describe(self, data: Json, answer: Json) -> str:
        """The answer in words, for people."""
        return ""

    # --- pages: what the two templates get besides `question`
    def ask(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """For asking. Nothing that gives away the key may be in it."""
        return {}

    def review(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """For showing what was answered, what is right, and why."""
        return {}


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
