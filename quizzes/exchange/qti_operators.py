"""The operators of QTI's rules that can be carried out here, on values ("expressions" in 2.2)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from quizzes.exchange.qti_values import Scalar, Value
from quizzes.exchange.qti_xml import Refused, number_in

TRUE, FALSE = Value((True,)), Value((False,))
Values = list[Value | None]
Operator = Callable[[Element, Values], Value | None]


def unreadable(what: str) -> Refused:
    """That rules of marking are not known."""
    return Refused(
        _("The file marks this question in a way that is not known here: %(what)s.")
        % {"what": what}
    )


def number_of(value: Value | None) -> float | None:
    """The number that a value is."""
    if value is None or len(value.items) != 1:
        return None
    found = value.items[0]
    if isinstance(found, float) and not isinstance(found, bool):
        return found
    return number_in(found) if isinstance(found, str) else None


def truth_of(value: Value | None) -> bool | None:
    return None if value is None else value.items[0] in (True, "true")


def _as_value(truth: bool | None) -> Value | None:
    return None if truth is None else TRUE if truth else FALSE


def _match(_element: Element, values: Values) -> Value | None:
    one, other = values
    return None if one is None or other is None else _as_value(one.same(other))


def _string_match(element: Element, values: Values) -> Value | None:
    one, other = values
    if one is None or other is None:
        return None
    texts = [str(each.items[0]) for each in (one, other)]
    if element.get("caseSensitive", "true") in ("false", "0"):
        texts = [text.casefold() for text in texts]
    if element.get("substring") in ("true", "1"):
        return _as_value(texts[1] in texts[0])
    return _as_value(texts[0] == texts[1])


def _equal(element: Element, values: Values) -> Value | None:
    one, other = map(number_of, values)
    if one is None or other is None:
        return None
    mode = element.get("toleranceMode", "exact")
    margins = [number_in(each) for each in element.get("tolerance", "").split()]
    if mode == "exact":
        return _as_value(one == other)
    if not margins or None in margins:
        raise unreadable("equal")
    below, above = (abs(each or 0.0) for each in (margins[0], margins[-1]))
    if mode == "relative":
        below, above = abs(one) * below / 100, abs(one) * above / 100
    hair = 1e-9 * max(1.0, abs(one))
    return _as_value(one - below - hair <= other <= one + above + hair)


def _compare(test: Callable[[float, float], bool]) -> Operator:
    def compared(_element: Element, values: Values) -> Value | None:
        one, other = map(number_of, values)
        return None if one is None or other is None else _as_value(test(one, other))

    return compared


def _compute(
    work: Callable[[list[float]], float | None],
) -> Operator:
    def computed(_element: Element, values: Values) -> Value | None:
        numbers = [number_of(each) for each in values]
        known = [each for each in numbers if each is not None]
        if not known or len(known) < len(numbers):
            return None
        made = work(known)
        return None if made is None or not math.isfinite(made) else Value((float(made),))

    return computed


def _and(_element: Element, values: Values) -> Value | None:
    truths = [truth_of(each) for each in values]
    return FALSE if False in truths else None if None in truths else TRUE


def _or(_element: Element, values: Values) -> Value | None:
    truths = [truth_of(each) for each in values]
    return TRUE if True in truths else None if None in truths else FALSE


def _not(_element: Element, values: Values) -> Value | None:
    truth = truth_of(values[0])
    return _as_value(None if truth is None else not truth)


def _container(ordered: bool) -> Operator:
    def contained(_element: Element, values: Values) -> Value | None:
        items: list[Scalar] = [item for each in values if each for item in each.items]
        return Value(tuple(items), ordered) if items else None

    return contained


def _member(_element: Element, values: Values) -> Value | None:
    one, many = values
    return None if one is None or many is None else _as_value(one.items[0] in many.items)


def _contains(_element: Element, values: Values) -> Value | None:
    many, some = values
    if many is None or some is None:
        return None
    left = list(many.items)
    for each in some.items:
        if each not in left:
            return FALSE
        left.remove(each)
    return TRUE


def _index(element: Element, values: Values) -> Value | None:
    at, many = number_in(element.get("n")), values[0]
    if at is None:
        raise unreadable("index")
    return Value((many.items[int(at) - 1],)) if many and 1 <= at <= len(many.items) else None


def _size(_element: Element, values: Values) -> Value | None:
    return Value((float(len(values[0].items)) if values[0] else 0.0,))


def _careful(operator: Operator, count: int = 0) -> Operator:
    """`operator` with as many values as it needs."""

    def checked(element: Element, values: Values) -> Value | None:
        if not values or (count and len(values) != count):
            raise unreadable(element.tag)
        return operator(element, values)

    return checked


OPERATORS: Final = {
    "match": _careful(_match, 2),
    "stringMatch": _careful(_string_match, 2),
    "equal": _careful(_equal, 2),
    "gt": _careful(_compare(lambda one, other: one > other), 2),
    "gte": _careful(_compare(lambda one, other: one >= other), 2),
    "lt": _careful(_compare(lambda one, other: one < other), 2),
    "lte": _careful(_compare(lambda one, other: one <= other), 2),
    "sum": _careful(_compute(sum)),
    "product": _careful(_compute(math.prod)),
    "subtract": _careful(_compute(lambda each: each[0] - each[1]), 2),
    "divide": _careful(_compute(lambda each: each[0] / each[1] if each[1] else None), 2),
    "min": _careful(_compute(min)),
    "max": _careful(_compute(max)),
    "round": _careful(_compute(lambda each: math.floor(each[0] + 0.5)), 1),
    "truncate": _careful(_compute(lambda each: math.trunc(each[0])), 1),
    "integerToFloat": _careful(_compute(lambda each: each[0]), 1),
    "and": _careful(_and),
    "or": _careful(_or),
    "not": _careful(_not, 1),
    "isNull": _careful(lambda _element, values: _as_value(values[0] is None), 1),
    "multiple": _container(ordered=False),
    "ordered": _container(ordered=True),
    "member": _careful(_member, 2),
    "contains": _careful(_contains, 2),
    "index": _careful(_index, 1),
    "containerSize": _careful(_size, 1),
}
