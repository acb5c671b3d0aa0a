"""Invented units, people, accounts and learning, so that a fresh site has something to show.

Names of people and places are made up. Everything goes through the services that the site itself
uses; calling `load_demo` again adds only what is missing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from lms.learning.api import enrol, save_position
from lms.learning.models import Assignment, CourseInstructor, Enrolment
from lms.learning.services.assigning import Target, assign
from lms.learning.services.past import enter_past_course
from lms.learning.services.recording import NewFact, record
from lms.people.models import (
    CentreService,
    Person,
    Position,
    Role,
    TrainingCentre,
    Unit,
    UnitKind,
    UnitSuccession,
    User,
)
from lms.people.services.accounts import create_account
from lms.people.services.roles import grant_role
from lms.people.services.units import succeed
from lms.plugins.errors import DomainError
from lms.web.demo_reports import report_and_answer
from modules.content.models import Activity, CourseOutline
from modules.content.outline import LessonRef, Outline, outline_of

PASSWORD = "hanh-trang-2026"  # noqa: S105 -- printed for everybody, on invented accounts only
OPEN_SECRETS = ("for development only", "for tests only")
REFORM = dt.date(2025, 7, 1)  # from this day there are two tiers of local government
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://hanh-trang.example/demo")

KINDS = {
    "tinh": ("Tỉnh", "Province"),
    "huyen": ("Huyện (trước 1/7/2025)", "District (until 1/7/2025)"),
    "xa": ("Xã", "Commune"),
    "phuong": ("Phường", "Ward"),
    "thi-tran": ("Thị trấn (trước 1/7/2025)", "Township (until 1/7/2025)"),
}
PROVINCE = ("tvs", "Tỉnh Vân Sơn", "tinh", None)
UNITS = [  # code, name, kind, the units that it was made of
    (
        "mt",
        "Xã Mây Thượng",
        "xa",
        [("mt1", "Xã Mây Hạ", "xa"), ("mt2", "Thị trấn Mây", "thi-tran")],
    ),
    ("kl", "Xã Khe Lim", "xa", [("kl1", "Xã Khe Sậy", "xa"), ("kl2", "Xã Lim Thượng", "xa")]),
    ("bg", "Xã Bến Gội", "xa", []),
    ("gc", "Phường Gác Chuông", "phuong", []),
    ("vs", "Xã Vực Sim", "xa", []),  # in the province, outside the centre's cluster
]
CLUSTER = ("mt", "kl", "bg", "gc")
CENTRE = "Trung tâm chính trị xã Mây Thượng"
POSITIONS = [  # code, name, English name, rank
    ("bi-thu", "Bí thư Đảng ủy", "Secretary of the Party committee", 10),
    ("pho-bi-thu", "Phó Bí thư Thường trực", "Standing deputy secretary", 20),
    ("chu-tich", "Chủ tịch Ủy ban nhân dân", "Chair of the People's Committee", 30),
    ("truong-ban-xdd", "Trưởng Ban Xây dựng Đảng", "Head of the Party-building board", 40),
    ("chu-nhiem-ubkt", "Chủ nhiệm Ủy ban Kiểm tra", "Chair of the inspection committee", 50),
    ("chanh-vp", "Chánh Văn phòng Đảng ủy", "Head of the committee's office", 60),
    ("bi-thu-chi-bo", "Bí thư chi bộ", "Cell secretary", 70),
    ("giam-doc-tt", "Giám đốc trung tâm chính trị", "Director of the training centre", 80),
    ("giang-vien", "Giảng viên", "Lecturer", 90),
]


@dataclass(frozen=True)
class Someone:
    """An invented person; `learned` says what they did in the course (see `_learn`)."""

    name: str
    position: str
    unit: str
    username: str = ""
    phone: str = ""
    role: str = ""
    learned: tuple[int, int, str] | None = None  # days ago, lessons finished, a letter per quiz
    before: tuple[str, str] | None = None  # position and unit until the reform


# The letters: p passed at once, f failed, r failed and then passed.
PEOPLE = [
    Someone(
        "Lường Thị Hoài Thương",
        "bi-thu",
        "mt",
        "hocvien",
        "0900 000 101",
        "",
        (9, 2, "pf"),
        before=("pho-bi-thu", "mt1"),
    ),
    Someone(
        "Vi Quang Tuyển",
        "bi-thu",
        "kl",
        "hocvien2",
        "",
        "",
        (21, 4, "ppppp"),
        before=("bi-thu", "kl1"),
    ),
    Someone("Hà Thị Bưởi", "bi-thu", "bg", "hocvien3", "", "", None),
    Someone("Đinh Công Lập", "giang-vien", "mt", "giangvien", "", Role.INSTRUCTOR),
    Someone("Phùng Thị Nhàn Hạ", "giang-vien", "gc", "giangvien2", "", Role.INSTRUCTOR),
    Someone("Nông Văn Kiên", "chu-nhiem-ubkt", "mt", "thamdinh", "", Role.REVIEWER),
    Someone("Bàn Thị Mai Hiên", "giam-doc-tt", "mt", "quanly", "", Role.CENTRE_MANAGER),
    Someone("Cầm Văn Thuyết", "truong-ban-xdd", "kl", "donvi", "", Role.UNIT_OFFICER),
    Someone("Trương Thị Ngân Giang", "chanh-vp", "vs", "giamsat", "", Role.OBSERVER),
    Someone("Khúc Duy Hưng", "chanh-vp", "mt", "quantri", "", Role.ADMINISTRATOR),
    Someone("Tòng Văn Bảo", "pho-bi-thu", "mt", learned=(18, 4, "prpp"), before=("bi-thu", "mt2")),
    Someone("Quách Thị Ánh Tuyết", "chu-tich", "mt", learned=(15, 3, "pp")),
    Someone("Giàng A Phử", "truong-ban-xdd", "mt", learned=(14, 2, "p")),
    Someone("Hoàng Thị Diệp Lục", "bi-thu-chi-bo", "mt", learned=(12, 1, "")),
    Someone("Lò Văn Chương", "pho-bi-thu", "kl", learned=(20, 4, "rp"), before=("chu-tich", "kl2")),
    Someone("Mùa Thị Dợ", "chu-tich", "kl", learned=(11, 1, "f")),
    Someone("Thào A Sùng", "bi-thu-chi-bo", "kl", learned=(6, 0, "")),
    Someone("Đặng Thị Hòa", "pho-bi-thu", "bg", learned=(16, 3, "ppp")),
    Someone("Lý Văn Nghị", "chu-tich", "bg", learned=(8, 2, "p")),
    Someone("Sầm Thị Thu Vân", "truong-ban-xdd", "bg", learned=(5, 0, "")),
    Someone("Ngô Đức Thiện Tâm", "bi-thu", "gc", learned=(19, 4, "pprp")),
    Someone("Vương Thị Lan Chi", "pho-bi-thu", "gc", learned=(10, 2, "rf")),
    Someone("Tạ Hữu Phúc Lâm", "chu-tich", "gc"),
    Someone("Chảo Thị Mẩy Hồng", "bi-thu", "vs", learned=(13, 2, "pp")),
]
# A course held before there was this site, and before the reform: who had a post then took it.
OLD_COURSE = "Bồi dưỡng nghiệp vụ công tác đảng cho cán bộ chủ chốt cấp xã, năm 2024"
OLD_POSTS_SINCE = dt.date(2020, 6, 1)
OLD_COURSE_DAYS = [dt.datetime(2024, 9, day, 8, tzinfo=dt.UTC) for day in (16, 18)]
MANAGER = "quanly"
HANDS_IN = "Vi Quang Tuyển"
# The unit whose learners were given the course, how many days ago, to be completed in how many.
GIVEN = (("kl", 21, 19), ("mt", 9, 14))
NEEDS_CENTRE = (Role.CENTRE_MANAGER,)
NEEDS_UNIT = (Role.UNIT_OFFICER, Role.OBSERVER)


class NotADemo(DomainError):
    """This site is real: invented people have no place in it."""


def refuse_a_real_site() -> None:
    """Raise NotADemo unless the site runs on the open secret key of development or tests."""
    if not settings.SECRET_KEY.startswith(OPEN_SECRETS):
        raise NotADemo("this site has a secret key of its own, so it is no demo")


@dataclass(frozen=True)
class Account:
    """A demo account as it is told to whoever starts the site."""

    username: str
    role: str
    name: str


def load_demo(*, now: dt.datetime | None = None) -> list[Account]:
    """Put the invented people in; gives the accounts, one line for each role at least.

    Raises NotADemo on a real site.
    """
    refuse_a_real_site()
    with transaction.atomic():
        units = _make_units()
        centre = _make_centre(units)
        people = {each.name: _make_person(each, units, centre) for each in PEOPLE}
    outlines = [outline_of(row) for row in CourseOutline.objects.order_by("pk")]
    if outlines:
        for each in PEOPLE:
            if each.before:
                _learned_before(people[each.name])
    for outline in outlines:
        for each in PEOPLE:
            if each.role == Role.INSTRUCTOR:
                CourseInstructor.objects.get_or_create(
                    course_key=outline.course_key, person=people[each.name]
                )
        for each in PEOPLE:
            if each.learned is not None:
                _learn(each, people[each.name], outline, now or timezone.now())
        _give(outline, people, centre, now or timezone.now())
        _hand_in(outline, people[HANDS_IN])
        report_and_answer(outline)
    return [
        Account(each.username, each.role or Role.LEARNER.value, each.name)
        for each in PEOPLE
        if each.username
    ]


def _give(
    outline: Outline, people: dict[str, Person], centre: TrainingCentre, now: dt.datetime
) -> None:
    """The course given to the learners of two communes: one day has passed, one is near."""
    manager = User.objects.get(username=MANAGER)
    if Assignment.objects.filter(by=manager, course_key=outline.course_key).exists():
        return
    for unit, given_ago, days in GIVEN:
        those = [each for each in PEOPLE if each.unit == unit and each.learned is not None]
        at = now - dt.timedelta(days=given_ago)
        assign(
            course_key=outline.course_key,
            target=Target(people=tuple(people[each.name] for each in those)),
            by=manager,
            centre=centre,
            due_on=timezone.localdate(at) + dt.timedelta(days=days),
            now=at,
        )


# --- units and people ----------------------------------------------------------------------------


def _make_units() -> dict[str, Unit]:
    kinds = {
        code: UnitKind.objects.get_or_create(
            code=code, defaults={"name": name, "name_en": english}
        )[0]
        for code, (name, english) in KINDS.items()
    }
    code, name, kind, _ = PROVINCE
    province = Unit.objects.filter(code=code).first()
    if province is None:
        province = Unit.add_root(instance=Unit(code=code, name=name, kind=kinds[kind]))
    found = {code: province}
    for code, name, kind, before in UNITS:
        begins = REFORM if before else None
        unit = found[code] = _make_unit(province, code, name, kinds[kind], begins)
        old = [_make_unit(province, *parts[:2], kinds[parts[2]], None) for parts in before]
        if old and not UnitSuccession.objects.filter(successor=unit).exists():
            succeed(predecessors=old, successors=[unit], on=REFORM, kind=UnitSuccession.Kind.MERGE)
    for code, name, english, rank in POSITIONS:
        Position.objects.get_or_create(
            code=code, defaults={"name": name, "name_en": english, "rank": rank}
        )
    return found


def _make_unit(
    province: Unit, code: str, name: str, kind: UnitKind, begins: dt.date | None
) -> Unit:
    unit: Unit | None = Unit.objects.filter(code=code).first()
    if unit is None:
        parent = Unit.objects.get(pk=province.pk)
        unit = parent.add_child(instance=Unit(code=code, name=name, kind=kind, valid_from=begins))
    return unit


def _make_centre(units: dict[str, Unit]) -> TrainingCentre:
    centre = TrainingCentre.objects.get_or_create(name=CENTRE, defaults={"unit": units["mt"]})[0]
    for code in CLUSTER:
        CentreService.objects.get_or_create(
            centre=centre, unit=units[code], defaults={"valid_from": REFORM}
        )
    return centre


def _make_person(someone: Someone, units: dict[str, Unit], centre: TrainingCentre) -> Person:
    key = uuid.uuid5(NAMESPACE, someone.name)
    person = Person.objects.get_or_create(uuid=key, defaults={"full_name": someone.name})[0]
    if not person.appointments.exists():
        if someone.before:
            person.appointments.create(
                position=Position.objects.get(code=someone.before[0]),
                unit=Unit.objects.get(code=someone.before[1]),
                valid_from=OLD_POSTS_SINCE,
                valid_to=REFORM,
            )
        person.appointments.create(
            position=Position.objects.get(code=someone.position),
            unit=units[someone.unit],
            valid_from=REFORM,
        )
    if someone.username and not User.objects.filter(person=person).exists():
        user = create_account(
            person=person, password=PASSWORD, username=someone.username, phone=someone.phone
        )
        if someone.role == Role.ADMINISTRATOR:
            user.is_superuser = user.is_staff = True
            user.save()
        if someone.role:
            grant_role(
                user=user,
                role=someone.role,
                centre=centre if someone.role in NEEDS_CENTRE else None,
                unit=units[someone.unit] if someone.role in NEEDS_UNIT else None,
            )
    return person


# --- learning ------------------------------------------------------------------------------------


def _learn(someone: Someone, person: Person, outline: Outline, now: dt.datetime) -> None:
    """Enrol the person so many days ago; finish lessons, a few days apart; take quizzes.

    The quizzes are taken now: an attempt keeps the time at which it was really made.
    """
    days, finished, quizzes = someone.learned or (0, 0, "")
    if Enrolment.objects.filter(person=person, course_key=outline.course_key).exists():
        return
    begun = now - dt.timedelta(days=days)
    enrolment = enrol(
        person=person, course_key=outline.course_key, invited=True, source="import", at=begun
    )
    lessons = list(outline.lessons())
    step = dt.timedelta(days=days) / (finished + 1)
    for at, lesson in enumerate(lessons[:finished]):
        _finish(enrolment, lesson, begun + step * at + dt.timedelta(minutes=lesson.minutes))
    if finished < len(lessons):
        save_position(enrolment=enrolment, lesson_key=lessons[finished].key)
    marked = [ref for lesson in lessons for ref in lesson.activities_in("vi") if ref.required]
    for ref, letter in zip(marked, quizzes, strict=False):
        activity = Activity.objects.filter(pk=ref.activity_id).specific()[0]
        for right in {"p": (True,), "f": (False,), "r": (False, True)}[letter]:
            _try(enrolment, activity, right=right)


def _hand_in(outline: Outline, person: Person) -> None:
    """The first activity of the course whose package knows what learners of a demo hand in.

    Such a package has hand_in(enrolment=, activity=) in a module `demo`, which does nothing the
    second time.
    """
    enrolment = Enrolment.objects.get(person=person, course_key=outline.course_key)
    for ref in (ref for lesson in outline.lessons() for ref in lesson.activities_in("vi")):
        activity = Activity.objects.filter(pk=ref.activity_id).specific()[0]
        hand_in = _of_demo(activity, "hand_in")
        if hand_in is not None:
            hand_in(enrolment=enrolment, activity=activity)
            return


def _try(enrolment: Enrolment, activity: Activity, *, right: bool) -> None:
    """Hand in an attempt whose answers are right, or mostly not, where that can be.

    The package of the activity has take(enrolment=, activity=, right=) in a module `demo`.
    """
    take = _of_demo(activity, "take")
    if take is not None:
        take(enrolment=enrolment, activity=activity, right=right)


def _of_demo(activity: Activity, name: str) -> Callable[..., Any] | None:
    """What the module `demo` of the activity's package calls `name`."""
    package = activity._meta.app_config
    if activity.activity_type is None or not module_has_submodule(package.module, "demo"):
        return None
    return getattr(import_module(f"{package.name}.demo"), name, None)


def _learned_before(person: Person) -> None:
    began, completed = OLD_COURSE_DAYS
    enter_past_course(
        person=person,
        course_key=uuid.uuid5(NAMESPACE, OLD_COURSE),
        course_title=OLD_COURSE,
        began=began,
        completed=completed,
    )


def _finish(enrolment: Enrolment, lesson: LessonRef, at: dt.datetime) -> None:
    # As `finish_lesson` does, only on an earlier day.
    fact = NewFact(
        "lesson.viewed",
        subject_key=lesson.key,
        uuid=uuid.uuid5(enrolment.uuid, f"lesson.viewed:{lesson.key}"),
        occurred_at=at,
    )
    record(enrolment=enrolment, facts=[fact], source="import")
