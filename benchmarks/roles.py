"""A province with its communes, their centre and an account of every role, for the role homes.

The sizes are those of a centre that has worked for a while: a thousand people in twenty communes,
one course given to all of them, reports and reviews that wait.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

PEOPLE = 1000
COMMUNES = 20
WAITING = 5  # reports, and lessons to review
ROLES = (
    "instructor", "reviewer", "centre_manager", "unit_officer", "observer", "administrator",
)  # fmt: skip


def make_units() -> list[Any]:
    """The communes of the province, which one centre serves."""
    from lms.people.models import (  # noqa: PLC0415 -- needs settings
        CentreService,
        Position,
        TrainingCentre,
        Unit,
        UnitKind,
    )

    kind = UnitKind.objects.create(code="xa", name="Xã")
    province = Unit.add_root(instance=Unit(code="t", name="Tỉnh đo", kind=kind))
    centre = TrainingCentre.objects.create(name="Trung tâm đo")
    Position.objects.create(code="bi-thu", name="Bí thư")
    communes = []
    for number in range(COMMUNES):
        province.refresh_from_db()
        unit = province.add_child(instance=Unit(code=f"x{number}", name=f"Xã {number}", kind=kind))
        CentreService.objects.create(centre=centre, unit=unit)
        communes.append(unit)
    return communes


def give_posts(persons: list[Any], communes: list[Any]) -> None:
    """Each a post in one of the communes, in turn."""
    from lms.people.models import Appointment, Position  # noqa: PLC0415 -- needs settings

    position = Position.objects.get()
    Appointment.objects.bulk_create(
        Appointment(
            person=person,
            position=position,
            unit=communes[number % len(communes)],
            valid_from=dt.date(2025, 7, 1),
        )
        for number, person in enumerate(persons)
    )


def fill(
    course: Any, lessons: list[Any], learners: list[Any], communes: list[Any], password: str
) -> dict[str, str]:
    """All the rest, once the learners have studied: {role: user name}."""
    from lms.learning.models import CourseInstructor  # noqa: PLC0415 -- needs settings
    from lms.people.models import Person, TrainingCentre, User  # noqa: PLC0415 -- as above
    from lms.people.services.roles import grant_role  # noqa: PLC0415 -- as above

    others = Person.objects.bulk_create(
        Person(full_name=f"Người {n}", sort_key=f"{n:06}", search_text=f"nguoi {n}")
        for n in range(PEOPLE - len(learners))
    )
    give_posts(others, communes)
    scopes: dict[str, dict[str, Any]] = {
        "centre_manager": {"centre": TrainingCentre.objects.get()},
        "unit_officer": {"unit": communes[0]},
        "observer": {"unit": communes[0].get_parent()},
    }
    key, users = course.translation_key, {}
    for role in ROLES:
        person = Person.objects.create(full_name=f"Phạm Thị {role}")
        users[role] = User(username=f"do-{role}", person=person, password=password)
        users[role].save()
        grant_role(user=users[role], role=role, **scopes.get(role, {}))
        if role == "instructor":
            CourseInstructor.objects.create(course_key=key, person=person)
    _give_course(key, communes, users["centre_manager"])
    _let_wait(key, lessons, learners, users["instructor"])
    return {role: user.username for role, user in users.items()}


def _give_course(course_key: Any, communes: list[Any], manager: Any) -> None:
    """To everybody: half of the communes have a day that has passed, a third is done with it."""
    from django.utils import timezone  # noqa: PLC0415 -- needs settings

    from lms.learning.models import CourseProgress  # noqa: PLC0415 -- as above
    from lms.learning.services.assigning import Target, assign  # noqa: PLC0415 -- as above
    from lms.people.models import TrainingCentre  # noqa: PLC0415 -- as above

    now, half = timezone.now(), COMMUNES // 2
    for units, days_ago in ((communes[:half], 90), (communes[half:], 5)):
        given = now - dt.timedelta(days=days_ago)
        assign(
            course_key=course_key,
            target=Target(units=tuple(units)),
            by=manager,
            centre=TrainingCentre.objects.get(),
            due_on=timezone.localdate(given) + dt.timedelta(days=60),
            now=given,
        )
    taken = list(
        CourseProgress.objects.filter(enrolment__person__account=None).values_list("pk", flat=True)
    )
    CourseProgress.objects.filter(pk__in=taken[::3]).update(completed_at=now)


def _let_wait(course_key: Any, lessons: list[Any], learners: list[Any], author: Any) -> None:
    from lms.feedback.models import ContentReport  # noqa: PLC0415 -- needs settings
    from lms.feedback.services.reporting import Spot, report_content  # noqa: PLC0415 -- as above

    for lesson, learner in list(zip(lessons, learners, strict=False))[:WAITING]:
        where = ContentReport.Where.LESSON
        spot = Spot(where, lesson.translation_key, course_key, lesson.title, "vi")
        report_content(user=learner.account, spot=spot, kind="typo", text="Thiếu một dấu.")
        lesson.title = f"{lesson.title} (sửa)"
        lesson.save_revision(user=author)
        lesson.get_workflow().start(lesson, author)
