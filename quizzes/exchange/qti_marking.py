"""What an item of QTI gives for a response: its response processing, carried out.

The three standard templates (match_correct, map_response, map_response_point) and rules of one's
own, as far as their operators are known here; others raise Refused, since a key that is guessed
would be worse than none. Without rules the declarations themselves say what is right. Pure, and
bounded: no loops, no patterns, a budget of steps.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from quizzes.exchange.qti_operators import OPERATORS, number_of, truth_of, unreadable
from quizzes.exchange.qti_values import NUMERIC, Value, Variable, value_of, variables
from quizzes.exchange.qti_xml import first, inside, named

NONE, MATCH, MAP, POINT, OWN = "", "match_correct", "map_response", "map_response_point", "own"
_TEMPLATES: Final = {
    "match_correct": MATCH,
    "map_response": MAP,
    "map_response_point": POINT,
    "CC2_match": MATCH,
    "CC2_match_basic": MATCH,
    "CC2_map_response": MAP,
}
_SCORES: Final = ("SCORE", "score", "Score", "RAWSCORE", "GRADE")
_STEPS: Final = 1_000_000
Given = Mapping[str, Value | None]


class Marking:
    """How one item is marked."""

    def __init__(self, item: Element) -> None:
        self.responses = variables(item, "responseDeclaration")
        self.outcomes = variables(item, "outcomeDeclaration")
        self._rules = first(item, "responseProcessing")
        self._left = _STEPS
        self.kind = self._kind()
        self.score_name = self._score_name() if self.kind == OWN else "SCORE"

    def _kind(self) -> str:
        if self._rules is None:
            return NONE
        if len(self._rules):
            return OWN
        place = self._rules.get("template") or self._rules.get("templateLocation") or ""
        name = posixpath.basename(place.strip().rstrip("/")).removesuffix(".xml")
        if not name:
            return NONE
        if name not in _TEMPLATES:
            raise unreadable(name)
        return _TEMPLATES[name]

    def _score_name(self) -> str:
        setters = list(inside(self._rules, "setOutcomeValue"))
        names = dict.fromkeys(each.get("identifier", "") for each in setters)
        for name in _SCORES:
            if name in names:
                return name
        numeric = [
            name
            for name in names
            if (found := self.outcomes.get(name)) and found.base_type in ("float", "integer")
        ]
        if len(numeric) > 1:
            raise unreadable("SCORE")
        return numeric[0] if numeric else "SCORE"  # a person gives it

    def score(self, given: Given) -> float:
        """What these responses earn."""
        return number_of(self.results(given).get(self.score_name)) or 0.0

    def results(self, given: Given) -> dict[str, Value | None]:
        """The outcomes of these responses. Raises Refused for rules that are not known."""
        found = {name: _start(each) for name, each in self.outcomes.items()}
        if self.kind == OWN:
            _Run(self, given, found).carry_out(self._rules)
            return found
        alone = len(self.responses) == 1
        total = 0.0
        for name, variable in self.responses.items():
            if self.kind == NONE or alone or name == "RESPONSE":
                total += self._plain(variable, given.get(name))
        return {**found, self.score_name: Value((total,))}

    def _plain(self, variable: Variable, value: Value | None) -> float:
        if variable.base_type == "point" and self.kind != MATCH:
            return area_total(variable, value)
        if self.kind == MAP or (self.kind == NONE and variable.worths and not variable.correct):
            return variable.total(value)
        right = variable.value(*variable.correct)
        return float(value is not None and right is not None and value.same(right))

    def step(self) -> None:
        """Count one step. Raises Refused when there were too many."""
        self._left -= 1
        if self._left < 0:
            raise unreadable(_("too many rules"))


def _start(outcome: Variable) -> Value | None:
    """The value before any rule: the declared one, else 0 for numbers and NULL for others."""
    is_number = outcome.base_type in NUMERIC and outcome.cardinality == "single"
    return outcome.value(*outcome.default) or (Value((0.0,)) if is_number else None)


def in_area(index: int) -> Value:
    """A point in the area of that index, as `Marking` takes it; -1: in none of them."""
    return Value((("area", str(index)),))


def area_total(variable: Variable, value: Value | None) -> float:
    """The `mapResponsePoint` operator, for points made by `in_area`."""
    total = 0.0
    for each in () if value is None else dict.fromkeys(value.items):
        at = int(each[1]) if isinstance(each, tuple) and each[0] == "area" else -1
        is_inside = 0 <= at < len(variable.areas)
        total += variable.areas[at].value if is_inside else variable.elsewhere
    return total


class _Run:
    """Rules carried out once, over these responses."""

    def __init__(self, marking: Marking, given: Given, found: dict[str, Value | None]) -> None:
        self.marking, self.given, self.found = marking, given, found

    def carry_out(self, rules: Element | None) -> bool:
        """All rules in order; False where one of them ended the processing."""
        for rule in () if rules is None else rules:
            self.marking.step()
            if rule.tag == "setOutcomeValue":
                expression = next(iter(rule), None)
                self.found[rule.get("identifier", "")] = self.value(expression)
            elif rule.tag == "responseCondition":
                if not self._condition(rule):
                    return False
            elif rule.tag == "responseProcessingFragment":
                if not self.carry_out(rule):
                    return False
            elif rule.tag == "exitResponse":
                return False
            else:
                raise unreadable(rule.tag)
        return True

    def _condition(self, rule: Element) -> bool:
        for branch in rule:
            parts = list(branch)
            is_else = branch.tag == "responseElse"
            if not is_else and not (parts and truth_of(self.value(parts.pop(0)))):
                continue
            rest = Element("rules")
            rest.extend(parts)
            return self.carry_out(rest)
        return True

    def value(self, element: Element | None) -> Value | None:
        """The value of an expression."""
        if element is None:
            raise unreadable("setOutcomeValue")
        self.marking.step()
        simple = _SIMPLE.get(element.tag)
        if simple:
            return simple(self, element)
        operator = OPERATORS.get(element.tag)
        if operator is None:
            raise unreadable(element.tag)
        return operator(element, [self.value(each) for each in element])

    def _variable(self, element: Element) -> Value | None:
        name = element.get("identifier", "")
        if name in self.marking.responses:
            return self.given.get(name)
        if name not in self.found:
            raise unreadable(f"variable {name}")
        return self.found[name]

    def _response(self, element: Element) -> Variable:
        name = element.get("identifier", "")
        if name not in self.marking.responses:
            raise unreadable(f"{element.tag} {name}")
        return self.marking.responses[name]

    def _correct(self, element: Element) -> Value | None:
        found = self._response(element)
        return found.value(*found.correct)

    def _default(self, element: Element) -> Value | None:
        name = element.get("identifier", "")
        found = self.marking.outcomes.get(name) or self.marking.responses.get(name)
        return found.value(*found.default) if found else None

    def _mapped(self, element: Element) -> Value | None:
        found = self._response(element)
        return Value((found.total(self.given.get(found.identifier)),))

    def _mapped_point(self, element: Element) -> Value | None:
        found = self._response(element)
        return Value((area_total(found, self.given.get(found.identifier)),))

    def _base_value(self, element: Element) -> Value | None:
        return value_of([element.text or ""], element.get("baseType", "string"))


_SIMPLE: Final[dict[str, Callable[[_Run, Element], Value | None]]] = {
    "variable": _Run._variable,
    "correct": _Run._correct,
    "default": _Run._default,
    "mapResponse": _Run._mapped,
    "mapResponsePoint": _Run._mapped_point,
    "baseValue": _Run._base_value,
    "null": lambda _run, _element: None,
}


def rule_elements(item: Element, name: str) -> list[Element]:
    """The elements of that name in the rules of an item."""
    found = named(item, "responseProcessing")
    return [each for rules in found for each in inside(rules, name)]
