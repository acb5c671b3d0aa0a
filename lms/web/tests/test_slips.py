"""Slips: made by a POST, printed by a GET, for those only whom one may let in."""

from __future__ import annotations

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from lms.people.codes import code_for, in_groups
from lms.people.models import ActivationCode, Person, User
from lms.people.services.accounts import create_account
from lms.people.services.activating import issue_code
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> SimpleNamespace:
    unit = UnitFactory(name="Xã Suối Vân")
    manager = RoleGrantFactory(role="centre_manager", centre=CentreFactory(serves=[unit])).user
    client = Client()
    client.force_login(manager)
    return SimpleNamespace(unit=unit, manager=manager, client=client)


def somebody(place: SimpleNamespace, name: str = "Lò Thị Mận") -> Person:
    person = PersonFactory(full_name=name)
    AppointmentFactory(person=person, unit=place.unit)
    return person


def make(place: SimpleNamespace, query: str = "") -> str:
    """Make slips; the address of the print."""
    response = place.client.post(f"/manage/slips/{query}")
    assert response.status_code == 302
    return str(response.url)


def slips_on(response) -> list[dict[str, object]]:
    assert response.status_code == 200
    return [slip for sheet in response.context["sheets"] for slip in sheet]


def test_page_before_says_what_would_happen_and_writes_nothing(place) -> None:
    somebody(place)
    create_account(person=somebody(place))
    create_account(person=somebody(place), password="mật khẩu dài")
    UserFactory(person=somebody(place), is_active=False)
    context = place.client.get(f"/manage/slips/?unit={place.unit.uuid}").context
    assert context["numbers"] == {"none": 1, "waiting": 1, "active": 1, "closed": 1}
    assert (context["total"], context["to_make"], context["good"]) == (4, 2, 0)
    assert ActivationCode.objects.count() == 0


def test_slips_are_made_for_the_people_of_the_filter(place) -> None:
    for name in ("Vì Văn Tám", "Lò Thị Mận", "Hà Văn Ước"):
        somebody(place, name)
    active = somebody(place, "Hà Thị Mận")
    create_account(person=active, password="mật khẩu dài")
    address = make(place, "?q=man")
    assert re.fullmatch(r"/manage/slips/print/\?batch=[0-9a-f-]{36}", address)
    response = place.client.get(address)
    (slip,) = slips_on(response)
    user = User.objects.get(person__full_name="Lò Thị Mận")
    code = ActivationCode.objects.get()
    plain = code_for(code.uuid, code.digest)
    assert (slip["name"], slip["unit"], slip["username"], slip["code"]) == (
        "Lò Thị Mận",
        "Xã Suối Vân",
        user.username,
        in_groups(plain),
    )
    assert slip["address"] == "testserver/activate"
    assert slip["until"] == code.expires_at
    assert "<svg" in str(slip["qr"])
    assert {str(each) for each in response.context["messages"]} == {
        "1 phiếu mới.",
        "1 người đang dùng tài khoản hoặc tài khoản đã khóa: không lập phiếu.",
    }


def test_square_holds_the_address_with_the_code(place, monkeypatch) -> None:
    drawn = []

    def note(address: str) -> str:
        drawn.append(address)
        return ""

    monkeypatch.setattr("lms.web.manage.slips._qr", note)
    somebody(place)
    place.client.get(make(place).replace("/manage", "/en/manage"))
    code = ActivationCode.objects.get()
    plain = code_for(code.uuid, code.digest)
    assert drawn == [f"http://testserver/activate/?code={plain}"]
    assert Client().get(drawn[0]).context["code"] == in_groups(plain)


def test_slips_are_in_vietnamese_whoever_prints_them(place) -> None:
    somebody(place)
    text = place.client.get(make(place).replace("/manage", "/en/manage")).content.decode()
    assert "slip to print" in text
    slip = text.partition('<article class="slip"')[2].partition("</article>")[0]
    assert "Tên đăng nhập" in slip
    assert "Kiểm tra họ tên, rồi tự đặt mật khẩu." in slip


def test_printing_again_gives_the_same_codes_in_sheets_of_eight(place) -> None:
    for n in range(17):
        somebody(place, f"Lò Thị Mận {n:02d}")
    first = place.client.get(make(place))
    assert [len(sheet) for sheet in first.context["sheets"]] == [8, 8, 1]
    again = place.client.get("/manage/slips/print/")
    assert [slip["code"] for slip in slips_on(again)] == [slip["code"] for slip in slips_on(first)]
    assert ActivationCode.objects.count() == 17
    assert "no-store" in again["Cache-Control"]


def test_slips_used_expired_or_taken_back_are_not_printed(place) -> None:
    now = timezone.now()
    people = [somebody(place, f"Lò Thị Mận {n}") for n in range(4)]
    address = make(place)
    changes = [{"used_at": now}, {"revoked_at": now}, {"expires_at": now}]
    for person, change in zip(people, changes, strict=False):
        ActivationCode.objects.filter(user__person=person).update(**change)
    assert [slip["name"] for slip in slips_on(place.client.get(address))] == ["Lò Thị Mận 3"]


def test_code_for_a_lost_password_is_not_among_the_slips(place) -> None:
    user = UserFactory()
    AppointmentFactory(person=user.person, unit=place.unit)
    issue_code(person=user.person, by=place.manager)
    assert slips_on(place.client.get("/manage/slips/print/")) == []


def test_slip_of_somebody_who_rose_is_not_shown(place) -> None:
    person = somebody(place)
    address = make(place)
    RoleGrantFactory(user=User.objects.get(person=person), role="reviewer")
    assert slips_on(place.client.get(address)) == []


def test_slips_of_others_cannot_be_printed_by_their_batch(place) -> None:
    somebody(place)
    address = make(place)
    stranger = Client()
    stranger.force_login(
        RoleGrantFactory(role="centre_manager", centre=CentreFactory(serves=[])).user
    )
    assert slips_on(stranger.get(address)) == []
    officer = Client()
    officer.force_login(RoleGrantFactory(role="unit_officer", unit=place.unit).user)
    assert len(slips_on(officer.get(address))) == 1


def test_slips_for_nobody_are_refused(place) -> None:
    create_account(person=somebody(place), password="mật khẩu dài")
    response = place.client.post("/manage/slips/")
    assert response.status_code == 422
    assert response.context["refusal"] == "Trong số này không có ai cần hoặc được lập phiếu."


def test_more_than_one_print_are_refused_before_anything_is_made(place, monkeypatch) -> None:
    monkeypatch.setattr("lms.web.manage.slips.AT_ONCE", 3)
    monkeypatch.setattr("lms.people.services.activating.AT_ONCE", 3)
    for _ in range(4):
        somebody(place)
    assert place.client.get("/manage/slips/").context["too_many"] is True
    assert place.client.post("/manage/slips/").status_code == 422
    assert (User.objects.exclude(pk=place.manager.pk).count(), ActivationCode.objects.count()) == (
        0,
        0,
    )


def test_too_many_to_print_again_are_refused(place, monkeypatch) -> None:
    for _ in range(4):
        somebody(place)
    make(place)
    monkeypatch.setattr("lms.web.manage.slips.AT_ONCE", 3)
    assert place.client.get("/manage/slips/print/").status_code == 422


def test_queries_do_not_grow_with_slips(place, django_assert_max_num_queries) -> None:
    for n in range(3):
        somebody(place, f"Lò Thị Mận {n}")
    make(place)
    place.client.get("/manage/slips/print/")
    with django_assert_max_num_queries(14):
        place.client.get("/manage/slips/print/")
    for n in range(30):
        somebody(place, f"Hà Văn {n}")
    make(place)
    with django_assert_max_num_queries(14):
        assert len(slips_on(place.client.get("/manage/slips/print/"))) == 33


def test_slips_outlive_a_change_of_the_secret_key(place, settings) -> None:
    somebody(place)
    address = make(place)
    (before,) = slips_on(place.client.get(address))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key"
    place.client.force_login(place.manager)
    (after,) = slips_on(place.client.get(address))
    assert after["code"] == before["code"]
    settings.SECRET_KEY_FALLBACKS = []
    place.client.force_login(place.manager)
    assert slips_on(place.client.get(address)) == []


def test_slips_last_as_long_as_the_operator_says(place, settings) -> None:
    settings.LMS_SLIP_DAYS = 30
    somebody(place)
    make(place)
    code = ActivationCode.objects.get()
    assert code.expires_at - code.issued_at == dt.timedelta(days=30)
