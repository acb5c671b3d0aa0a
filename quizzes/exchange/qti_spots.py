"""hotspotInteraction and selectPointInteraction as hot spots: areas of a picture, in percent.

Coordinates of QTI are pixels of the picture as it is shown: of the size that the file declares
for it, else of its own.
"""

from __future__ import annotations

import re
from typing import Any, Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from quizzes.exchange.drafts import PICTURE_KEY
from quizzes.exchange.qti_asked import (
    MOST,
    NEAR,
    Asked,
    contradiction,
    identifiers,
    is_near,
    no_key,
)
from quizzes.exchange.qti_marking import MATCH, in_area
from quizzes.exchange.qti_pictures import size_of
from quizzes.exchange.qti_values import Variable
from quizzes.exchange.qti_xml import Refused, check_count, named, number_in, text_in, whole_in

ONE, ALL = "one", "all"
_SHAPES: Final = {"rect": "rectangle", "circle": "circle", "poly": "polygon"}
Size = tuple[float, float]


def hotspot(asked: Asked, interaction: Element) -> tuple[str, dict[str, Any]]:
    """Areas that can be seen and chosen."""
    response = asked.response(interaction)
    elements = named(interaction, "hotspotChoice")
    names = identifiers(elements)
    asked.ask(interaction)
    asked.note_guidance()
    picture, size = _picture(asked, interaction)
    if unknown := [each for each in response.correct if each not in names]:
        raise Refused(_("The right choice “%(name)s” is not there.") % {"name": unknown[0]})
    right, scheme = _right(asked, response, names, interaction)
    told = asked.feedback_on(
        [(name, response.value(name)) for name in names], response.identifier, frozenset(right)
    )
    areas = []
    for at, (element, name) in enumerate(zip(elements, names, strict=True), 1):
        area = _area(element.get("shape", ""), element.get("coords", ""), size)
        label = " ".join(element.get("hotspotLabel", "").split())
        areas.append({"name": label or _area_name(at), **area, "correct": name in right})
        if told[at - 1]:
            areas[-1]["feedback"] = told[at - 1]
    return "hotspot", {**picture, "areas": areas, "scheme": scheme}


def _right(
    asked: Asked, response: Variable, names: list[str], interaction: Element
) -> tuple[list[str], str]:
    """The right areas, and how many of them must be found."""
    name = response.identifier
    alone = {each: asked.score({name: response.value(each)}) for each in names}
    is_one = response.cardinality == "single" or whole_in(interaction.get("maxChoices"), 1) == 1
    if is_one:
        top = max(alone.values(), default=0.0)
        right = [each for each, score in alone.items() if top > NEAR and is_near(score, top)]
        if not right:
            raise contradiction() if response.correct else no_key()
        if not set(response.correct) <= set(right):
            raise contradiction()
        if any(NEAR < score < top - NEAR for score in alone.values()):
            asked.note(_("Areas that are partly right earn nothing here."))
        asked.best = top
        return right, ONE
    right = list(response.correct) or [
        each for each in names if response.worths and response.worth(each) > 0
    ]
    if not right:
        raise no_key()
    top = asked.certain({name: response.value(*right)})
    if any(score > top + NEAR for score in alone.values()):
        raise contradiction()
    if any(score > NEAR for each, score in alone.items() if each not in right):
        asked.note(_("Areas that are partly right earn nothing here."))
    if len(right) > 1 and not all(is_near(alone[each], top / len(right)) for each in right):
        asked.note(_("Each right area earns its share here; in the file it does not."))
    return right, ALL


def select_point(asked: Asked, interaction: Element) -> tuple[str, dict[str, Any]]:
    """A place to be marked where nothing is drawn: the right areas are those of the mapping."""
    response = asked.response(interaction)
    asked.ask(interaction)
    asked.note_guidance()
    if not response.areas or asked.marking.kind == MATCH:
        raise Refused(_("Only one exact point is right, and no area around it."))
    check_count(len(response.areas), MOST)
    picture, size = _picture(asked, interaction)
    name = response.identifier
    scores = [asked.score({name: in_area(at)}) for at in range(len(response.areas))]
    if asked.score({name: in_area(-1)}) > NEAR:
        raise contradiction()
    top = max(scores)
    right = [at for at, score in enumerate(scores) if score > NEAR]
    if not right:
        raise contradiction()
    if not all(is_near(scores[at], top) for at in right):
        asked.note(_("Parts that weigh differently in the file earn the same here."))
    limit = whole_in(interaction.get("maxChoices"), 1)
    is_one = response.cardinality == "single" or limit == 1 or len(right) == 1
    if not is_one and 0 < limit < len(right):
        raise Refused(_("More areas are right than points can be marked."))
    asked.best = top if is_one else sum(scores[at] for at in right)
    given = [(str(at), in_area(at)) for at in range(len(scores))]
    told = asked.feedback_on(given, name, frozenset(map(str, right)), in_area(-1))
    areas = []
    for at, each in enumerate(response.areas):
        area = _area(each.shape, each.coords, size)
        areas.append({"name": _area_name(at + 1), **area, "correct": at in right})
        if told[at]:
            areas[-1]["feedback"] = told[at]
    return "hotspot", {**picture, "areas": areas, "scheme": ONE if is_one else ALL}


def _picture(asked: Asked, interaction: Element) -> tuple[dict[str, Any], Size]:
    """The picture, what it shows, and the size by which coordinates are meant."""
    found = [*named(interaction, "object"), *named(interaction, "img")]
    found += [each for picture in named(interaction, "picture") for each in named(picture, "img")]
    if not found:
        raise Refused(_("There is no picture in which to mark anything."))
    element = found[0]
    noted = len(asked.notes)
    name = asked.pictures.keep(element.get("data") or element.get("src") or "")
    if not name:  # without it there is no question: the note says why
        raise Refused(asked.notes[noted] if len(asked.notes) > noted else asked.notes[-1])
    actual = size_of(asked.pictures.found[name]) or (1, 1)
    declared = number_in(element.get("width")), number_in(element.get("height"))
    width, height = (
        float(given) if given and given > 0 else float(own)
        for given, own in zip(declared if all(declared) else (None, None), actual, strict=True)
    )
    alt = " ".join(element.get("alt", "").split()) or text_in(element) or asked.root.get("title")
    return {"picture": {PICTURE_KEY: name}, "alt": (alt or "")[:400]}, (width, height)


def _area(shape: str, coords: str, size: Size) -> dict[str, str]:
    kind = _SHAPES.get(shape)
    numbers = [number_in(each) for each in re.split(r"[\s,;]+", coords.strip())]
    if kind is None or not coords.strip() or None in numbers:
        raise Refused(_("An area cannot be read: %(area)s") % {"area": f"{shape} {coords}".strip()})
    width, height = size
    if kind == "circle":
        sides = [width, height, width]
        numbers = numbers[:3]
    else:
        sides = [width if at % 2 == 0 else height for at in range(len(numbers))]
    if kind == "polygon" and len(numbers) > 6 and numbers[:2] == numbers[-2:]:
        numbers, sides = numbers[:-2], sides[:-2]  # closed by its first corner
    if len(numbers) != len(sides) or (kind == "rectangle" and len(numbers) != 4):
        raise Refused(_("An area cannot be read: %(area)s") % {"area": f"{shape} {coords}"})
    parts = [_number(100 * (each or 0.0) / side) for each, side in zip(numbers, sides, strict=True)]
    return {"shape": kind, "coordinates": ", ".join(parts)}


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") or "0"


def _area_name(at: int) -> str:
    return _("Area %(number)d") % {"number": at}
