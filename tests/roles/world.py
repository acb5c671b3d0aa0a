"""A small world in which every fact about a person is a text that stands nowhere else.

Two communes. In the first ("near") everybody works who asks: its unit officer, the manager of its
centre, its observer. There a person learns in the course of the instructor. In the second ("far"),
of another centre, another person learns in another course. Whoever sees a far text sees too much,
unless the table says "all".
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from lms.feedback.models import ContentReport
from lms.feedback.services.reporting import Spot, report_content
from lms.learning import api
from lms.learning.models import Attempt, CourseInstructor, CourseProgress, LessonProgress
from lms.learning.services.assigning import Target, assign
from lms.learning.services.merging import merge_persons
from lms.people.models import PeopleImport, Person, User
from lms.people.services.accounts import create_account
from lms.people.services.activating import issue_code
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    PositionFactory,
    RoleGrantFactory,
    UnitFactory,
)
from modules.activities.task.entries import step_field
from modules.activities.task.tests.factories import make_task
from modules.content.curriculum.loader import load_help
from modules.content.models import Activity, CoursePage, LessonPage
from modules.content.tests.factories import make_course, make_lesson
from quizzes.models import ResponseFile
from quizzes.tests.factories import make_question, make_quiz

CURRICULUM = Path(__file__).resolve().parents[2] / "modules" / "curriculum"
HOME = ZoneInfo("Asia/Ho_Chi_Minh")
PASSWORD = "mot-mat-khau-dai-2026"


@dataclass
class Side:
    """What there is in one of the two communes. `marks`: the text of each fact."""

    unit: Any
    centre: Any
    course: CoursePage
    lesson: LessonPage
    draft: LessonPage
    activity: Activity
    person: Person
    other: Person
    attempt: Attempt
    sitting: Attempt
    file: ResponseFile
    assignment: Any
    merge: Any
    sent: PeopleImport
    post: Any
    report: Any
    marks: dict[str, str] = field(default_factory=dict)


@dataclass
class World:
    """Both sides, and who asks, by the words of the table."""

    near: Side
    far: Side
    askers: dict[str, User | None]

    def client(self, asker: str) -> Client:
        """A browser in which `asker` has signed in."""
        client = Client()
        user = self.askers[asker]
        if user is not None:
            client.force_login(user)
        return client


def _side(mark: str, day: dt.datetime, administrator: User) -> Side:
    marks = {
        "name": f"Zym {mark} Tên",
        "phone": {"Gần": "0901 222 333", "Xa": "0902 444 555"}[mark],
        "progress": day.strftime("%d/%m/%Y"),
        "evidence": f"Minhchung{mark}",
        "draft": f"Bannhap{mark}",
        "report": f"Gopy{mark}",
        "numbers": f"Xã Zym {mark}",
    }
    unit = UnitFactory(name=marks["numbers"])
    centre = CentreFactory(serves=[unit])
    position = PositionFactory()
    person = PersonFactory(full_name=marks["name"], phone=marks["phone"])
    post = AppointmentFactory(person=person, unit=unit, position=position)
    activity = make_task(title=f"Việc {mark}")
    course = make_course(modules=1, lessons=0, title=f"Khóa {mark}")
    essay = make_question(kind="essay", written={"may_type": True, "may_attach": True})
    quiz = make_quiz(essay, title=f"Bài tự luận {mark}")
    lesson = make_lesson(course, activity, quiz)
    draft = make_lesson(course, title=marks["draft"], publish=False)
    enrolment = api.enrol(person=person, course_key=course.translation_key, at=day)
    account = create_account(person=person, password=PASSWORD)
    attempt = api.start(enrolment=enrolment, activity=activity)
    learner = Client()
    learner.force_login(account)
    learner.post(
        f"/x/task/attempts/{attempt.uuid}/hand-in/",
        {
            step_field(activity.steps.first().key): timezone.localdate().isoformat(),
            "note": marks["evidence"],
        },
    )
    sitting = api.start(enrolment=enrolment, activity=quiz)
    file = ResponseFile.objects.create(
        slot=sitting.quiz_sitting.slots.get(),
        name="anh.txt",
        content_type="text/plain",
        size=3,
        sha256="0" * 64,
        file=ContentFile(b"abc", name="anh.txt"),
        created_at=timezone.now(),
    )
    answer = {"attempt": str(sitting.uuid), "a1": marks["evidence"]}
    learner.post(f"/learn/activities/{quiz.uuid}/submit/", answer)
    CourseProgress.objects.filter(enrolment=enrolment).update(last_event_at=day, completed_at=day)
    LessonProgress.objects.filter(enrolment=enrolment).update(viewed_at=day, completed_at=day)
    other, double = (PersonFactory(full_name=f"Người {mark} {n}") for n in (1, 2))
    for each in (other, double):
        AppointmentFactory(person=each, unit=unit, position=position)
    issue_code(person=other, by=administrator)
    assignment = assign(
        course_key=course.translation_key,
        target=Target(people=(person,)),
        by=administrator,
        centre=centre,
    ).assignment
    assignment.due_on = timezone.localdate() - dt.timedelta(days=1)
    assignment.save()
    merge = merge_persons(kept=other, merged=double, by=administrator)
    sent = PeopleImport.objects.create(
        by=administrator,
        at=timezone.now(),
        ended_at=timezone.now(),
        file_name=f"{mark}.xlsx",
        state=PeopleImport.State.COMMITTED,
        result={"person_ids": [other.pk]},
    )
    marks["user name"] = account.username
    report = report_content(
        user=account,
        spot=Spot(
            where=ContentReport.Where.LESSON,
            key=lesson.translation_key,
            course_key=course.translation_key,
            title=f"Bài {mark}",
            language="vi",
        ),
        kind=ContentReport.Kind.TYPO,
        text=marks["report"],
    )
    return Side(
        unit=unit,
        centre=centre,
        course=course,
        lesson=lesson,
        draft=draft,
        activity=activity,
        person=person,
        other=other,
        attempt=attempt,
        sitting=sitting,
        file=file,
        assignment=assignment,
        merge=merge,
        sent=sent,
        post=post,
        report=report,
        marks=marks,
    )


def make_world() -> World:
    """Both communes, and an account for each column of the table."""
    load_help(root=CURRICULUM)
    administrator = RoleGrantFactory(role="administrator").user
    near = _side("Gần", dt.datetime(2019, 2, 3, 9, tzinfo=HOME), administrator)
    far = _side("Xa", dt.datetime(2019, 3, 4, 9, tzinfo=HOME), administrator)
    instructor = RoleGrantFactory(role="instructor").user
    CourseInstructor.objects.create(
        course_key=near.course.translation_key, person=instructor.person
    )
    manager = RoleGrantFactory(role="centre_manager", centre=near.centre).user
    PeopleImport.objects.filter(pk=near.sent.pk).update(by=manager)
    return World(
        near=near,
        far=far,
        askers={
            "visitor": None,
            "learner": User.objects.get(person=near.person),
            "instructor": instructor,
            "reviewer": RoleGrantFactory(role="reviewer").user,
            "unit officer": RoleGrantFactory(role="unit_officer", unit=near.unit).user,
            "centre manager": manager,
            "observer": RoleGrantFactory(role="observer", unit=near.unit).user,
            "administrator": administrator,
        },
    )
