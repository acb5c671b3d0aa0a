"""How each kind of question is asked, marked and commented in QTI 3.0."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from xml.etree.ElementTree import SubElement

from django.utils.translation import gettext as _

from quizzes.exchange.choosing import weights
from quizzes.exchange.qti_markup import fill, fill_line
from quizzes.exchange.qti_pictures import size_of
from quizzes.exchange.qti_writing_gaps import gaps, numeric, short_answer
from quizzes.exchange.qti_written import (
    FEEDBACK,
    MAP,
    MATCH,
    RESPONSE,
    SCORE,
    Item,
    Unwritable,
    add_guidance,
    base,
    correct,
    figure,
    make,
    setting,
    variable,
    when,
    worded,
)
from quizzes.exchange.texts import is_empty, plain_of

_FALSE: Final = frozenset({"sai", "false", "f", "không", "no"})
_SHAPES: Final = MappingProxyType({"rectangle": "rect", "circle": "circle", "polygon": "poly"})


def _choice(item: Item, names: Sequence[str], *, one: bool, mixed: bool) -> None:
    options = item.written["options"]
    choices = [
        fill_line(make("simple-choice", identifier=name), option["text"], item.files)
        for name, option in zip(names, options, strict=True)
    ]
    item.body.append(
        make(
            "choice-interaction",
            *choices,
            response_identifier=RESPONSE,
            shuffle=mixed,
            max_choices="1" if one else "0",
        )
    )
    told = [
        item.tell(name, option["feedback"]) for name, option in zip(names, options, strict=True)
    ]
    if any(told):
        item.told.append(item.also(variable(RESPONSE)))


def _key(item: Item, names: Sequence[str], *, one: bool) -> None:
    written = item.written
    options = written["options"]
    right = [name for name, option in zip(names, options, strict=True) if option["correct"]]
    kind = "single" if one else "multiple"
    is_plain = all(option.get("credit") is None for option in options)
    if written.get("scheme") == "all_or_nothing" or (one and is_plain):
        item.response("identifier", right, cardinality=kind)
        item.score_by(MATCH)
        return
    shares = weights(dict(written), one=one)
    worths = {name: share / 100 for name, share in zip(names, shares, strict=True) if share}
    bounds = {"lower_bound": "0", "upper_bound": "1"}
    item.response("identifier", right, cardinality=kind, worths=worths, **bounds)
    item.score_by(MAP)


def _single(item: Item) -> None:
    names = _named("choice", item.written["options"])
    _key(item, names, one=True)
    _choice(item, names, one=True, mixed=True)


def _true_false(item: Item) -> None:
    first = plain_of(item.written["options"][0]["text"]).casefold().strip(" .")
    names = ["false", "true"] if first in _FALSE else ["true", "false"]
    names = names[: len(item.written["options"])]
    _key(item, names, one=True)
    _choice(item, names, one=True, mixed=False)


def _multiple(item: Item) -> None:
    names = _named("choice", item.written["options"])
    _key(item, names, one=False)
    _choice(item, names, one=False, mixed=True)


def _ordering(item: Item) -> None:
    items = item.written["items"]
    # Named in the order of the texts: names by place would give the right order away.
    order = sorted(range(len(items)), key=lambda at: plain_of(items[at]["text"]).casefold())
    names = {at: f"item_{number}" for number, at in enumerate(order, 1)}
    right = [names[at] for at in range(len(items))]
    item.response("identifier", right, cardinality="ordered")
    choices = [
        fill_line(make("simple-choice", identifier=names[at]), items[at]["text"], item.files)
        for at in order
    ]
    item.body.append(
        make("order-interaction", *choices, response_identifier=RESPONSE, shuffle=True)
    )
    scheme = item.written.get("scheme")
    if scheme == "places":
        for number in range(1, len(items) + 1):
            parts = [
                make("index", value, n=number) for value in (variable(RESPONSE), correct(RESPONSE))
            ]
            share = base("float", figure(1 / len(items)))
            added = setting(SCORE, make("sum", variable(SCORE), share))
            item.rules.append(when(make("match", *parts), added))
    else:
        item.score_by(MATCH)
        if scheme != "all_or_nothing":
            item.lost.append(_("How answers that are partly right are marked is not written."))
    if item.tell("wrong", item.written.get("feedback") or ""):
        is_right = make("match", variable(RESPONSE), correct(RESPONSE))
        item.told.append(when(make("not", is_right), item.also(base("identifier", "wrong"))))


def _pairs(
    item: Item,
    kind: str,
    left: Mapping[str, str],
    right: Mapping[str, str],
    pairs: Sequence[tuple[str, str]],
    *,
    often: bool,
) -> None:
    """Two sets. Those of the left are used once at most, those of the right `often`, or once."""
    texts = [f"{one} {other}" for one, other in pairs]
    if item.written.get("scheme") == "all_or_nothing":
        item.response("directedPair", texts, cardinality="multiple")
        item.score_by(MATCH)
    else:
        worths = {text: 1 / len(texts) for text in texts}
        item.response("directedPair", texts, cardinality="multiple", worths=worths)
        item.score_by(MAP)
    sets = []
    for rows, limit in ((left, 1), (right, 0 if often else 1)):
        choices = [
            fill_line(
                make("simple-associable-choice", identifier=name, match_max=limit),
                text,
                item.files,
            )
            for name, text in rows.items()
        ]
        sets.append(make("simple-match-set", *choices))
    interaction = make("match-interaction", *sets, response_identifier=RESPONSE)
    interaction.attrib |= {"class": kind, "shuffle": "true", "max-associations": "0"}
    item.body.append(interaction)


def _matching(item: Item) -> None:
    rows = item.written["pairs"]
    left = {f"left_{at}": row["text"] for at, row in enumerate(rows, 1)}
    values = [row["match"] for row in rows] + [_value(each) for each in item.written["extra"]]
    known: dict[str, str] = {}  # words: name
    right: dict[str, str] = {}
    for text in sorted(values, key=lambda text: plain_of(text).casefold()):
        words = text if "<img" in text or "<embed" in text else plain_of(text).casefold()
        if words not in known:
            known[words] = f"right_{len(known) + 1}"
            right[known[words]] = text

    def name_of(text: str) -> str:
        is_shown = "<img" in text or "<embed" in text
        return known[text if is_shown else plain_of(text).casefold()]

    pairs = [(name, name_of(row["match"])) for name, row in zip(left, rows, strict=True)]
    often = len({other for _one, other in pairs}) < len(pairs)
    _pairs(item, "matching", left, right, pairs, often=often)
    _pair_feedback(item, [row.get("feedback") or "" for row in rows])


def _pair_feedback(item: Item, texts: Sequence[str]) -> None:
    """Feedback on a pair stands in its left side, as inline feedback that is always told."""
    choices = list(item.body.iter("qti-simple-associable-choice"))
    names = []
    for choice, text in zip(choices, texts, strict=False):
        if not is_empty(text):
            name = choice.get("identifier", "")
            names.append(name)
            about = {"outcome_identifier": FEEDBACK, "show_hide": "show", "identifier": name}
            if "<p" in text[3:]:
                content = fill(make("content-body"), text, item.files)
                choice.append(make("feedback-block", content, **about))
            else:
                choice.append(fill_line(make("feedback-inline", **about), text, item.files))
    if names:
        item.has_feedback = True
        item.told.append(item.also(*(base("identifier", name) for name in names)))


def _grouping(item: Item) -> None:
    groups = item.written["groups"]
    right = {f"group_{at}": group["name"] for at, group in enumerate(groups, 1)}
    rows = [
        (_value(each), name)
        for name, group in zip(right, groups, strict=True)
        for each in group["items"]
    ]
    rows += [(_value(each), "") for each in item.written["extra"]]
    rows.sort(key=lambda row: plain_of(row[0]).casefold())  # not by group
    left = {f"item_{at}": text for at, (text, _name) in enumerate(rows, 1)}
    pairs = [(one, name) for one, (_text, name) in zip(left, rows, strict=True) if name]
    _pairs(item, "grouping", left, right, pairs, often=True)


def _hotspot(item: Item) -> None:
    written = item.written
    picture = written.get("picture") or {}
    path = item.files.image(picture.get("image"))
    size = size_of(item.files.content[path]) if path else None
    if size is None:
        raise Unwritable(_("The picture of the question is missing."))
    areas = written["areas"]
    names = _named("area", areas)
    right = [name for name, area in zip(names, areas, strict=True) if area["correct"]]
    if not right:
        raise Unwritable(_("No area is right."))
    by_all = written.get("scheme") == "all"
    if by_all:
        share = 1 / len(right)
        worths = {name: share if name in right else -share for name in names}
        item.response("identifier", right, cardinality="multiple", worths=worths, lower_bound="0")
        item.score_by(MAP)
    elif len(right) > 1:
        item.response("identifier", right[:1], worths=dict.fromkeys(right, 1.0))
        item.score_by(MAP)
    else:
        item.response("identifier", right)
        item.score_by(MATCH)
    choices = [
        make(
            "hotspot-choice",
            identifier=name,
            shape=_SHAPES[area["shape"]],
            coords=_pixels(area["shape"], area["coordinates"], size),
            hotspot_label=area["name"],
        )
        for name, area in zip(names, areas, strict=True)
    ]
    limit = str(len(right)) if by_all else "1"
    interaction = make("hotspot-interaction", response_identifier=RESPONSE, max_choices=limit)
    about = {"src": f"../{path}", "alt": written.get("alt") or ""}
    SubElement(interaction, "img", {**about, "width": str(size[0]), "height": str(size[1])})
    interaction.extend(choices)
    item.body.append(interaction)
    told = [
        item.tell(name, area.get("feedback") or "") for name, area in zip(names, areas, strict=True)
    ]
    if any(told):
        item.told.append(item.also(variable(RESPONSE)))


def _pixels(shape: str, coordinates: str, size: tuple[int, int]) -> str:
    try:
        numbers = [float(each) for each in coordinates.replace(",", " ").replace(";", " ").split()]
    except ValueError as error:
        raise Unwritable(_("An area cannot be read.")) from error
    sides = [size[0], size[1], size[0]] if shape == "circle" else [*size] * len(numbers)
    return ",".join(
        str(max(0, round(each * side / 100))) for each, side in zip(numbers, sides, strict=False)
    )


def _essay(item: Item) -> None:
    written = item.written
    if written["may_type"]:
        response = item.response("string")
        if written.get("template"):
            response.append(make("default-value", worded(make("value"), written["template"])))
        item.body.append(make("extended-text-interaction", response_identifier=RESPONSE))
        if written.get("may_attach"):
            item.lost.append(_("Files beside a text cannot be asked for."))
        if written.get("minimum") or written.get("maximum"):
            item.lost.append(_("How many words are asked for is not written."))
    else:
        item.response("file")
        item.body.append(make("upload-interaction", response_identifier=RESPONSE))
        if (written.get("files") or 1) > 1:
            item.lost.append(_("Only one file can be asked for."))
    item.is_by_person = True
    add_guidance(item, written.get("guidance") or "")
    if written.get("rubric"):
        item.lost.append(_("Criteria of marking are written as text for markers."))
        parts = []
        for criterion in written["rubric"]:
            levels = "; ".join(f"{each['name']} ({each['points']})" for each in criterion["levels"])
            parts.append(f"{criterion['name']}: {levels}")
        add_guidance(item, "\n\n".join(parts))


def _named(word: str, rows: Sequence[Any]) -> list[str]:
    return [f"{word}_{at}" for at in range(1, len(rows) + 1)]


def _value(row: Any) -> str:
    return str(row["value"] if isinstance(row, Mapping) else row)


KINDS: Final[Mapping[str, Callable[[Item], None]]] = MappingProxyType(
    {
        "single_choice": _single,
        "true_false": _true_false,
        "multiple_choice": _multiple,
        "short_answer": short_answer,
        "numeric": numeric,
        "matching": _matching,
        "ordering": _ordering,
        "gaps": gaps,
        "grouping": _grouping,
        "hotspot": _hotspot,
        "essay": _essay,
    }
)
