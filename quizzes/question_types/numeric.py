"""Questions that are answered with a number, and perhaps its unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks

from lms.plugins.contracts import Json, Problem
from quizzes.blocks import FeedbackBlock, KeyedListBlock, PlainCharBlock
from quizzes.question_types.numbers import (
    is_within,
    number_of,
    quantity,
    unit_key,
    with_percent,
    written,
)
from quizzes.question_types.rows import is_blank
from quizzes.question_types.short_answer import (
    FULL,
    CreditBlock,
    WrittenType,
    credit_of,
    no_feedback,
    rows_of,
)

ABSOLUTE, RELATIVE = "absolute", "relative"
NONE, OPTIONAL, REQUIRED = "none", "optional", "required"


class NumberAnswerBlock(blocks.StructBlock):
    """A number that is accepted."""

    value = blocks.FloatBlock(label=gettext_lazy("Number"))
    tolerance = blocks.FloatBlock(
        label=gettext_lazy("Tolerance"), default=0, min_value=0, required=False
    )
    tolerance_kind = blocks.ChoiceBlock(
        choices=[
            (ABSOLUTE, gettext_lazy("in the unit of the number")),
            (RELATIVE, gettext_lazy("in percent of the number")),
        ],
        default=ABSOLUTE,
        label=gettext_lazy("Tolerance is given"),
    )
    credit = CreditBlock()
    feedback = FeedbackBlock()

    class Meta:
        icon = "decimal"
        label = gettext_lazy("Answer")
        form_classname = "struct-block quiz-option"


class UnitBlock(blocks.StructBlock):
    """A unit that may follow the number."""

    name = PlainCharBlock(label=gettext_lazy("Unit"), max_length=40)
    factor = blocks.FloatBlock(
        label=gettext_lazy("Factor"),
        default=1,
        help_text=gettext_lazy(
            "1 for the unit of the numbers above. With numbers in kg, a tonne has 1000."
        ),
    )


class NumericBody(blocks.StructBlock):
    answers = KeyedListBlock(NumberAnswerBlock(), label=gettext_lazy("Answers"))
    unit_rule = blocks.ChoiceBlock(
        choices=[
            (NONE, gettext_lazy("A number only")),
            (OPTIONAL, gettext_lazy("A unit may follow")),
            (REQUIRED, gettext_lazy("A unit must follow")),
        ],
        default=NONE,
        label=gettext_lazy("Unit"),
    )
    units = KeyedListBlock(UnitBlock(), label=gettext_lazy("Units"), default=[])
    unit_penalty = blocks.FloatBlock(
        label=gettext_lazy("What a wrong or missing unit costs, in percent"),
        default=FULL,
        min_value=0,
        max_value=FULL,
    )

    class Meta:
        form_classname = "struct-block quiz-body"


class Numeric(WrittenType):
    """A number within the tolerance of one of the author's, in any of the units.

    Where a text is ambiguous ("1.500" is 1500 or 1.5, "12%" is 0.12 or 12), every reading is tried
    and the best counts. A number that is right but for its unit, which is missing though required,
    or another than it must be, earns what the penalty leaves.
    """

    key = "numeric"
    label = gettext_lazy("Numeric answer")
    description = gettext_lazy("A number to type, with a tolerance and units.")
    instruction = gettext_lazy("Type a number, without a unit.")
    icon = "decimal"
    body = NumericBody

    def problems(self, data: Json) -> Iterator[Problem]:
        """What is wrong with numbers and units."""
        rows = data["answers"]
        whole = [row for row in rows if number_of(row.get("value")) is not None]
        if not rows:
            yield Problem(_("There is no answer."), field="body")
        elif len(whole) < len(rows):
            yield Problem(_("An answer has no number."), field="body")
        elif not any(credit_of(row) == 1.0 for row in rows):
            yield Problem(_("No answer earns everything."), field="body")
        if any((number_of(row.get("tolerance")) or 0.0) < 0 for row in rows):
            yield Problem(_("A tolerance is below 0."), field="body")
        yield from _unit_problems(data)
        for row in whole:
            if is_blank(row["feedback"]):
                yield no_feedback(self.shown(data, row))

    def instruct(self, data: Json) -> str:
        """Whether a unit is wanted, and what it costs to have none or a wrong one."""
        if _rule(data) == NONE:
            return str(self.instruction)
        cost = round(100 * (1 - _left(data)))
        if _rule(data) == OPTIONAL:
            parts = [_("Type a number; a unit may follow.")]
            lost = _("A wrong unit costs %(percent)d%%.")
        else:
            parts = [_("Type a number and its unit.")]
            lost = _("A wrong or missing unit costs %(percent)d%%.")
        return " ".join([*parts, lost % {"percent": cost}] if cost else parts)

    def best(self, data: Json, text: str) -> tuple[Json | None, float]:
        """The first of the best among the answers that `text` can mean."""
        numbers = _candidates(data, text)
        found: tuple[Json | None, float] = None, 0.0
        for row in data["answers"]:
            value = number_of(row.get("value"))
            if value is None:
                continue
            shares = [
                share for number, share in numbers if is_within(number, value, tolerance(row))
            ]
            # One that fits and earns nothing still says why.
            if shares and (found[0] is None or max(shares) * credit_of(row) > found[1]):
                found = row, max(shares) * credit_of(row)
        return found

    def solution(self, data: Json) -> Json | None:
        """The first number that earns everything, with the unit in which it is given."""
        for row in data["answers"]:
            value = number_of(row.get("value"))
            if value is None or credit_of(row) < 1.0:
                continue
            for name, factor in [("", 1.0), *_units(data)]:
                answer = {"text": f"{written(value / factor)} {name}".strip()}
                named = name or _rule(data) == NONE or not data["units"]
                if named and self.score(data, answer) == 1.0:
                    return answer
        return None

    def shown(self, data: Json, row: Json) -> str:
        """The number with its unit and tolerance: "12,5 ha ± 0,5"."""
        value = number_of(row.get("value"))
        if value is None:
            return ""
        text = written(value)
        if _rule(data) != NONE:
            name = next((name for name, factor in _units(data) if factor == 1.0), "")
            text = f"{text} {name}".strip()
        margin = number_of(row.get("tolerance")) or 0.0
        if margin <= 0:
            return text
        sign = "%" if row.get("tolerance_kind") == RELATIVE else ""
        return f"{text} ± {written(margin)}{sign}"

    def ask(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The text typed so far; where no unit is wanted, phones show digits."""
        mode = "decimal" if _rule(data) == NONE else "text"
        return {**super().ask(data, arrangement, answer), "mode": mode}

    def complete(self, own: Mapping[str, Any]) -> Mapping[str, Any]:
        """An answer may be its number alone, a unit its name."""
        numbers = rows_of(own, "answers", "value", (int, float))
        return {**own, **numbers, **rows_of(own, "units", "name", str)}


def tolerance(row: Json) -> float:
    """How far off a number may be."""
    margin = max(0.0, number_of(row.get("tolerance")) or 0.0)
    if row.get("tolerance_kind") == RELATIVE:
        return abs(number_of(row.get("value")) or 0.0) * margin / 100
    return margin


def _candidates(data: Json, text: str) -> list[tuple[float, float]]:
    """What `text` can mean in the unit of the answers, each with the share that its unit leaves."""
    return [(number, share) for number, share in _readings(data, text) if share > 0]


def _readings(data: Json, text: str) -> list[tuple[float, float]]:
    numbers, rest = quantity(text)
    rule, left = _rule(data), _left(data)
    units = {unit_key(name): factor for name, factor in _units(data)} if rule != NONE else {}
    unit = unit_key(rest)
    if unit in units:
        factor = units[unit]
        return [*((each * factor, 1.0) for each in numbers), *((each, left) for each in numbers)]
    without = left if rule == REQUIRED else 1.0
    if not rest:
        return [(each, without) for each in numbers]
    found = [(each, without) for each in with_percent(numbers, rest)]
    return found if found or rule == NONE else [(each, left) for each in numbers]


def _unit_problems(data: Json) -> Iterator[Problem]:
    rows = data["units"]
    if _rule(data) == NONE:
        if rows:
            yield Problem(
                _("Units are listed, but only a number is asked for."), is_error=False, field="body"
            )
        return
    if not rows:
        yield Problem(_("No unit is listed."), field="body")
        return
    seen: set[str] = set()
    for row in rows:
        name, factor = row["name"], number_of(row.get("factor"))
        if not unit_key(name):
            yield Problem(_("A unit has no name."), field="body")
        elif quantity(f"1 {name}")[0] != [1.0] or unit_key(quantity(f"1 {name}")[1]) != unit_key(
            name
        ):
            yield Problem(
                _("The unit “%(name)s” reads like a part of the number.") % {"name": name},
                field="body",
            )
        elif unit_key(name) in seen:
            yield Problem(_("The unit “%(name)s” is there twice.") % {"name": name}, field="body")
        seen.add(unit_key(name))
        if factor is None or factor <= 0:
            yield Problem(
                _("The factor of the unit “%(name)s” must be above 0.") % {"name": name},
                field="body",
            )
    if not any(factor == 1.0 for _name, factor in _units(data)):
        yield Problem(
            _("No unit has the factor 1, that of the numbers above."), is_error=False, field="body"
        )


def _units(data: Json) -> list[tuple[str, float]]:
    """Names and factors of the units that can be computed with, that of the answers first."""
    found = [(str(row["name"]), number_of(row.get("factor"))) for row in data.get("units") or []]
    known = [(name, factor) for name, factor in found if factor and factor > 0 and unit_key(name)]
    return sorted(known, key=lambda unit: unit[1] != 1.0)


def _rule(data: Json) -> str:
    return str(data.get("unit_rule") or NONE)


def _left(data: Json) -> float:
    """What a wrong or missing unit leaves of the credit."""
    penalty = number_of(data.get("unit_penalty"))
    return max(0.0, min(1.0, 1 - (FULL if penalty is None else penalty) / FULL))
