"""Situational judgement: courses of action are rated or ranked, and compared with experts.

No action is right or wrong: what counts is how near an answer comes to the judgement of experts.
For ratings that is their distance from the experts' mean, one of the usual keys for such tests
(Bergman, Drasgow, Donovan, Henning and Juraska 2006, "Scoring situational judgment tests: once you
get the data, your troubles begin"). It is the plain distance: how somebody uses the scale as such
(McDaniel, Psotka, Legree, Yost and Weekley 2011, "Toward an understanding of situational judgment
item validity and group differences") cannot be told from one question. For ranks it is Spearman's
footrule (`sequences.nearness`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import blocks

from lms.plugins.contracts import Json, Problem
from quizzes.blocks import FeedbackBlock, KeyedListBlock, LineBlock, PlainCharBlock
from quizzes.contracts import Fields, QuestionType, Reply
from quizzes.question_types import sequences
from quizzes.question_types.labels import say
from quizzes.question_types.ordering import asked
from quizzes.question_types.rows import is_blank, repeated

RATE, RANK = "rate", "rank"
MODES = [
    (RATE, gettext_lazy("Rate each action on a scale")),
    (RANK, gettext_lazy("Rank the actions, the best first")),
]
FEWEST, MOST, STEPS = 3, 7, 5
NEAR, FAR = 0.75, 0.5  # from this credit on "close", below that "far"


class ActionBlock(blocks.StructBlock):
    """One thing that could be done, and what experts think of it."""

    text = LineBlock(label=gettext_lazy("Course of action"))
    rating = blocks.FloatBlock(
        label=gettext_lazy("The experts' rating"),
        min_value=1,
        max_value=MOST,
        help_text=gettext_lazy("On the scale; it may be the mean of several experts."),
    )
    reason = FeedbackBlock(
        label=gettext_lazy("The experts' reason"),
        help_text=gettext_lazy("Why they think so: the rule, the risk, the consequence."),
    )

    class Meta:
        icon = "tasks"
        label = gettext_lazy("Course of action")


class JudgementBody(blocks.StructBlock):
    mode = blocks.ChoiceBlock(choices=MODES, default=RATE, label=gettext_lazy("What is asked"))
    steps = blocks.IntegerBlock(
        label=gettext_lazy("Steps of the scale"), default=STEPS, min_value=FEWEST, max_value=MOST
    )
    lowest = PlainCharBlock(
        label=gettext_lazy("What the lowest step means"), required=False, max_length=60
    )
    highest = PlainCharBlock(
        label=gettext_lazy("What the highest step means"), required=False, max_length=60
    )
    actions = KeyedListBlock(ActionBlock(), label=gettext_lazy("Courses of action"))
    experts = PlainCharBlock(
        label=gettext_lazy("Who the experts are"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("How many, and what they know about it."),
    )

    class Meta:
        form_classname = "struct-block quiz-body"


class Judgement(QuestionType):
    """Actions are judged. An answer is `{"ratings": {key: step}}` or `{"order": [key, …]}`.

    Ratings: an action earns 1 − (|r − e| − m) ÷ (M − m), where r is the rating given, e that of the
    experts, and m and M are the distances of e from the nearest and the farthest step. For a whole
    e, m is 0 and M is max(e − 1, steps − e). A mean that is no step is so reached by the step
    nearest to it. The question earns the mean over the actions; one without a rating earns 0.

    Ranks: `sequences.nearness` to the order of the experts' ratings, the highest first. Actions
    that they rated alike are right in any order among themselves. An order that is not complete
    is kept as for ordering.
    """

    key = "judgement"
    label = gettext_lazy("Situational judgement")
    description = gettext_lazy("Courses of action are judged and compared with experts.")
    icon = "tasks"
    group = gettext_lazy("Judging")
    body = JudgementBody
    ask_template = "quizzes/types/judgement_ask.html"
    review_template = "quizzes/types/judgement_review.html"
    media = ("quizzes/ordering.js",)

    def problems(self, data: Json) -> Iterator[Problem]:
        """What is wrong with the actions and the scale."""
        actions: list[Json] = data["actions"]
        if len(actions) < 2:
            yield Problem(_("There must be at least two actions."), field="body")
        if any(is_blank(action["text"]) for action in actions):
            yield Problem(_("An action has no text."), field="body")
        for text in repeated(action["text"] for action in actions):
            yield Problem(_("The action “%(text)s” is there twice.") % {"text": text}, field="body")
        if not FEWEST <= (data.get("steps") or STEPS) <= MOST:
            yield Problem(
                _("The scale must have %(fewest)d to %(most)d steps.")
                % {"fewest": FEWEST, "most": MOST},
                field="body",
            )
        yield from self._rating_problems(data)
        if data.get("mode") != RANK and not (data.get("lowest") and data.get("highest")):
            yield Problem(_("What the ends of the scale mean is not said."), field="body")
        if not data.get("experts"):
            yield Problem(_("Who the experts are is not said."), is_error=False, field="body")
        for action in actions:
            if is_blank(action["reason"]):
                yield Problem(
                    _("For the action “%(text)s” the experts give no reason.")
                    % {"text": say(action["text"])},
                    is_error=False,
                    field="body",
                )

    def _rating_problems(self, data: Json) -> Iterator[Problem]:
        for action in data["actions"]:
            if action["rating"] is None:
                message = _("The action “%(text)s” has no rating of the experts.")
            elif not 1 <= action["rating"] <= _steps(data):
                message = _("The experts' rating of “%(text)s” is not on the scale.")
            else:
                continue
            yield Problem(message % {"text": say(action["text"])}, field="body")
        if data.get("mode") == RANK and len(set(_ratings(data).values())) == 1:
            yield Problem(
                _("The experts rate all actions the same: there is nothing to rank."), field="body"
            )

    def instruct(self, data: Json) -> str:
        """What is asked, and what counts."""
        if data.get("mode") == RANK:
            return _(
                "Rank the actions, the best at the top. "
                "The closer to the experts' ranking, the more credit."
            )
        return _("Rate each action. The closer to the experts' rating, the more credit.")

    def arrange(self, data: Json, chance: random.Random, *, shuffle: bool) -> Json:
        """The order of the actions; for ranking it is always mixed and not that of the experts."""
        if data.get("mode") == RANK:
            return {"order": sequences.mixed(_by_rating(data), _ratings(data), chance)}
        keys = list(_texts(data))
        if shuffle:
            chance.shuffle(keys)
        return {"order": keys}

    def parse(self, data: Json, fields: Fields) -> Json | None:
        """The ratings on the scale, or the order of the places given."""
        if data.get("mode") == RANK:
            return sequences.read_places(fields, list(_texts(data)))
        steps = {str(step): step for step in range(1, _steps(data) + 1)}
        ratings = {key: steps.get(str(fields.get(key, ""))) for key in _texts(data)}
        given = {key: step for key, step in ratings.items() if step is not None}
        return {"ratings": given} if given else None

    def is_complete(self, data: Json, answer: Json) -> bool:
        """Whether each action has been judged."""
        keys = list(_texts(data))
        if data.get("mode") == RANK:
            return sequences.is_whole(answer, keys)
        return len(_given(data, answer)) == len(keys)

    def score(self, data: Json, answer: Json) -> float:
        """How near the answer comes to the experts."""
        ratings = _ratings(data)
        if data.get("mode") == RANK:
            return sequences.nearness(sequences.slots_of(answer, list(ratings)), ratings)
        given = _given(data, answer)
        credits = [credit(given[key], ratings[key], _steps(data)) for key in given]
        return sum(credits) / len(ratings) if ratings else 0.0

    def comments(self, data: Json, answer: Json) -> list[str]:
        """The experts' reasons where the judgement is not close to theirs."""
        return [
            row["reason"]
            for row in self._rows(data, answer)
            if row["is_answered"] and not row["is_near"] and row["reason"]
        ]

    def describe(self, data: Json, answer: Json) -> str:
        """The actions with their ratings, or one after another."""
        names = {key: say(text) for key, text in _texts(data).items()}
        if data.get("mode") == RANK:
            slots = sequences.slots_of(answer, list(names))
            return " → ".join(names[key] if key else "…" for key in slots)
        return "; ".join(f"{names[key]}: {step}" for key, step in _given(data, answer).items())

    def solution(self, data: Json) -> Json | None:
        """The experts' judgement: their ranking, or the steps nearest to their ratings."""
        if data.get("mode") == RANK:
            order = _by_rating(data)
            return {"order": order} if order else None
        steps = _steps(data)
        nearest = {key: _nearest(rating, steps) for key, rating in _ratings(data).items()}
        return {"ratings": nearest} if nearest else None

    def verdict(self, fraction: float) -> str:
        """How close to the experts: there is no right and wrong."""
        if fraction >= NEAR:
            return _("Close to the experts")
        return _("Far from the experts") if fraction < FAR else _("Some way from the experts")

    def replies(self, data: Json, answer: Json | None) -> list[Reply]:
        """The rating or the place of each action."""
        if data.get("mode") == RANK:
            given = sequences.places_of(answer, list(_texts(data)))
        else:
            given = _given(data, answer)
        return [each for each in self.possible(data) if given.get(each.part) == int(each.value)]

    def possible(self, data: Json) -> list[Reply]:
        """Each action at each step or place."""
        texts, ratings = _texts(data), _ratings(data)
        is_rank = data.get("mode") == RANK
        return [
            Reply(key, str(at), str(at), _credit_at(data, at, ratings[key]), say(text))
            for key, text in texts.items()
            for at in range(1, (len(texts) if is_rank else _steps(data)) + 1)
        ]

    def ask(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The actions in their order, and the scale."""
        texts = _texts(data)
        if data.get("mode") == RANK:
            start = sequences.started(arrangement, _by_rating(data), _ratings(data))
            return {"is_rank": True, **asked(texts, start, answer)}
        given = _given(data, answer)
        order = sequences.known(arrangement.get("order"), texts)
        return {
            "is_rank": False,
            "steps": range(1, _steps(data) + 1),
            "last": _steps(data),
            "lowest": data.get("lowest") or "",
            "highest": data.get("highest") or "",
            "actions": [
                {"key": key, "text": texts[key], "rating": given.get(key)}
                for key in [*order, *(key for key in texts if key not in order)]
            ],
        }

    def review(self, data: Json, arrangement: Json, answer: Json | None) -> dict[str, Any]:
        """The actions, the best in the experts' eyes first, with both judgements side by side."""
        return {
            "is_rank": data.get("mode") == RANK,
            "steps": _steps(data),
            "lowest": data.get("lowest") or "",
            "highest": data.get("highest") or "",
            "experts": data.get("experts") or "",
            "actions": self._rows(data, answer),
        }

    def _rows(self, data: Json, answer: Json | None) -> list[dict[str, Any]]:
        is_rank, ratings = data.get("mode") == RANK, _ratings(data)
        actions = {action["key"]: action for action in data["actions"]}
        given = sequences.places_of(answer, list(actions)) if is_rank else _given(data, answer)
        rows = []
        for key in _by_rating(data):
            at = given.get(key)
            earned = 0.0 if at is None else _credit_at(data, at, ratings[key])
            rows.append(
                {
                    "text": actions[key]["text"],
                    "reason": actions[key]["reason"],
                    "is_answered": at is not None,
                    "given": at,
                    "expected": _places(data, ratings[key]) if is_rank else _figure(ratings[key]),
                    "is_near": earned >= NEAR,
                    "is_far": earned < FAR,
                }
            )
        return rows


def credit(rating: int, experts: float, steps: int) -> float:
    """What a rating earns: 1 at the step nearest to the experts' rating, 0 at the farthest."""
    distances = [abs(step - experts) for step in range(1, steps + 1)]
    nearest, farthest = min(distances), max(distances)
    if nearest == farthest:
        return 1.0
    return 1 - (abs(rating - experts) - nearest) / (farthest - nearest)


def _nearest(experts: float, steps: int) -> int:
    return min(range(1, steps + 1), key=lambda step: abs(step - experts))


def _credit_at(data: Json, at: int, rating: float) -> float:
    """The credit of a single rating or place, to tell near from far."""
    if data.get("mode") != RANK:
        return credit(at, rating, _steps(data))
    first, last, count = *_range(data, rating), len(data["actions"])
    distance = max(first - at, at - last, 0)
    farthest = max(first - 1, count - last)
    return 1 - distance / farthest if farthest else 1.0


def _range(data: Json, rating: float) -> tuple[int, int]:
    """The first and the last of the places of actions with this rating in the experts' order."""
    ratings = list(_ratings(data).values())
    higher = sum(each > rating for each in ratings)
    return higher + 1, higher + ratings.count(rating)


def _places(data: Json, rating: float) -> str:
    first, last = _range(data, rating)
    return str(first) if first == last else f"{first}–{last}"


def _figure(rating: float) -> str:
    """A rating as people write it here: 4, or 3,5."""
    shown = round(rating, 2)
    return str(number_format(int(shown) if shown == int(shown) else shown))


def _steps(data: Json) -> int:
    return max(2, int(data.get("steps") or STEPS))


def _texts(data: Json) -> dict[str, str]:
    return {action["key"]: action["text"] for action in data["actions"]}


def _ratings(data: Json) -> dict[str, float]:
    """The experts' ratings; one that is missing (a problem) counts as the lowest."""
    return {action["key"]: float(action["rating"] or 1) for action in data["actions"]}


def _by_rating(data: Json) -> list[str]:
    ratings = _ratings(data)
    return sorted(ratings, key=lambda key: -ratings[key])


def _given(data: Json, answer: Json | None) -> dict[str, int]:
    """The ratings given, as far as the question has the action and the step."""
    given = answer.get("ratings") if isinstance(answer, dict) else None
    if not isinstance(given, dict):
        return {}
    steps = range(1, _steps(data) + 1)
    return {key: int(given[key]) for key in _texts(data) if given.get(key) in steps}
