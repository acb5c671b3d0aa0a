"""What each kind of question of Moodle XML is here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from quizzes.exchange.choosing import Option, choosing, true_or_false
from quizzes.exchange.drafts import Draft
from quizzes.exchange.moodle_cloze import GapText, cloze, words_to_place
from quizzes.exchange.moodle_source import MoodleError, Source, fraction, line
from quizzes.exchange.texts import PLAIN, figure, html_of, lines_of, plain_of

MOST_FILES: Final = 10
NO_QUESTIONS: Final = frozenset({"category", "description"})
_ALL_OR_NOTHING: Final = "all_or_nothing"
# How Moodle marks an order: what is the same here, or else the nearest, and whether it is the same.
_ORDERS: Final[Mapping[str, tuple[str, bool]]] = MappingProxyType(
    {
        "ALL_OR_NOTHING": (_ALL_OR_NOTHING, True),
        "ABSOLUTE_POSITION": ("places", True),
        "RELATIVE_NEXT_EXCLUDE_LAST": ("neighbours", True),
        "RELATIVE_NEXT_INCLUDE_LAST": ("neighbours", False),
        "RELATIVE_ONE_PREVIOUS_AND_NEXT": ("neighbours", False),
        "RELATIVE_ALL_PREVIOUS_AND_NEXT": ("pairs", True),
        "LONGEST_ORDERED_SUBSET": ("longest_run", False),
        "LONGEST_CONTIGUOUS_SUBSET": ("longest_run", False),
        "RELATIVE_TO_CORRECT": ("pairs", False),
    }
)


def _multichoice(draft: Draft, source: Source) -> None:
    options = [
        Option(source.rich_of(each), fraction(each), source.rich_of(each.find("feedback")))
        for each in source.all("answer")
    ]
    found = choosing(options, one=source.flag("single", default=True))
    draft.type_key, draft.written = found.type_key, found.written
    draft.notes += found.notes


def _all_or_nothing(draft: Draft, source: Source) -> None:
    """The plugin "multichoiceset": several are right, and only all of them earn something."""
    options = [
        {
            "text": source.rich_of(each),
            "correct": fraction(each) > 0,
            "feedback": source.rich_of(each.find("feedback")),
        }
        for each in source.all("answer")
    ]
    draft.type_key = "multiple_choice"
    draft.written = {"options": options, "scheme": _ALL_OR_NOTHING}


def _truefalse(draft: Draft, source: Source) -> None:
    found = {line(each).lower(): each for each in source.all("answer")}
    if set(found) != {"true", "false"}:
        raise MoodleError(_("The answers are not “true” and “false”."))
    weights = {said: fraction(each) for said, each in found.items()}
    if sorted(weights.values()) != [0.0, 100.0]:
        raise MoodleError(_("Not exactly one of “true” and “false” is right."))
    of_true, of_false = (source.rich_of(found[said].find("feedback")) for said in ("true", "false"))
    draft.type_key = "true_false"
    draft.written = true_or_false(weights["true"] == 100, of_true, of_false)


def _shortanswer(draft: Draft, source: Source) -> None:
    draft.type_key = "short_answer"
    draft.written = {
        "answers": [
            {
                "pattern": line(each),
                "credit": max(0.0, fraction(each)),
                "feedback": source.rich_of(each.find("feedback")),
            }
            for each in source.all("answer")
        ],
        "case_matters": source.flag("usecase"),
    }


def _numerical(draft: Draft, source: Source) -> None:
    rows: list[dict[str, Any]] = []
    for each in source.all("answer"):
        said, weight = line(each), fraction(each)
        feedback = source.rich_of(each.find("feedback"))
        if said == "*" and weight <= 0:
            if feedback:
                draft.notes.append(_("Feedback on all other numbers is not kept."))
            continue
        value, tolerance = figure(said), figure(line(each.find("tolerance")) or "0")
        if value is None or tolerance is None or tolerance < 0:
            raise MoodleError(
                _("“%(text)s” is no number or range of numbers.") % {"text": said[:80]}
            )
        rows.append(
            {
                "value": value,
                "tolerance": tolerance,
                "credit": max(0.0, weight),
                "feedback": feedback,
            }
        )
    draft.type_key, draft.written = "numeric", {"answers": rows, **_units(draft, source, rows)}


def _units(draft: Draft, source: Source, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Units and what a wrong one costs. A number in a unit is divided by its multiplier."""
    units = []
    for each in source.all("units/unit"):
        name, multiplier = line(each.find("unit_name")), figure(line(each.find("multiplier")))
        if not name or multiplier is None or multiplier <= 0:
            raise MoodleError(_("A unit has no name, or no multiplier above 0."))
        units.append({"name": name, "factor": 1.0 if multiplier == 1 else 1 / multiplier})
    if not units or source.plain("showunits") == "3":
        return {"unit_rule": "none", "units": []}
    grading = source.whole("unitgradingtype")
    if grading not in (1, 2):
        return {"unit_rule": "optional", "units": units}
    if grading == 2 and any(0 < row["credit"] < 100 for row in rows):
        draft.notes.append(
            _("A wrong unit costs a share of what the answer earns, not of the whole.")
        )
    if source.plain("showunits") in ("1", "2"):
        draft.notes.append(_("The unit was chosen from a list; here it is typed."))
    penalty = figure(source.plain("unitpenalty") or "0.1")
    if penalty is None or not 0 <= penalty <= 1:
        raise MoodleError(_("What a wrong unit costs is not between 0 and 1."))
    return {
        "unit_rule": "required",
        "units": units,
        "unit_penalty": float(f"{100 * penalty:.12g}"),
    }


def _matching(draft: Draft, source: Source) -> None:
    pairs, extra = [], []
    for each in source.all("subquestion"):
        text = source.rich_of(each)
        match = html_of(line(each.find("answer")), PLAIN)
        if text:
            pairs.append({"text": text, "match": match})
        elif match:
            extra.append(match)
    matched = {pair["match"] for pair in pairs}
    others = [match for match in dict.fromkeys(extra) if match not in matched]
    draft.type_key, draft.written = "matching", {"pairs": pairs, "extra": others}


def _ordering(draft: Draft, source: Source) -> None:
    numbered = dict(enumerate(_ORDERS, -1))
    said = source.plain("gradingtype").upper() or "ABSOLUTE_POSITION"
    number = figure(said)
    name = numbered.get(int(number), said) if number is not None else said
    if name not in _ORDERS:
        raise MoodleError(
            _("The way to mark an order, “%(text)s”, is not known.") % {"text": said[:60]}
        )
    scheme, is_same = _ORDERS[name]
    if not is_same:
        draft.notes.append(
            _("Marking by “%(text)s” is not known here; the nearest is used.") % {"text": name}
        )
    if source.plain("selecttype").upper() not in ("", "ALL", "0") and source.whole("selectcount"):
        draft.notes.append(_("Some of the items were drawn; here all are put in order."))
    answers: list[Element] = source.all("answer")
    wrong = source.rich("incorrectfeedback")
    if plain_of(wrong).lower() == "your answer is incorrect.":
        wrong = ""
    draft.type_key = "ordering"
    draft.written = {
        "items": [{"text": source.rich_of(each)} for each in answers],
        "scheme": scheme,
        "feedback": wrong,
    }


def _essay(draft: Draft, source: Source) -> None:
    files = source.whole("attachments")
    shape = source.plain("responseformat") or "editor"
    written: dict[str, Any] = {
        "may_type": shape != "noinline",
        "may_attach": files != 0 or shape == "noinline",
        "guidance": source.rich("graderinfo"),
        "template": lines_of(source.rich("responsetemplate")),
    }
    if files:
        written["files"] = MOST_FILES if files < 0 else min(MOST_FILES, files)
        if files > MOST_FILES:
            draft.notes.append(
                _("At most %(number)d files can be attached.") % {"number": MOST_FILES}
            )
    for name, path in (("minimum", "minwordlimit"), ("maximum", "maxwordlimit")):
        if (limit := source.whole(path)) > 0:
            written[name] = limit
    if source.plain("filetypeslist"):
        draft.notes.append(_("Which types of files may be attached is not kept."))
    draft.type_key, draft.written = "essay", written


def _gaps(draft: Draft, found: tuple[str, str, GapText]) -> None:
    draft.prompt, text, gaps = found
    draft.type_key, draft.written = "gaps", {"text": text, **gaps.written}
    draft.notes += gaps.notes


def _cloze(draft: Draft, source: Source) -> None:
    _gaps(draft, cloze(draft.prompt))


def _gapselect(draft: Draft, source: Source) -> None:
    _gaps(draft, words_to_place(source, draft.prompt, dragged=False))


def _ddwtos(draft: Draft, source: Source) -> None:
    _gaps(draft, words_to_place(source, draft.prompt, dragged=True))


KINDS: Final[Mapping[str, Callable[[Draft, Source], None]]] = MappingProxyType(
    {
        "multichoice": _multichoice,
        "multichoiceset": _all_or_nothing,
        "truefalse": _truefalse,
        "shortanswer": _shortanswer,
        "numerical": _numerical,
        "matching": _matching,
        "match": _matching,
        "ordering": _ordering,
        "essay": _essay,
        "cloze": _cloze,
        "multianswer": _cloze,
        "gapselect": _gapselect,
        "ddwtos": _ddwtos,
    }
)
