"""What tests do inside a site: each function takes and gives JSON. Runs in the site's process."""

from __future__ import annotations

import io
import json
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from lms.learning import api
from lms.learning.models import Attempt, Delivery
from lms.learning.services.delivering import deliver_pending
from lms.people.services.accounts import create_account, create_person
from lms.plugins import faults as plugin_faults
from lms.plugins.config import registries
from modules.content.models import Activity, Placement
from modules.content.tests.factories import make_course, make_lesson


def state() -> dict[str, Any]:
    """What the site knows of its plugins."""
    return {
        "installed": [path.partition(".")[0] for path in settings.LMS_PLUGINS.apps],
        "rejected": {
            each.path.partition(".")[0]: each.reason for each in settings.LMS_PLUGINS.rejected
        },
        "faults": {each.plugin: [each.stage, each.reason] for each in plugin_faults.faults()},
        "keys": sorted(item.key for registry in registries.all() for item in registry),
    }


def command(arguments: list[str]) -> str:
    """What `manage.py` with these arguments prints."""
    output = io.StringIO()
    call_command(*arguments, stdout=output, stderr=output)
    return output.getvalue()


# --- a course with trouble in it


def study(kinds: list[str], blocks: list[list[Any]] = ()) -> dict[str, Any]:
    """A learner in a course of one lesson with an activity of each kind, and these blocks.

    Kinds: "dummy", else where a trouble fails; "page:…" for one that has a page of its own.
    """
    course = make_course(modules=1, lessons=0)
    activities = {kind: _activity(kind) for kind in kinds}
    body = [("rich_text", "<p>Trước hoạt động.</p>"), *((name, value) for name, value in blocks)]
    lesson = make_lesson(course, *activities.values(), body=body, slug="bai-hoc")
    person = create_person(full_name="Trần Thị Thử")
    user = create_account(person=person, password="học mỗi ngày")
    enrolment = api.enrol(person=person, course_key=course.translation_key)
    return {
        "learner": user.username,
        "enrolment": enrolment.pk,
        # In English, where every text of the platform is as it stands in the code.
        "lesson": f"/en/{course.slug}/{lesson.get_parent().slug}/{lesson.slug}/",
        "lesson_page": lesson.pk,
        "activity": {kind: str(each.uuid) for kind, each in activities.items()},
    }


def _activity(kind: str) -> Activity:
    label, model, field, value = {
        "dummy": ("dummy", "Note", "question", "Hôm nay học được gì?"),
        "page": ("failing", "TroublePage", "kind", kind.partition(":")[2]),
    }.get(kind.partition(":")[0], ("failing", "Trouble", "kind", kind))
    model = apps.get_model(label, model)
    row = model(title=f"Hoạt động {kind}", **{field: value})
    row.locale_id = apps.get_model("wagtailcore", "Locale").objects.get(language_code="vi").pk
    row.save()
    row.save_revision().publish()
    return row


# --- people at the site


@cache
def _client(username: str) -> Client:
    client = Client(enforce_csrf_checks=True)
    if username:
        client.force_login(get_user_model().objects.get(username=username))
    return client


def get(url: str, username: str = "") -> dict[str, Any]:
    """The page at `url` as this person sees it; a fault of the site is raised."""
    return _answer(_client(username).get(url))


def post(url: str, username: str, data: dict[str, Any], referer: str = "") -> dict[str, Any]:
    """Send a form from a page that was opened before (its token is needed)."""
    client = _client(username)
    token = client.cookies["csrftoken"].value
    headers = {"referer": f"http://testserver{referer}"} if referer else {}
    return _answer(client.post(url, {**data, "csrfmiddlewaretoken": token}, headers=headers))


def _answer(response: Any) -> dict[str, Any]:
    return {
        "status": response.status_code,
        "html": response.content.decode(),
        "location": response.headers.get("Location", ""),
    }


def administrator() -> str:
    """The user name of a superuser."""
    user, _ = get_user_model().objects.get_or_create(
        username="root", defaults={"is_superuser": True, "is_staff": True}
    )
    return str(user.username)


# --- the record


def rows(model: str, fields: list[str], where: dict[str, Any]) -> list[list[Any]]:
    """Values of the rows of `model`, oldest first."""
    found = apps.get_model(model)._base_manager.filter(**where).order_by("pk")
    return [list(each) for each in found.values_list(*fields)]


def events(enrolment: int) -> list[str]:
    """The names of what happened, in order."""
    found = rows("learning.LearningEvent", ["name"], {"enrolment_id": enrolment})
    return [name for (name,) in found]


def tick() -> None:
    """Some hours later the scheduled command runs."""
    Attempt.objects.exclude(grading_due=None).update(grading_due=timezone.now())
    Delivery.objects.filter(state="waiting").update(try_at=timezone.now())
    call_command("tick")


def mend(*, mended: bool) -> None:
    """Somebody mends the failing plugin, or breaks it again."""
    from failing import switch  # noqa: PLC0415 -- it is there only where it is installed

    switch.mended = mended


def delete_activity(uuid: str) -> str:
    """Try to delete the base row; the name of the error."""
    try:
        with transaction.atomic():
            Activity.objects.get(uuid=uuid).delete()
    except IntegrityError as error:  # ProtectedError is one too
        return type(error).__name__
    return ""


def strip_activity(uuid: str) -> None:
    """Take an activity out of everything but its own tables: no placement, no lesson."""
    Placement.objects.filter(activity__uuid=uuid).delete()


def read_body(lesson_page: int) -> list[str]:
    """The types of the blocks of a lesson as the database has them."""
    with connection.cursor() as cursor:
        sql = "SELECT body FROM content_lessonpage WHERE page_ptr_id = %s"
        cursor.execute(sql, [lesson_page])
        return [block["type"] for block in json.loads(cursor.fetchone()[0])]


def fail_until_dead(enrolment: int, sink: str) -> list[int]:
    """Try each time when it is due until the platform gives up; minutes between the tries."""
    now, waits = timezone.now(), []
    Delivery.objects.exclude(event__enrolment_id=enrolment).delete()
    Delivery.objects.filter(sink_key=sink).update(try_at=now)
    while True:
        deliver_pending(now)
        delivery = Delivery.objects.get(sink_key=sink)
        if delivery.state == Delivery.State.DEAD:
            return waits
        waits.append(round((delivery.try_at - now).total_seconds() / 60))
        now = delivery.try_at


def study_dummy() -> dict[str, Any]:
    """A learner who handed in the dummy's activity and passed; a tip of the dummy's beside it."""
    studied = study(["dummy", "grade"], [["dummy_tip", {"text": "nghe trước"}]])
    enrolment = apps.get_model("learning", "Enrolment").objects.get(pk=studied["enrolment"])
    for uuid in studied["activity"].values():
        activity = Activity.objects.filter(uuid=uuid).specific()[0]
        attempt = api.start(enrolment=enrolment, activity=activity)
        api.submit(attempt=attempt, activity=activity, response={"text": ["đã nghe"]})
    return {**studied, "events": events(enrolment.pk)}


def study_existing(title: str) -> dict[str, Any]:
    """A learner in a course of one lesson with the activity that an author made."""
    activity = Activity.objects.get(title=title)
    course = make_course(modules=1, lessons=0)
    lesson = make_lesson(course, activity, slug="bai-hoc")
    user = create_account(person=create_person(full_name="Lý Văn Học"), password="mỗi ngày học")
    enrolment = api.enrol(person=user.person, course_key=course.translation_key)
    return {
        "learner": user.username,
        "enrolment": enrolment.pk,
        "lesson": f"/en/{course.slug}/{lesson.get_parent().slug}/{lesson.slug}/",
        "lesson_key": str(lesson.translation_key),
        "activity": str(activity.uuid),
    }
