"""One assessmentItem of QTI 2.0 to 3.0 as a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from quizzes.exchange.drafts import Draft
from quizzes.exchange.qti_arranging import associate, match, order
from quizzes.exchange.qti_asked import Asked
from quizzes.exchange.qti_choosing import choice
from quizzes.exchange.qti_gaps import gap_match, inline
from quizzes.exchange.qti_open import extended_text, upload
from quizzes.exchange.qti_pictures import Files
from quizzes.exchange.qti_spots import hotspot, select_point
from quizzes.exchange.qti_xml import (
    Refused,
    first,
    identifier_of,
    inside,
    named,
    number_in,
    parsed,
    text_in,
)

Made = tuple[str, dict[str, Any]]
_ONE: Final[Mapping[str, Callable[[Asked, Element], Made]]] = {
    "choiceInteraction": choice,
    "orderInteraction": order,
    "matchInteraction": match,
    "associateInteraction": associate,
    "gapMatchInteraction": gap_match,
    "hotspotInteraction": hotspot,
    "selectPointInteraction": select_point,
    "extendedTextInteraction": extended_text,
    "uploadInteraction": upload,
}
_INLINE: Final = ("inlineChoiceInteraction", "textEntryInteraction")
STIMULUS: Final = "assessmentStimulusRef"


def read_item(content: bytes, place: str, path: str, files: Files) -> Draft:
    """The question in a file of XML at `path` of its package. Raises Refused."""
    root = parsed(content)
    if root.tag != "assessmentItem":
        raise Refused(_("The file holds no question: its root is <%(name)s>.") % {"name": root.tag})
    _check(root)
    asked = Asked(root, path, files)
    for each in named(root, STIMULUS):
        _take_stimulus(asked, each, files)
    type_key, written = _made(asked)
    asked.end()
    return Draft(
        place=place,
        type_key=type_key,
        prompt=asked.prompt,
        written=written,
        name=" ".join(root.get("title", "").split()),
        code=_code(root),
        explanation=asked.explanation,
        points=_points(asked),
        pictures=asked.pictures.found,
        notes=asked.notes,
    )


def _made(asked: Asked) -> Made:
    found = asked.interactions
    names = list(dict.fromkeys(str(each.tag) for each in found))
    if not found:
        raise Refused(_("There is nothing to answer in the item (no interaction)."))
    if all(name in _INLINE for name in names):
        return inline(asked)
    unknown = [name for name in names if name not in _ONE and name not in _INLINE]
    if unknown:
        raise Refused(
            _("There is no kind of question for %(name)s here.") % {"name": ", ".join(unknown)}
        )
    if len(found) > 1:
        raise Refused(
            _("The item asks several things at once: %(names)s. Make each a question of its own.")
            % {"names": ", ".join(str(each.tag) for each in found)}
        )
    return _ONE[names[0]](asked, found[0])


def _check(root: Element) -> None:
    if root.get("adaptive") in ("true", "1"):
        raise Refused(_("The item changes while it is answered (adaptive); that is not held here."))
    for name in ("templateDeclaration", "templateProcessing"):
        if first(root, name) is not None:
            raise Refused(_("The question is made anew by chance each time (a template)."))
    if any(str(each.tag).startswith("include:") for each in root.iter()):
        raise Refused(_("The file includes other files (XInclude)."))
    if first(root, "itemBody") is None:
        raise Refused(_("The item has no body."))


def _take_stimulus(asked: Asked, reference: Element, files: Files) -> None:
    """A passage that several questions share goes before the prompt of each."""
    below = asked.pictures.below(asked.pictures.place(reference.get("href", "")))
    content = files(below.path)
    try:
        root = parsed(content) if content is not None else None
    except Refused:
        root = None
    body = first(root, "stimulusBody")
    if body is None:
        asked.note(_("The passage “%(name)s” is missing.") % {"name": below.path})
        return
    asked.before.append(asked.page_at(below).html(body))


def _code(root: Element) -> str:
    """The identifier; the label where that is the same but for signs that XML cannot name."""
    identifier, label = root.get("identifier", "").strip(), root.get("label", "").strip()
    return label if label and identifier_of(label) == identifier else identifier


def _points(asked: Asked) -> Decimal:
    """What the item declares at most, else what the right answer earns, else 1."""
    outcomes = asked.marking.outcomes
    score, most = outcomes.get(asked.marking.score_name), outcomes.get("MAXSCORE")
    found = asked.best
    if not found and most and most.default:
        found = number_in(most.default[0]) or 0.0
    if not found and score:
        declared = next(
            (
                each.get("normalMaximum")
                for each in named(asked.root, "outcomeDeclaration")
                if each.get("identifier") == score.identifier
            ),
            None,
        )
        found = number_in(declared) or 0.0
    return Decimal(str(round(found, 6))) if 0 < found < 1e6 else Decimal(1)


def keywords(metadata: Element | None) -> tuple[str, ...]:
    """The keywords that metadata (IEEE LOM, in any of its forms) give."""
    return tuple(dict.fromkeys(filter(None, map(text_in, inside(metadata, "keyword")))))
