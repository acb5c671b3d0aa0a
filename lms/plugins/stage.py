"""What the conformance tests of an activity type stand on: people, attempts, visits, answers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory
from django.test.utils import override_settings
from django.utils import timezone

from lms.plugins.contracts import ActivityType, Grade, Mode, Pending, Visit
from lms.plugins.contracts.transfer import Json
from lms.plugins.errors import Refused
from lms.plugins.guard import guard


class MemoryFiles:
    """Keeps the files of one export in memory: writer and reader in one."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}

    def add(self, name: str, content: bytes) -> str:
        """Store `content`; gives the name for `read`."""
        self.content[name] = bytes(content)
        return name

    def read(self, name: str) -> bytes:
        """The content of `name`; KeyError when it is not there."""
        return self.content[name]


class Stage:
    """The part of ActivityTypeTests that is no test: what a type is tried with."""

    activity_type: ClassVar[ActivityType]

    def make_activity(self) -> Any:
        """A new, saved and published activity of the type."""
        raise NotImplementedError

    def make_response(self, activity: Any) -> Json:
        """What a learner hands in for `activity`: fields of a form, each a list of texts."""
        return {}

    def make_refused_response(self, activity: Any) -> Json | None:
        """What `accept` refuses, with texts a learner typed; None when it takes everything."""
        return None

    def make_learner(self) -> Any:
        """An account with its person."""
        person = apps.get_model("people", "Person")._default_manager.create(full_name="Lê Văn Thử")
        name = f"learner-{uuid.uuid4().hex[:12]}"
        return get_user_model()._default_manager.create(username=name, person=person)

    def make_attempt(self, activity: Any, learner: Any) -> Any:
        """An open attempt of `learner` at `activity`, begun as the platform begins it."""
        course_key = uuid.uuid4()
        enrolment = apps.get_model("learning", "Enrolment")._default_manager.create(
            person=learner.person,
            course_key=course_key,
            course_title="Khóa học để thử",
            enrolled_at=timezone.now(),
        )
        attempt = apps.get_model("learning", "Attempt")._default_manager.create(
            enrolment=enrolment,
            activity_id=activity.pk,
            activity_key=activity.translation_key,
            number=1,
            started_at=timezone.now(),
        )
        with raising():
            self.activity_type.start(activity, attempt)
        return attempt

    def hand_in(self, activity: Any, attempt: Any, response: Json) -> Grade | Pending | None:
        """Hand in and mark as the platform does; gives what the type said."""
        with raising(), self.reading("accept"):
            self.activity_type.accept(activity, attempt, response)
        attempt.state = "submitted"
        attempt.submitted_at = timezone.now()
        attempt.response = response
        with raising():
            result = self.activity_type.grade(activity, attempt, response)
        attempt.save()
        return result

    def refusal(self, activity: Any, attempt: Any, response: Json) -> Refused:
        """What the type says to a `response` that it must refuse."""
        with raising(), self.reading("accept"):
            try:
                self.activity_type.accept(activity, attempt, response)
            except Refused as refused:
                return refused
        raise AssertionError("accept took what make_refused_response gave")

    def make_visit(
        self, mode: Mode = Mode.LEARN, attempt: Any = None, learner: Any = None
    ) -> Visit:
        """A look at an activity; without `learner` by somebody who is not enrolled."""
        request: HttpRequest = RequestFactory().get("/")
        request.user = learner or AnonymousUser()
        request.session = SessionStore()
        return Visit(
            request=request,
            learner=learner.person if learner else None,
            enrolment=attempt.enrolment if attempt else None,
            attempt=attempt,
            mode=mode,
            back_url="/",
        )

    def visits(self, activity: Any) -> Iterator[tuple[str, Visit]]:
        """Every way in which the platform may show `activity`, each with a name."""
        for mode in (Mode.PREVIEW, Mode.LEARN, Mode.PRINT):
            yield f"{mode.value}, not enrolled", self.make_visit(mode)
        learner = self.make_learner()
        attempt = self.make_attempt(activity, learner)
        for mode in (Mode.LEARN, Mode.PRINT):
            yield f"{mode.value}, attempt open", self.make_visit(mode, attempt, learner)
        self.hand_in(activity, attempt, self.make_response(activity))
        for mode in (Mode.LEARN, Mode.REVIEW, Mode.PRINT):
            yield f"{mode.value}, handed in", self.make_visit(mode, attempt, learner)

    def reading(self, operation: str) -> AbstractContextManager[None]:
        """Inside, every write to the database is refused."""
        return guard(self.activity_type.key, operation, writes=False)


@contextmanager
def raising() -> Iterator[None]:
    """Inside, a fault of the plugin is raised as it is, with its traceback."""
    with override_settings(LMS_PLUGINS_STRICT=True):
        yield
