"""A person's page in the management area: who sees it, what is changed and by whom."""

from __future__ import annotations

import datetime as dt
import uuid
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lms.learning import api
from lms.people.codes import code_for, in_groups
from lms.people.models import ActivationCode, User
from lms.people.services.accounts import create_account
from lms.people.services.activating import issue_code
from lms.people.tests.factories import (
    AppointmentFactory,
    PositionFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)
from lms.web.tests.caring import CARERS, OTHERS, client_of, hand, make_place, page_of, somebody
from modules.content.tests.factories import make_course

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> SimpleNamespace:
    return make_place()


# --- who may ----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", CARERS + OTHERS)
def test_pages_are_for_those_who_look_after_people(place, role: str) -> None:
    person = somebody(place.commune)
    client = client_of(hand(place, role))
    expected = 200 if role in CARERS else 403
    addresses = ["/manage/people/", page_of(person), "/manage/slips/", "/manage/slips/print/"]
    assert [client.get(each).status_code for each in addresses] == [expected] * len(addresses)
    edits = 200 if role in ("centre_manager", "administrator") else 403
    assert client.get(page_of(person, "edit/")).status_code == edits


@pytest.mark.parametrize("role", CARERS + OTHERS)
def test_acts_are_for_those_who_may(place, role: str) -> None:
    client = client_of(hand(place, role))
    expected = {"code/new/": role in CARERS}
    expected |= dict.fromkeys(
        ("account/", "account/close/", "edit/"), role in ("centre_manager", "administrator")
    )
    form = {"full_name": "Lò Thị Mậm", "username": "", "phone": "", "birth_date": ""}
    for part, allowed in expected.items():
        person = somebody(place.commune)
        status = client.post(page_of(person, part), form).status_code
        assert (part, status) == (part, 302 if allowed else 403)


def test_visitor_is_asked_to_sign_in(place, client: Client) -> None:
    response = client.get("/manage/people/?q=a")
    assert (response.status_code, response.url) == (
        302,
        "/account/login/?next=/manage/people/%3Fq%3Da",
    )


def test_people_out_of_reach_do_not_exist(place) -> None:
    person = somebody(place.other)
    for role in ("unit_officer", "centre_manager"):
        client = client_of(hand(place, role))
        for part in ("", "code/"):
            assert client.get(page_of(person, part)).status_code == 404
        assert client.post(page_of(person, "code/new/")).status_code == 404
    assert client.post(page_of(person, "account/close/")).status_code == 404
    assert client.get(page_of(person, "edit/")).status_code == 404
    assert client.get(f"/manage/people/{uuid.uuid4()}/").status_code == 404
    assert ActivationCode.objects.count() == 0


@pytest.mark.parametrize("part", ["account/", "account/close/", "code/new/"])
def test_a_get_changes_nothing(place, part: str) -> None:
    client = client_of(hand(place, "administrator"))
    assert client.get(page_of(somebody(place.commune), part)).status_code == 405


# --- a person ---------------------------------------------------------------------------------


def test_page_shows_posts_account_codes_and_progress(place) -> None:
    manager = hand(place, "centre_manager")
    person = somebody(place.commune, phone="0912345678", birth_date=dt.date(1975, 4, 30))
    old = UnitFactory(name="Xã Cũ")
    AppointmentFactory(
        person=person,
        unit=old,
        valid_from=dt.date(2020, 1, 1),
        valid_to=dt.date(2025, 7, 1),
        position=PositionFactory(code="deputy"),
    )
    course = make_course(modules=1, lessons=2)
    api.enrol(person=person, course_key=course.translation_key)
    issue_code(person=person, by=manager)
    context = client_of(manager).get(page_of(person)).context
    assert [(post["unit"], post["is_over"]) for post in context["posts"]] == [
        ("Xã Suối Vân", False),
        ("Xã Cũ", True),
    ]
    assert (context["phone"], context["state"]) == ("0912 345 678", "waiting")
    (code,) = context["codes"]
    assert code["by"] == manager.get_full_name()
    assert [(each["title"], each["percent"]) for each in context["courses"]] == [(course.title, 0)]


def test_code_itself_is_on_its_own_page_only(place) -> None:
    manager, person = hand(place, "centre_manager"), somebody(place.commune)
    code = issue_code(person=person, by=manager)
    plain = in_groups(code_for(code.uuid, code.digest))
    client = client_of(manager)
    assert plain not in client.get(page_of(person)).content.decode()
    assert plain not in client.get("/manage/people/").content.decode()
    page = client.get(page_of(person, "code/"))
    assert plain in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_page_of_a_person_costs_few_queries(place, django_assert_max_num_queries) -> None:
    manager, person = hand(place, "centre_manager"), somebody(place.commune)
    course = make_course(modules=1, lessons=2)
    api.enrol(person=person, course_key=course.translation_key)
    for _ in range(3):
        issue_code(person=person, by=manager)
    client = client_of(manager)
    client.get(page_of(person))
    with django_assert_max_num_queries(20):
        client.get(page_of(person))


def test_officer_reads_and_gives_codes_but_changes_nothing(place) -> None:
    person = somebody(place.commune)
    context = client_of(hand(place, "unit_officer")).get(page_of(person)).context
    assert (context["may_entrust"], context["may_close"], context["may_change"]) == (
        True,
        False,
        False,
    )


def test_account_above_ones_own_offers_nothing_and_refuses(place) -> None:
    user = UserFactory()
    AppointmentFactory(person=user.person, unit=place.commune)
    RoleGrantFactory(user=user, role="instructor")
    client = client_of(hand(place, "centre_manager"))
    page = client.get(page_of(user.person))
    assert (page.context["may_entrust"], page.context["may_close"]) == (False, False)
    assert "code/new/" not in page.content.decode()
    for part in ("code/new/", "account/close/"):
        refused = client.post(page_of(user.person, part))
        assert refused.status_code == 422
        assert refused.context["refusal"]
    # The page refuses a guessed address as well, when somebody else has given out a code.
    issue_code(person=user.person, by=hand(place, "administrator"))
    assert client.get(page_of(user.person, "code/")).status_code == 302


def test_edit_saves_or_says_what_is_wrong_and_keeps_what_was_typed(place) -> None:
    person = somebody(place.commune)
    client = client_of(hand(place, "centre_manager"))
    form = {"full_name": "Lò Thị Mậm", "phone": "0912.345.678", "birth_date": "30/04/1975"}
    done = client.post(page_of(person, "edit/"), form)
    assert (done.status_code, done.url) == (302, page_of(person))
    person.refresh_from_db()
    assert (person.full_name, person.phone, person.birth_date) == (
        "Lò Thị Mậm",
        "+84912345678",
        dt.date(1975, 4, 30),
    )
    shown = client.get(page_of(person, "edit/")).content.decode()
    assert 'value="30/04/1975"' in shown
    for wrong in ({"phone": "12"}, {"full_name": ""}, {"birth_date": "31/02/1975"}):
        refused = client.post(page_of(person, "edit/"), {**form, **wrong})
        assert refused.status_code == 422
        assert refused.context["form"].errors
        (name,) = wrong
        assert f'value="{wrong[name]}"' in refused.content.decode() or not wrong[name]
    person.refresh_from_db()
    assert person.phone == "+84912345678"


def test_manager_makes_an_account_with_the_user_name_that_was_typed(place) -> None:
    person = somebody(place.commune)
    UserFactory(username="da.co")
    client = client_of(hand(place, "centre_manager"))
    taken = client.post(page_of(person, "account/"), {"username": "Da.Co"})
    assert taken.status_code == 422
    assert 'value="Da.Co"' in taken.content.decode()
    assert client.post(page_of(person, "account/"), {"username": "Mận.LT"}).status_code == 302
    assert User.objects.get(person=person).username == "mận.lt"


def test_manager_closes_and_opens_an_account(place) -> None:
    person = somebody(place.commune)
    user = create_account(person=person, password="mật khẩu dài")
    client = client_of(hand(place, "centre_manager"))
    learner = client_of(user)
    assert client.post(page_of(person, "account/close/")).status_code == 302
    assert learner.get("/home/").status_code == 302
    assert client.get(page_of(person)).context["state"] == "closed"
    assert client.post(page_of(person, "account/close/"), {"open": "1"}).status_code == 302
    assert User.objects.get(pk=user.pk).is_active is True
    nobody = somebody(place.commune)
    assert client.post(page_of(nobody, "account/close/")).status_code == 302


def test_new_code_leads_to_the_page_that_shows_it(place) -> None:
    person = somebody(place.commune)
    client = client_of(hand(place, "unit_officer"))
    done = client.post(page_of(person, "code/new/"))
    assert (done.status_code, done.url) == (
        302,
        reverse("web:manage-person-code", args=[person.uuid]),
    )
    assert client.get(done.url).context["slip"]["name"] == "Lò Thị Mận"
    ActivationCode.objects.update(revoked_at=timezone.now())
    assert client.get(done.url).url == page_of(person)


@pytest.mark.parametrize("address", ["/en/manage/people/", "/en/manage/slips/"])
def test_pages_speak_english(place, address: str) -> None:
    somebody(place.commune)
    text = client_of(hand(place, "centre_manager")).get(address).content.decode()
    assert "People</a>" in text
    assert "Nhân sự" not in text
