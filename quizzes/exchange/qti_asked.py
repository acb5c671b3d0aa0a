"""What an item asks, while it is read: its body, its marking, its feedback, what is noted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from quizzes.exchange.qti_html import Page, is_blank, is_for_learners
from quizzes.exchange.qti_marking import OWN, Given, Marking
from quizzes.exchange.qti_pictures import Files, Pictures
from quizzes.exchange.qti_values import Value, Variable
from quizzes.exchange.qti_xml import Refused, check_count, first, inside, text_in

_FEEDBACK: Final = ("modalFeedback", "feedbackInline", "feedbackBlock")
_WITH_GAPS: Final = ("inlineChoiceInteraction", "textEntryInteraction", "gapMatchInteraction")
_OF_RIGHT: Final = frozenset({"correct", "right", "ok"})
_OF_WRONG: Final = frozenset({"incorrect", "wrong"})
NEAR: Final = 1e-6
MOST: Final = 100  # choices in one question


class Asked:
    """One item. `best`: what the right answer earns, for the points."""

    def __init__(self, root: Element, path: str, files: Files) -> None:
        self.root = root
        body = first(root, "itemBody")
        self.body = Element("itemBody") if body is None else body
        self.pictures = Pictures(path, files)
        self.notes = self.pictures.notes
        self.page = Page(self.pictures)
        self.marking = Marking(root)
        self.interactions = [
            each for each in self.body.iter() if str(each.tag).endswith("Interaction")
        ]
        self.page.guards_gaps = any(each.tag in _WITH_GAPS for each in self.interactions)
        self.before: list[str] = []
        self.prompt = ""
        self.best = 0.0
        self._explanations: list[str] = []
        self._feedback = [
            each for each in inside(root, *_FEEDBACK) if not is_blank(self._html(each))
        ]
        check_count(len(self._feedback), 3 * MOST)
        self._told: set[Element] = set()

    def page_at(self, pictures: Pictures) -> Page:
        """A page of another file of the item."""
        return Page(pictures, guards_gaps=self.page.guards_gaps)

    def note(self, text: str) -> None:
        """Tell once what cannot be kept."""
        self.page.note(text)

    def response(self, interaction: Element) -> Variable:
        """The variable that an interaction is bound to."""
        name = interaction.get("responseIdentifier", "")
        found = self.marking.responses.get(name)
        if found is None:
            raise Refused(_("The response “%(name)s” is not declared.") % {"name": name})
        return found

    def ask(self, interaction: Element, more: str = "") -> None:
        """Make the prompt: the body, with the interaction's own prompt in its place."""
        own = self.page.html(first(interaction, "prompt")) + more
        self.page.slots[interaction] = own or "<!---->"
        self.prompt = "".join([*self.before, *self.page.flow(self.body)]).replace("<!---->", "")

    # --- marking
    def score(self, given: Given) -> float:
        """What these responses earn."""
        return self.marking.score(given)

    def certain(self, given: Given) -> float:
        """What the right responses earn. Raises Refused when that is nothing."""
        self.best = self.score(given)
        if self.best <= NEAR:
            raise contradiction()
        return self.best

    # --- feedback
    def feedback_on(
        self,
        given: Sequence[tuple[str, Value | None]],
        name: str,
        right: frozenset[str],
        other: Value | None = None,
    ) -> list[str]:
        """What is told on each of these answers (identifier and value) of a response.

        What is told on all of them, and on `other`, is for everybody: it becomes the explanation.
        """
        shown = [self._shown({name: value}) for _identifier, value in given]
        everything = [*shown, self._shown({name: other})] if other else shown
        always = [
            each for each in self._feedback if shown and all(each in told for told in everything)
        ]
        self._explain(always)
        ever = {each for told in shown for each in told}
        found = []
        for (identifier, _value), told in zip(given, shown, strict=True):
            own = [
                each
                for each in self._feedback
                if each not in always
                and (
                    each in told
                    or (each not in ever and _is_named(each, identifier, identifier in right))
                )
            ]
            self._told.update(own)
            found.append("".join(map(self._html, own)))
        return found

    def feedback_on_all(self, right: Given, wrong: Given) -> str:
        """What is told on a wrong answer only; what is told on both becomes the explanation."""
        on_right, on_wrong = self._shown(right), self._shown(wrong)
        self._explain([each for each in on_right if each in on_wrong])
        only = [each for each in on_wrong if each not in on_right]
        return "".join(map(self._html, only))

    def feedback_by_name(self, given: Sequence[tuple[str, Value | None]], name: str) -> list[str]:
        """What is told on each of these answers and has the name of it."""
        found = []
        for identifier, value in given:
            shown = self._shown({name: value})
            own = [
                each
                for each in self._feedback
                if each.get("identifier") == identifier
                and each not in self._told
                and (each in shown or self.marking.kind != OWN)
            ]
            self._told.update(own)
            found.append("".join(map(self._html, own)))
        return found

    def feedback_inside(self, elements: Sequence[Element], given: Given) -> list[str]:
        """What stands in each of these choices and is told with this answer."""
        shown = self._shown(given)
        found = []
        for element in elements:
            own = [each for each in inside(element, *_FEEDBACK) if each in shown]
            self._told.update(own)
            found.append("".join(map(self._html, own)))
        return found

    def feedback_when(self, given: Sequence[Given]) -> str:
        """What is told on each of these answers, and not without one."""
        without = self._shown({})
        shown = [self._shown(each) for each in given]
        own = [
            each
            for each in self._feedback
            if each not in self._told
            and each not in without
            and shown
            and all(each in told for told in shown)
        ]
        self._told.update(own)
        return "".join(map(self._html, own))

    def tell(self, markup: str) -> str:
        """Count this feedback as kept."""
        self._told.update(each for each in self._feedback if self._html(each) in markup)
        return markup

    @property
    def explanation(self) -> str:
        """What is told whatever was answered."""
        return "".join(self._explanations)

    def end(self) -> None:
        """Note the feedback that nothing has kept."""
        for each in self._feedback:
            if each not in self._told:
                self.note(
                    _("This feedback is not kept, since it is on the answer as a whole: “%(text)s”")
                    % {"text": text_in(each)[:120]}
                )

    def _explain(self, found: Sequence[Element]) -> None:
        for each in found:
            if each not in self._told:
                self._told.add(each)
                self._explanations.append(self._html(each))

    def _shown(self, given: Given) -> list[Element]:
        results = self.marking.results(given)
        found = []
        for each in self._feedback:
            value = results.get(each.get("outcomeIdentifier", ""))
            holds = value is not None and each.get("identifier", "") in map(str, value.items)
            if holds == (each.get("showHide", "show") != "hide"):
                found.append(each)
        return found

    def _html(self, feedback: Element) -> str:
        return self.page.html(feedback)

    def guidance(self) -> str:
        """What markers and tutors are told."""
        return "".join(
            self.page.html(each)
            for each in inside(self.root, "rubricBlock")
            if not is_for_learners(each)
        )

    def note_guidance(self) -> None:
        """Note that guidance is not kept, where a question has no place for it."""
        if self.guidance():
            self.note(_("Notes for markers and tutors are not kept."))


def contradiction() -> Refused:
    """That the right answer and the rules of marking do not agree."""
    return Refused(_("The right answer and the marking in the file contradict each other."))


def no_key() -> Refused:
    """That a file does not say what is right."""
    return Refused(_("The file does not say which answer is right."))


def identifiers(elements: Sequence[Element]) -> list[str]:
    """Their identifiers. Raises Refused where two are the same, or one is missing."""
    check_count(len(elements), MOST)
    found = [each.get("identifier", "") for each in elements]
    if len(set(found)) < len(found) or "" in found:
        raise Refused(_("Two choices of the file have the same identifier, or one has none."))
    return found


def is_near(one: float, other: float) -> bool:
    """Whether two marks are the same but for rounding."""
    return abs(one - other) < 1e-4


def _is_named(feedback: Element, identifier: str, is_right: bool) -> bool:
    """Whether feedback that no rule ever shows says by its name what it is on."""
    name = feedback.get("identifier", "")
    return name == identifier or name.casefold() in (_OF_RIGHT if is_right else _OF_WRONG)
