"""Giving a course to people: form, preview, numbers, who is behind; who may do and see what."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lms.learning.models import AssignedPerson, Assignment, CourseProgress, Enrolment
from lms.learning.services.assigning import Target, assign, end_assignment
from lms.people.models import User
from lms.people.services.accounts import create_account
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    PositionFactory,
    RoleGrantFactory,
    UnitFactory,
)
from modules.content.tests.factories import make_course

pytestmark = pytest.mark.django_db

CARERS = ("unit_officer", "centre_manager", "administrator")
OTHERS = ("learner", "instructor", "reviewer", "observer")
NEW, LIST = reverse("web:manage-assign"), reverse("web:manage-assignments")


@pytest.fixture
def place() -> SimpleNamespace:
    """A commune with a secretary and a deputy; one of another centre with a secretary; a course."""
    commune, other = UnitFactory(name="Xã Suối Vân"), UnitFactory(name="Xã Đầm Sậy")
    secretary, deputy = PositionFactory(), PositionFactory(code="deputy", name="Phó Bí thư")
    names = ("Lò Thị Ban", "Hà Văn An", "Cầm Thị Sương")
    posts = ((commune, secretary), (commune, deputy), (other, secretary))
    people = [PersonFactory(full_name=name) for name in names]
    for person, (unit, position) in zip(people, posts, strict=True):
        AppointmentFactory(person=person, unit=unit, position=position)
    return SimpleNamespace(
        commune=commune,
        other=other,
        secretary=secretary,
        deputy=deputy,
        centre=CentreFactory(serves=[commune]),
        people=people,
        course=make_course(modules=1, lessons=2, title="Kỹ năng lãnh đạo"),
    )


def hand(place: SimpleNamespace, role: str) -> User:
    grant = {
        "unit_officer": {"unit": place.commune},
        "centre_manager": {"centre": place.centre},
    }
    user: User = RoleGrantFactory(role=role, **grant.get(role, {})).user
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager(place: SimpleNamespace) -> User:
    return hand(place, "centre_manager")


def sent(place: SimpleNamespace, **changes: object) -> dict[str, object]:
    return {
        "course": str(place.course.translation_key),
        "centre": str(place.centre.uuid),
        "units": [str(place.commune.uuid)],
        "due_on": "",
        "note": "",
        "step": "preview",
    } | changes


def given(place: SimpleNamespace, manager: User, *, days: int | None = None) -> Assignment:
    """The course given to the commune; to be completed in so many days, or so many days ago."""
    assignment = assign(
        course_key=place.course.translation_key,
        target=Target(units=(place.commune,)),
        by=manager,
        centre=place.centre,
    ).assignment
    if days is not None:
        assignment.due_on = timezone.localdate() + dt.timedelta(days=days)
        assignment.save()
    return assignment


def test_the_preview_names_the_people_and_writes_nothing(
    place: SimpleNamespace, manager: User
) -> None:
    response = client_of(manager).post(NEW, sent(place))
    names = [holder.person.full_name for holder in response.context["holders"]]
    assert (response.status_code, names) == (200, ["Hà Văn An", "Lò Thị Ban"])
    assert (Assignment.objects.count(), Enrolment.objects.count()) == (0, 0)


def test_giving_enrols_and_tells_how_many(place: SimpleNamespace, manager: User) -> None:
    due = timezone.localdate() + dt.timedelta(days=20)
    answer = client_of(manager).post(
        NEW,
        sent(place, step="give", due_on=due.strftime("%d/%m/%Y"), note="Học trước lớp"),
        follow=True,
    )
    found = Assignment.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("web:manage-assignment", args=[found.uuid])
    assert (found.due_on, found.note, found.by, found.centre) == (
        due,
        "Học trước lớp",
        manager,
        place.centre,
    )
    assert Enrolment.objects.count() == 2
    assert "2 người" in answer.content.decode()


def test_giving_to_the_people_of_a_list_names_them(place: SimpleNamespace, manager: User) -> None:
    query = f"?position={place.deputy.code}"
    response = client_of(manager).post(NEW + query, sent(place, step="give"))
    assert response.status_code == 302
    row = AssignedPerson.objects.get()
    assert (row.person, row.source) == (place.people[1], "list")


def test_a_list_that_is_empty_leads_back_to_the_form(place: SimpleNamespace, manager: User) -> None:
    response = client_of(manager).get(NEW + "?q=khong-co-ai")
    assert (response.status_code, response.headers["Location"]) == (302, NEW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"units": []}, "__all__"),
        ({"due_on": "31/02/2027"}, "due_on"),
        ({"due_on": "01/01/2020"}, "due_on"),
        ({"course": "khong-phai"}, "course"),
        ({"centre": ""}, "centre"),
    ],
)
def test_a_form_that_is_wrong_says_where_and_keeps_what_was_typed(
    place: SimpleNamespace, manager: User, changes: dict[str, object], field: str
) -> None:
    response = client_of(manager).post(NEW, sent(place, note="Giữ lại", **changes))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert "Giữ lại" in response.content.decode()
    assert Assignment.objects.count() == 0


def test_a_unit_outside_the_reach_cannot_be_chosen(place: SimpleNamespace, manager: User) -> None:
    response = client_of(manager).post(NEW, sent(place, units=[str(place.other.uuid)], step="give"))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["units"])
    assert Enrolment.objects.count() == 0


def test_coming_back_from_the_preview_keeps_the_choice(
    place: SimpleNamespace, manager: User
) -> None:
    response = client_of(manager).post(NEW, sent(place, step="edit", note="Giữ lại"))
    assert response.status_code == 200
    assert response.context["form"]["note"].value() == "Giữ lại"
    assert response.context["form"]["units"].value() == [str(place.commune.uuid)]


def test_an_administrator_may_give_to_all_units_of_the_site(place: SimpleNamespace) -> None:
    response = client_of(hand(place, "administrator")).post(
        NEW, sent(place, centre="", units=[], positions=[place.secretary.code], step="give")
    )
    assert response.status_code == 302
    assert set(AssignedPerson.objects.values_list("person__full_name", flat=True)) == {
        "Lò Thị Ban",
        "Cầm Thị Sương",
    }


@pytest.mark.parametrize("role", CARERS)
def test_carers_see_the_numbers_of_their_people(
    place: SimpleNamespace, manager: User, role: str
) -> None:
    assignment = given(place, manager, days=-1)
    CourseProgress.objects.filter(enrolment__person=place.people[0]).update(
        completed_at=timezone.now()
    )
    client = client_of(hand(place, role))
    [row] = client.get(LIST).context["assignments"]
    assert (row["reached"], row["completed"], row["behind"]) == (2, 1, 1)
    page = client.get(reverse("web:manage-assignment", args=[assignment.uuid]))
    assert [(line["name"], line["percent"]) for line in page.context["lines"]] == [
        ("Hà Văn An", 0),
        ("Lò Thị Ban", 100),
    ]
    late = client.get(reverse("web:manage-behind"))
    assert [line["name"] for line in late.context["lines"]] == ["Hà Văn An"]


def test_an_officer_of_another_unit_sees_nothing_of_it(
    place: SimpleNamespace, manager: User
) -> None:
    assignment = given(place, manager, days=-1)
    stranger = client_of(RoleGrantFactory(role="unit_officer", unit=place.other).user)
    assert stranger.get(LIST).context["assignments"] == []
    assert stranger.get(reverse("web:manage-behind")).context["lines"] == []
    page = reverse("web:manage-assignment", args=[assignment.uuid])
    assert stranger.get(page).status_code == 404
    assert stranger.get(page + "export.csv").status_code == 404


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("name", ["assignments", "assign", "behind"])
def test_other_roles_are_refused(place: SimpleNamespace, role: str, name: str) -> None:
    assert client_of(hand(place, role)).get(reverse(f"web:manage-{name}")).status_code == 403


def test_a_unit_officer_may_not_give_or_take_back(place: SimpleNamespace, manager: User) -> None:
    assignment = given(place, manager)
    officer = client_of(hand(place, "unit_officer"))
    assert officer.post(NEW, sent(place, step="give")).status_code == 403
    ending = reverse("web:manage-assignment-end", args=[assignment.uuid])
    assert officer.post(ending).status_code == 403
    assert Assignment.objects.running().count() == 1


def test_taking_back_ends_it_and_leaves_the_enrolments(
    place: SimpleNamespace, manager: User
) -> None:
    assignment = given(place, manager, days=-1)
    client = client_of(manager)
    ending = reverse("web:manage-assignment-end", args=[assignment.uuid])
    assert client.get(ending).status_code == 405
    assert client.post(ending).status_code == 302
    assert client.get(reverse("web:manage-behind")).context["lines"] == []
    assert Enrolment.objects.active().count() == 2


def test_a_manager_of_another_centre_may_not_take_back(
    place: SimpleNamespace, manager: User
) -> None:
    assignment = given(place, manager)
    other = CentreFactory(serves=[place.commune])
    user = RoleGrantFactory(role="centre_manager", centre=other).user
    ending = reverse("web:manage-assignment-end", args=[assignment.uuid])
    assert client_of(user).post(ending).status_code == 404
    assert Assignment.objects.running().count() == 1


@pytest.mark.parametrize(
    ("state", "expected"),
    [("new", ["Hà Văn An"]), ("completed", ["Lò Thị Ban"]), ("behind", []), ("started", [])],
)
def test_the_people_of_an_assignment_can_be_narrowed_by_state(
    place: SimpleNamespace, manager: User, state: str, expected: list[str]
) -> None:
    assignment = given(place, manager, days=3)
    CourseProgress.objects.filter(enrolment__person=place.people[0]).update(
        completed_at=timezone.now()
    )
    url = reverse("web:manage-assignment", args=[assignment.uuid])
    page = client_of(manager).get(url, {"state": state})
    assert [line["name"] for line in page.context["lines"]] == expected


def test_the_file_holds_progress_and_opens_in_a_spreadsheet(
    place: SimpleNamespace, manager: User
) -> None:
    assignment = given(place, manager, days=-1)
    client = client_of(manager)
    url = reverse("web:manage-assignment", args=[assignment.uuid])
    text = client.get(url + "export.csv").content.decode("utf-8-sig")
    assert [line.split(",")[0] for line in text.splitlines()] == [
        "Học viên",
        "Hà Văn An",
        "Lò Thị Ban",
    ]
    assert client.get(url + "export.xlsx").status_code == 200
    assert client.get(url + "export.pdf").status_code == 404
    assert client.get(reverse("web:manage-behind-export", args=["csv"])).status_code == 200


def test_the_pages_cost_the_same_for_many_people(place: SimpleNamespace, manager: User) -> None:
    assignment = given(place, manager, days=-1)
    url = reverse("web:manage-assignment", args=[assignment.uuid])
    client = client_of(manager)
    few = _queries(client, url)
    AppointmentFactory.create_batch(30, unit=place.commune, position=place.deputy)
    given(place, manager, days=-1)
    assert AssignedPerson.objects.count() == 32
    assert _queries(client, url) == few <= 16
    assert _queries(client, LIST) <= 9


def _queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    ("days", "expected"), [(-1, "overdue"), (0, "soon"), (7, "soon"), (8, "later"), (None, "open")]
)
def test_the_learners_home_reminds_of_the_day(
    place: SimpleNamespace, manager: User, days: int | None, expected: str
) -> None:
    given(place, manager, days=days)
    page = client_of(create_account(person=place.people[0])).get(reverse("web:home"))
    [course] = page.context["courses"]
    assert course["due"] == expected
    assert bool(page.context["reminders"]) == (expected in ("overdue", "soon"))


def test_the_learners_home_does_not_remind_of_what_is_completed_or_taken_back(
    place: SimpleNamespace, manager: User
) -> None:
    assignment = given(place, manager, days=-1)
    CourseProgress.objects.filter(enrolment__person=place.people[0]).update(
        completed_at=timezone.now()
    )
    done, behind = (client_of(create_account(person=each)) for each in place.people[:2])
    assert done.get(reverse("web:home")).context["reminders"] == []
    assert len(behind.get(reverse("web:home")).context["reminders"]) == 1
    end_assignment(assignment=assignment)
    assert behind.get(reverse("web:home")).context["reminders"] == []
