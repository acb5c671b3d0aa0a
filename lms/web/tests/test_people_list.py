"""The list of people: who is in it, and how it is narrowed."""

from __future__ import annotations

import uuid
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from lms.people.models import PeopleImport, Person, User
from lms.people.services.accounts import create_account
from lms.people.tests.factories import (
    UserFactory,
)
from lms.web.manage.selecting import units_to_choose
from lms.web.tests.caring import client_of, hand, make_place, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> SimpleNamespace:
    return make_place()


def names(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/manage/people/{query}")
    assert response.status_code == 200
    return [each["name"] for each in response.context["people"]]


def test_list_holds_who_is_in_reach_in_the_order_of_names(place) -> None:
    for name in ("Trần Văn Ước", "Lê Thị Ánh", "Bùi Đức An", "Vì Văn Anh"):
        somebody(place.cell, name)
    somebody(place.other, "Ngoài Tầm")
    officer = client_of(hand(place, "unit_officer"))
    own = Person.objects.get(account__role_grants__role="unit_officer").full_name
    listed = [name for name in names(officer) if name != own]
    assert listed == ["Bùi Đức An", "Vì Văn Anh", "Lê Thị Ánh", "Trần Văn Ước"]
    assert "Ngoài Tầm" in names(client_of(hand(place, "administrator")))


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("an", ["Bùi Đức An", "Lê Thị Ánh"]),
        ("ánh", ["Lê Thị Ánh"]),
        ("ANH le", ["Lê Thị Ánh"]),
        ("a\u0301nh", ["Lê Thị Ánh"]),
        ("0912 345 678", ["Bùi Đức An"]),
        ("0912", ["Bùi Đức An"]),
        ("345678", ["Bùi Đức An"]),
        ("khong ai", []),
    ],
)
def test_search_takes_names_without_marks_and_parts_of_numbers(place, q: str, found) -> None:
    somebody(place.commune, "Bùi Đức An", phone="0912345678")
    somebody(place.commune, "Lê Thị Ánh")
    assert names(client_of(hand(place, "centre_manager")), f"?q={q}") == found


def test_filters_by_unit_below_position_and_state(place) -> None:
    somebody(place.cell, "Trong Chi Bộ", "cell-secretary")
    somebody(place.commune, "Trong Xã")
    waiting = somebody(place.commune, "Chờ Phiếu")
    create_account(person=waiting)
    active = create_account(person=somebody(place.commune, "Đang Dùng"), password="mật khẩu dài")
    closed = create_account(person=somebody(place.commune, "Bị Khóa"), password="mật khẩu dài")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    client = client_of(hand(place, "centre_manager"))
    assert active.person is not None
    assert names(client, f"?unit={place.cell.uuid}") == ["Trong Chi Bộ"]
    assert len(names(client, f"?unit={place.commune.uuid}")) == 5
    assert names(client, "?position=cell-secretary") == ["Trong Chi Bộ"]
    by_state = {
        state: names(client, f"?unit={place.commune.uuid}&state={state}")
        for state in ("none", "waiting", "active", "closed")
    }
    assert by_state == {
        "none": ["Trong Chi Bộ", "Trong Xã"],
        "waiting": ["Chờ Phiếu"],
        "active": ["Đang Dùng"],
        "closed": ["Bị Khóa"],
    }


@pytest.mark.parametrize(
    "query",
    [
        "?unit=khong-phai-so",
        f"?unit={uuid.UUID(int=1)}",
        "?position=khong-co",
        "?state=la",
        "?import=x",
        f"?import={uuid.UUID(int=2)}",
        "?batch=x",
        "?person=x",
    ],
)
def test_filter_that_names_nothing_selects_nobody(place, query: str) -> None:
    somebody(place.commune)
    client = client_of(hand(place, "administrator"))
    assert names(client, query) == []
    assert client.get(f"/manage/slips/{query}").context["total"] == 0


def test_unit_out_of_reach_selects_nobody(place) -> None:
    somebody(place.commune)
    client = client_of(hand(place, "centre_manager"))
    assert names(client, f"?unit={place.province.uuid}") == []


def test_import_selects_its_people_for_whoever_sent_it(place) -> None:
    manager, person = hand(place, "centre_manager"), somebody(place.commune)
    somebody(place.commune, "Người Khác")
    sent = PeopleImport.objects.create(
        by=manager,
        at=timezone.now(),
        file_name="ds.xlsx",
        digest="0",
        result={"person_ids": [person.pk]},
    )
    query = f"?import={sent.uuid}"
    assert names(client_of(manager), query) == ["Lò Thị Mận"]
    assert names(client_of(hand(place, "centre_manager")), query) == []
    assert names(client_of(hand(place, "administrator")), query) == ["Lò Thị Mận"]


def test_pages_of_fifty_keep_the_filter(place, django_assert_max_num_queries) -> None:
    client = client_of(hand(place, "centre_manager"))
    for n in range(51):
        somebody(place.commune, f"Hà Văn {chr(65 + n % 26)}{n}")
    client.get("/manage/people/")
    with django_assert_max_num_queries(13):
        response = client.get("/manage/people/?q=ha&state=none")
    assert len(response.context["people"]) == 50
    text = response.content.decode()
    assert 'href="?q=ha&amp;state=none&amp;page=2"' in text
    assert len(names(client, "?q=ha&state=none&page=2")) == 1


def test_units_offered_are_the_upper_levels_when_there_are_very_many(place, monkeypatch) -> None:
    monkeypatch.setattr("lms.web.manage.selecting.UNITS_OFFERED", 3)
    administrator = hand(place, "administrator")
    offered = [unit["name"] for unit in units_to_choose(administrator, None)]
    assert offered == ["Tỉnh Vân Sơn", "– Xã Suối Vân", "– Xã Đầm Sậy"]
    chosen = [unit["name"] for unit in units_to_choose(administrator, place.cell) if unit["chosen"]]
    assert chosen == ["– – Chi bộ thôn Một"]


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_menu_shows_the_page_to_those_who_may(place, prefix: str) -> None:
    client = client_of(hand(place, "unit_officer"))
    text = client.get(f"{prefix}/manage/people/").content.decode()
    assert f'href="{prefix}/manage/people/" aria-current="page"' in text
    learner = client_of(UserFactory()).get(f"{prefix}/home/").content.decode()
    assert "/manage/" not in learner
