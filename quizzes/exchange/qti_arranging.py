"""orderInteraction, matchInteraction and associateInteraction as ordering, matching, grouping."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice, permutations
from typing import Any, Final
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from quizzes.exchange.qti_asked import NEAR, Asked, contradiction, identifiers, is_near, no_key
from quizzes.exchange.qti_html import is_blank
from quizzes.exchange.qti_values import Variable
from quizzes.exchange.qti_xml import Refused, named
from quizzes.question_types.sequences import MEASURES

ALL_OR_NOTHING, SHARES = "all_or_nothing", "shares"
_TRIES: Final = 120  # orders that are tried, to know the way of marking
Pair = tuple[str, str]


def order(asked: Asked, interaction: Element) -> tuple[str, dict[str, Any]]:
    """Items to be put in order; all of them, and only once."""
    response = asked.response(interaction)
    elements = named(interaction, "simpleChoice")
    names = identifiers(elements)
    texts = dict(zip(names, _texts(asked, elements), strict=True))
    asked.ask(interaction)
    asked.note_guidance()
    right = list(response.correct)
    if not right:
        raise no_key()
    if sorted(right) != sorted(names):
        raise Refused(_("The right order does not hold each item once."))
    name = response.identifier
    top = asked.certain({name: response.value(*right)})
    scheme = _scheme_of_order(asked, response, right, top)
    turned = response.value(*reversed(right))
    feedback = asked.feedback_on_all({name: response.value(*right)}, {name: turned})
    written: dict[str, Any] = {"items": [{"text": texts[each]} for each in right], "scheme": scheme}
    return "ordering", {**written, "feedback": asked.tell(feedback)} if feedback else written


def _scheme_of_order(asked: Asked, response: Variable, right: list[str], top: float) -> str:
    tried = {}
    for slots in _orders(len(right)):
        score = asked.score({response.identifier: response.value(*(right[at] for at in slots))})
        if score > top + NEAR:
            raise contradiction()
        tried[slots] = max(0.0, score / top)
    for scheme in (ALL_OR_NOTHING, *MEASURES):
        measure = MEASURES[scheme]
        if all(is_near(measure(slots), score) for slots, score in tried.items()):
            return scheme
    if sum(is_near(score, 1.0) for score in tried.values()) > 1:
        raise Refused(_("Several different orders are right."))
    asked.note(_("Credit for answers that are partly right is given in another way here."))
    return ALL_OR_NOTHING


def _orders(count: int) -> Iterator[tuple[int, ...]]:
    """Orders to try: all of a few items; of more, some, and each two neighbours exchanged."""
    if count <= 5:
        yield from permutations(range(count))
        return
    plain = tuple(range(count))
    yield plain
    yield plain[::-1]
    for at in range(count - 1):
        yield (*plain[:at], plain[at + 1], plain[at], *plain[at + 2 :])
        yield (*plain[at + 1 :], *plain[: at + 1])
    yield from islice(permutations(plain), 1, _TRIES)


def match(asked: Asked, interaction: Element) -> tuple[str, dict[str, Any]]:
    """Two sets: pairs, or groups and what belongs to them, by how often each is needed."""
    response = asked.response(interaction)
    sets = [named(each, "simpleAssociableChoice") for each in named(interaction, "simpleMatchSet")]
    if len(sets) != 2:
        raise Refused(_("The pairs to be made do not have two sides."))
    names = identifiers([*sets[0], *sets[1]])
    left, right = names[: len(sets[0])], names[len(sets[0]) :]
    texts = dict(zip(names, _texts(asked, [*sets[0], *sets[1]]), strict=True))
    asked.ask(interaction)
    asked.note_guidance()
    pairs = _pairs(asked, response, set(left), set(right))
    partners: dict[str, list[str]] = defaultdict(list)
    for one, other in pairs:
        partners[one].append(other)
        partners[other].append(one)
    both = {response.identifier: response.value(*(" ".join(pair) for pair in pairs))}
    told = asked.feedback_inside(sets[0], both)
    written: dict[str, Any] = {"scheme": _scheme_of_pairs(asked, response, pairs)}
    classes = interaction.get("class", "").split()
    each_once = all(len(partners[one]) == 1 for one in left)
    often = [other for other in right if len(partners[other]) > 1]
    if each_once and "grouping" not in classes and ("matching" in classes or not often):
        rows = [{"text": texts[one], "match": texts[partners[one][0]]} for one in left]
        for row, feedback in zip(rows, told, strict=True):
            if feedback:
                row["feedback"] = feedback
        extra = [texts[other] for other in right if not partners[other]]
        return "matching", {**written, "pairs": rows, "extra": extra}
    if any(told):
        asked.note(_("Feedback on single choices is not kept."))
    if all(len(partners[one]) <= 1 for one in left):
        return "grouping", {**written, **_groups(right, left, partners, texts)}
    if all(len(partners[other]) <= 1 for other in right):
        return "grouping", {**written, **_groups(left, right, partners, texts)}
    raise Refused(_("What is to be matched has several matches on both sides."))


def associate(asked: Asked, interaction: Element) -> tuple[str, dict[str, Any]]:
    """Pairs out of one set. Matching shows them as two sides, which a note says."""
    response = asked.response(interaction)
    elements = named(interaction, "simpleAssociableChoice")
    names = identifiers(elements)
    texts = dict(zip(names, _texts(asked, elements), strict=True))
    asked.ask(interaction)
    asked.note_guidance()
    pairs = _pairs(asked, response, set(names), set(names))
    used = [name for pair in pairs for name in pair]
    if len(set(used)) < len(used):
        raise Refused(_("One of the things to be paired belongs to several pairs."))
    asked.note(_("Any two could be paired in the file; here they stand on two sides."))
    rows = [{"text": texts[one], "match": texts[other]} for one, other in pairs]
    extra = [texts[name] for name in names if name not in used]
    scheme = _scheme_of_pairs(asked, response, pairs)
    return "matching", {"pairs": rows, "extra": extra, "scheme": scheme}


def _groups(
    groups: Sequence[str],
    items: Sequence[str],
    partners: dict[str, list[str]],
    texts: dict[str, str],
) -> dict[str, Any]:
    rows = [
        {"name": texts[group], "items": [texts[item] for item in items if group in partners[item]]}
        for group in groups
    ]
    return {"groups": rows, "extra": [texts[item] for item in items if not partners[item]]}


def _pairs(asked: Asked, response: Variable, left: set[str], right: set[str]) -> list[Pair]:
    found: list[Pair] = []
    texts = response.correct
    if not texts and response.worths:
        texts = tuple(each.key for each in response.worths.entries if each.value > 0)
    for text in texts:
        parts = text.split()
        if len(parts) == 2 and parts[0] in right - left and parts[1] in left - right:
            parts.reverse()
        if len(parts) != 2 or parts[0] not in left or parts[1] not in right:
            raise Refused(_("The right pair “%(pair)s” is not there.") % {"pair": text})
        found.append((parts[0], parts[1]))
    if not found:
        raise no_key()
    return list(dict.fromkeys(found))


def _scheme_of_pairs(asked: Asked, response: Variable, pairs: list[Pair]) -> str:
    """All or nothing, or a share each; other weights are noted. Feedback on wholes too."""
    name = response.identifier
    texts = [" ".join(pair) for pair in pairs]
    right = {name: response.value(*texts)}
    top = asked.certain(right)
    asked.feedback_on_all(right, {name: response.value(*(" ".join(("-", each)) for each in texts))})
    _check_others(asked, response, texts, top)
    alone = [asked.score({name: response.value(text)}) for text in texts]
    without = [
        top - asked.score({name: response.value(*(each for each in texts if each != text))})
        for text in texts
    ]
    if len(texts) > 1 and all(is_near(each, top) for each in without):
        return ALL_OR_NOTHING
    share = top / len(texts)
    if not all(is_near(each, share) for each in [*alone, *without]):
        asked.note(_("Parts that weigh differently in the file earn the same here."))
    return SHARES


def _check_others(asked: Asked, response: Variable, texts: Sequence[str], top: float) -> None:
    """Whether a pair that is not right earns anything in place of that which is."""
    for each in response.worths.entries if response.worths else ():
        parts = each.key.split()
        if each.value <= NEAR or each.key in texts or len(parts) != 2:
            continue
        if response.base_type == "pair" and " ".join(reversed(parts)) in texts:
            continue
        others = [text for text in texts if parts[0] not in text.split()]
        score = asked.score({response.identifier: response.value(*others, each.key)})
        if score > top + NEAR:
            raise contradiction()
        if is_near(score, top) and len(others) < len(texts):
            raise Refused(_("Several different sets of choices are right."))
        asked.note(_("Credit for answers that are partly right is given in another way here."))


def _texts(asked: Asked, elements: Sequence[Element]) -> list[str]:
    texts = [asked.page.html(each) for each in elements]
    if any(is_blank(text) for text in texts):
        raise Refused(_("A choice has no text."))
    return texts
