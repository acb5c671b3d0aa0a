"""Conformance tests that a plugin inherits for its activity type.

    class GreetingTests(ActivityTypeTests, TestCase):
        activity_type = Hello()

        def make_activity(self):
            return make_greeting()

A plain class marked `pytest.mark.django_db` does as well as a TestCase. A test that fails names a
promise of the contract that the type does not keep.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import ERROR
from django.db import connection, transaction
from django.forms import Media
from django.template.loader import get_template
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.html import escape

from lms.plugins.config import registries
from lms.plugins.contracts import ActivityType, Grade, Mode, Pending, Problem, Trait
from lms.plugins.contracts.transfer import Json
from lms.plugins.errors import DomainError
from lms.plugins.stage import MemoryFiles, Stage, raising

__all__ = ["ActivityTypeTests", "MemoryFiles"]

FACTS = {"viewed", "submitted", "graded", "passed", "progress"}
# The policy for content on learner pages lets none of these through.
INLINE_CODE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|<[^>]*\s(?:on[a-z]+|style)\s*=|javascript:", re.I
)
# What a form, a script or a file may send instead of an answer.
NONSENSE: tuple[Any, ...] = (
    None, True, -1, 10**30, 0.5, float("inf"), "", "\0", "x" * 10_000, "<script>alert(1)</script>",
    "../../etc/passwd", "\ud800", "9999999999999999999", [], [None], ["", ""], [[]], [{}],
    ["x"] * 500, {}, {"": None}, {"a": {"b": [1]}},
)  # fmt: skip


class ActivityTypeTests(Stage):
    """Mix this into a TestCase; set `activity_type` and write `make_activity`.

    `make_response` gives what a learner hands in; write it when an empty form says nothing.
    `make_refused_response` gives what the type refuses; write it when the type has `accept`.
    """

    # --- what the type is

    def test_key_and_label_are_present(self) -> None:
        """The key is "<label>.<name>" and registered, people get a label, there is a template."""
        type_ = self.activity_type
        assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", type_.key), f"key {type_.key!r}"
        assert len(type_.key) <= 80
        assert isinstance(registries.activity_types.get(type_.key), type(type_)), "not registered"
        assert type_.label, "no label: people would read the key"
        assert issubclass(type_.model, apps.get_model("content", "Activity"))
        assert isinstance(type_.media, Media)
        assert all(isinstance(trait, Trait) for trait in type_.traits)
        if type(type_).render is ActivityType.render:
            get_template(type_.template_name)
        for code, _ in settings.LANGUAGES:
            with translation.override(code):
                assert str(type_.label).strip()

    def test_completion_rules_can_be_met(self) -> None:
        """There is a rule, keys are different, and each names a fact that the platform knows."""
        rules = self.activity_type.completion_rules
        assert rules, "without a rule the activity never counts as done"
        assert len({rule.key for rule in rules}) == len(rules)
        for rule in rules:
            assert rule.on in FACTS
            assert len(rule.key) <= 40
            assert 0 < rule.threshold <= 1

    def test_check_finds_no_error(self) -> None:
        """What the type says of itself in `manage.py check` holds no error."""
        errors = [each for each in self.activity_type.check() if each.level >= ERROR]
        assert errors == []

    def test_factory_makes_what_could_be_published(self) -> None:
        """`problems` gives Problems, and no error for a good activity. It only reads."""
        activity = self.make_activity()
        with raising(), self.reading("problems"):
            problems = list(self.activity_type.problems(activity))
        assert all(isinstance(problem, Problem) for problem in problems)
        assert [str(problem.message) for problem in problems if problem.is_error] == []

    # --- showing

    def test_renders_in_every_mode_without_writing(self) -> None:
        """It can be shown to anybody in every mode; nothing is written meanwhile."""
        activity = self.make_activity()
        for name, visit in self.visits(activity):
            for code, _ in settings.LANGUAGES:
                with translation.override(code), raising(), self.reading("render"):
                    html = self.activity_type.render(activity, visit)
                assert str(html).strip(), f"nothing to see ({name}, {code})"
                assert hasattr(html, "__html__"), f"HTML must be marked as safe ({name}, {code})"

    def test_html_has_no_inline_code(self) -> None:
        """No inline script, style or handler: learner pages let none run."""
        activity = self.make_activity()
        for name, visit in self.visits(activity):
            with raising():
                found = INLINE_CODE.search(str(self.activity_type.render(activity, visit)))
            assert found is None, f"{found.group()} ({name})"

    def test_query_count_is_flat(self) -> None:
        """A lesson with nine activities of the type costs as many queries as one with one."""
        learner = self.make_learner()
        counts = {}
        for number in (1, 3, 9):
            made = [self.make_activity() for _ in range(number)]
            attempts = {each.pk: self.make_attempt(each, learner) for each in made}
            manager = self.activity_type.model._default_manager
            with CaptureQueriesContext(connection) as queries, raising():
                for pk, activity in manager.in_bulk(list(attempts)).items():
                    self.show_in_lesson(activity, learner, attempts[pk])
            counts[number] = len(queries)
        assert len(set(counts.values())) == 1, f"queries for 1, 3, 9 activities: {counts}"

    def show_in_lesson(self, activity: Any, learner: Any, attempt: Any) -> None:
        """What a lesson page asks for each activity in it: a card's line, or the whole."""
        if Trait.FULL_PAGE in self.activity_type.traits:
            str(self.activity_type.summary(activity))
        else:
            self.activity_type.render(activity, self.make_visit(Mode.LEARN, attempt, learner))

    # --- attempts

    def test_handing_in_gives_a_sound_result(self) -> None:
        """`grade` gives a Grade of finite numbers, Pending or None; `fraction` 0 to 1 or None."""
        activity = self.make_activity()
        attempt = self.make_attempt(activity, self.make_learner())
        with raising(), self.reading("fraction"):
            fraction = self.activity_type.fraction(activity, attempt)
        assert fraction is None or 0 <= fraction <= 1
        result = self.hand_in(activity, attempt, self.make_response(activity))
        assert result is None or isinstance(result, Grade | Pending)
        if isinstance(result, Grade):
            assert math.isfinite(result.raw)
            assert math.isfinite(result.maximum)
            json.dumps(dict(result.parts))
        assert (Trait.GRADED in self.activity_type.traits) or not isinstance(result, Grade)

    def test_bad_answers_raise_nothing_but_domain_errors(self) -> None:
        """Whatever is handed in, it is taken and marked, or refused with a DomainError."""
        activity = self.make_activity()
        learner = self.make_learner()
        good = self.make_response(activity)
        answers: list[Json] = [{"answer": value} for value in NONSENSE]
        answers += [{"": ["x"]}, {str(activity.pk): ["x"]}, {"x" * 5_000: ["x"]}]
        answers += [{**good, name: value} for name in good for value in NONSENSE]
        for answer in answers:
            with _undone():
                attempt = self.make_attempt(activity, learner)
                with _only_domain_errors(f"accept({_shown(answer)})"), self.reading("accept"):
                    self.activity_type.accept(activity, attempt, answer)
                with _only_domain_errors(f"grade({_shown(answer)})"):
                    self.activity_type.grade(activity, attempt, answer)

    def test_refuses_in_words_and_shows_again_what_was_typed(self) -> None:
        """`accept` names the reason in every language; the page then holds what was sent."""
        activity = self.make_activity()
        response = self.make_refused_response(activity)
        if response is None:
            refuses = type(self.activity_type).accept is not ActivityType.accept
            assert not refuses, "the type has `accept`: write make_refused_response"
            return
        learner = self.make_learner()
        attempt = self.make_attempt(activity, learner)
        for code, _ in settings.LANGUAGES:
            with translation.override(code):
                refused = self.refusal(activity, attempt, response)
                assert str(refused).strip(), f"refused without a word ({code})"
                visit = self.make_visit(Mode.LEARN, attempt, learner)
                visit = replace(visit, refused=refused, response=response)
                with raising(), self.reading("render"):
                    html = str(self.activity_type.render(activity, visit))
            lost = [text for text in _texts(response) if escape(text) not in html]
            assert lost == [], f"not on the page that comes back ({code})"

    def test_evidence_can_be_read_and_is_gone_after_forget(self) -> None:
        """With Trait.EVIDENCE: HTML for what was handed in, in as many queries for nine as for one.

        After `forget` there is none of that person's.
        """
        if Trait.EVIDENCE not in self.activity_type.traits:
            assert type(self.activity_type).evidence is ActivityType.evidence, "Trait.EVIDENCE"
            return
        activity = self.make_activity()
        learners = [self.make_learner() for _ in range(9)]
        attempts = [self.make_attempt(activity, each) for each in learners]
        for attempt in attempts:
            self.hand_in(activity, attempt, self.make_response(activity))
        counts = {}
        for code, _ in settings.LANGUAGES:
            for number in (1, 3, 9):
                with translation.override(code), CaptureQueriesContext(connection) as queries:
                    found = self.evidence_of(attempts[:number])
                assert set(found) == {each.pk for each in attempts[:number]}
                for html in found.values():
                    assert str(html).strip()
                    assert hasattr(html, "__html__"), "HTML must be marked as safe"
                    assert INLINE_CODE.search(str(html)) is None
                counts[number] = len(queries)
        assert len(set(counts.values())) == 1, f"queries for 1, 3, 9 attempts: {counts}"
        with raising():
            self.activity_type.forget(learners[0].person)
        assert set(self.evidence_of(attempts)) == {each.pk for each in attempts[1:]}

    def evidence_of(self, attempts: list[Any]) -> Any:
        """`evidence` of attempts as the platform reads them; it only reads."""
        manager = apps.get_model("learning", "Attempt")._default_manager
        rows = list(manager.filter(pk__in=[each.pk for each in attempts]))
        with raising(), self.reading("evidence"):
            return self.activity_type.evidence(rows)

    # --- moving content

    def test_dump_and_load_round_trip(self) -> None:
        """`load` of what `dump` gave makes an activity that dumps the same; over JSON, twice."""
        activity = self.make_activity()
        files = MemoryFiles()
        data = self.dumped(activity, files)
        for into in (None, self.make_activity()):
            with raising():
                loaded = self.activity_type.load(
                    json.loads(json.dumps(data)),
                    files,
                    version=self.activity_type.schema_version,
                    into=into,
                )
            loaded.title = activity.title
            loaded.locale_id = activity.locale_id
            loaded.save()
            again = self.activity_type.model._default_manager.get(pk=loaded.pk)
            assert again.pk != activity.pk
            assert self.dumped(again, MemoryFiles()) == data

    def dumped(self, activity: Any, files: MemoryFiles) -> Json:
        """`dump` of `activity`; it only reads."""
        with raising(), self.reading("dump"):
            return self.activity_type.dump(activity, files)

    def test_bad_data_raise_nothing_but_domain_errors(self) -> None:
        """Whatever an archive says, `load` gives an activity or a DomainError."""
        good = self.dumped(self.make_activity(), MemoryFiles())
        broken: list[Any] = [*NONSENSE, {"unknown": 1}]
        broken += [{**good, name: value} for name in good for value in NONSENSE]
        broken += [{other: good[other] for other in good if other != name} for name in good]
        version = self.activity_type.schema_version
        for data in broken:
            with _undone(), _only_domain_errors(f"load({_shown(data)})"):
                self.activity_type.load(data, MemoryFiles(), version=version)
        with _undone(), _only_domain_errors("load of a version to come"):
            self.activity_type.load(good, MemoryFiles(), version=version + 1)

    # --- people

    def test_forget_leaves_nothing(self) -> None:
        """After `forget` there is no `personal_data`, and other people's is as it was."""
        activity = self.make_activity()
        learner, other = self.make_learner(), self.make_learner()
        for each in (learner, other):
            attempt = self.make_attempt(activity, each)
            self.hand_in(activity, attempt, self.make_response(activity))
        kept = self.told_about(other)
        # The platform empties its own half, the attempts, before it asks the plugin.
        attempts = apps.get_model("learning", "Attempt")._default_manager
        attempts.filter(enrolment__person=learner.person).update(response={})
        with raising():
            self.activity_type.forget(learner.person)
            self.activity_type.forget(learner.person)  # a second time is no error
        assert self.told_about(learner) == []
        assert self.told_about(other) == kept

    def told_about(self, learner: Any) -> list[tuple[str, str]]:
        """What the type keeps about a person, empty pieces left out."""
        with raising(), self.reading("personal_data"):
            pieces = list(self.activity_type.personal_data(learner.person))
        return [
            (str(piece.label), json.dumps(piece.data, sort_keys=True, default=str))
            for piece in pieces
            if piece.data
        ]


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _only_domain_errors(what: str) -> Iterator[None]:
    try:
        with raising(), transaction.atomic():
            yield
    except DomainError as error:
        assert str(error).strip(), f"{what} was refused without a word"
    except Exception as error:
        raise AssertionError(f"{what} raised {type(error).__name__}: {error}") from error


def _texts(response: Json) -> list[str]:
    values = [each if isinstance(each, list) else [each] for each in response.values()]
    return [text for each in values for text in each if isinstance(text, str) and text]


def _shown(value: Any) -> str:
    return ascii(value)[:120]
