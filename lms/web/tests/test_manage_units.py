"""The pages about units: as on a day, history, changes tried and made."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lms.people.models import (
    Appointment,
    Role,
    Unit,
    UnitSuccession,
    User,
)
from lms.people.services.roles import grant_role
from lms.people.services.units import succeed
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    UnitFactory,
    UnitKindFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MAY, JULY = dt.date(2025, 5, 1), dt.date(2025, 7, 1)


def account(client: Client, role: str, **reach: Any) -> User:
    user = UserFactory(person__full_name="Trần Văn Quản")
    grant_role(user=user, role=role, **reach)
    client.force_login(user)
    return user


@pytest.fixture
def province() -> Unit:
    return UnitFactory(name="Tỉnh Lam Sơn Hạ", code="T")


@pytest.fixture
def communes(province: Unit) -> list[Unit]:
    return [
        UnitFactory(name=f"Xã {name}", code=code, parent=Unit.objects.get(pk=province.pk))
        for name, code in (("Suối Vân", "SV"), ("Đầm Sậy", "DS"), ("Núi Lam", "NL"))
    ]


@pytest.fixture
def admin(client: Client) -> User:
    return account(client, "administrator")


def names(client: Client, query: str = "") -> list[str]:
    return [each["unit"].name for each in client.get(f"/manage/units/{query}").context["units"]]


def change_url(unit: Unit, name: str) -> str:
    return reverse("web:manage-unit-change", args=[unit.uuid, name])


def stored() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Unit, Appointment)] + [
        UnitSuccession.objects.count()
    ]


# --- the tree and a unit -------------------------------------------------------------------------


def test_tree_is_as_it_was_on_the_day(client: Client, admin: User, communes: list[Unit]) -> None:
    AppointmentFactory(unit=communes[0], valid_from=MAY)
    succeed(
        predecessors=communes[:2],
        successors=[UnitFactory(name="Xã Lớn", valid_from=JULY)],
        on=JULY,
        kind="merge",
    )
    assert names(client) == ["Tỉnh Lam Sơn Hạ", "Xã Núi Lam", "Xã Lớn"]
    june = client.get("/manage/units/?on=30/06/2025").context["units"]
    assert [(each["unit"].name, each["own"], each["with_below"]) for each in june] == [
        ("Tỉnh Lam Sơn Hạ", 0, 1),
        ("Xã Suối Vân", 1, 1),
        ("Xã Đầm Sậy", 0, 0),
        ("Xã Núi Lam", 0, 0),
    ]
    assert names(client, "?q=nui+lam") == ["Xã Núi Lam"]
    assert client.get("/manage/units/?on=hôm+kia").status_code == 422


def test_manager_sees_own_units_and_what_they_came_from(
    client: Client, communes: list[Unit]
) -> None:
    centre = CentreFactory(serves=[communes[0]])
    new = UnitFactory(name="Xã Lớn", valid_from=JULY)
    person = AppointmentFactory(unit=communes[0], valid_from=MAY).person
    gone = AppointmentFactory(unit=communes[0], valid_from=MAY, valid_to=dt.date(2025, 6, 2))
    succeed(predecessors=communes[:2], successors=[new], on=JULY, kind="merge")
    account(client, "centre_manager", centre=centre)
    assert names(client) == ["Xã Lớn"]
    assert names(client, "?on=01/06/2025") == ["Xã Suối Vân", "Xã Đầm Sậy"]
    page = client.get(f"/manage/units/{communes[0].uuid}/?on=01/06/2025")
    assert [post.person for post in page.context["posts"]] == [person]
    assert gone.person not in [post.person for post in page.context["posts"]]
    assert (page.context["count"].own, page.context["actions"]) == (2, [])
    assert [row["after"].name for row in page.context["after"]] == ["Xã Lớn"]
    assert client.get(f"/manage/units/{communes[2].uuid}/").status_code == 404
    assert client.get(change_url(new, "end")).status_code == 403


def test_page_of_a_unit_that_ended_shows_its_last_day(
    client: Client, admin: User, communes: list[Unit]
) -> None:
    post = AppointmentFactory(unit=communes[0], valid_from=MAY)
    succeed(predecessors=communes[:1], successors=communes[1:2], on=JULY, kind="merge")
    page = client.get(f"/manage/units/{communes[0].uuid}/")
    assert (page.context["on"], page.context["actions"]) == (dt.date(2025, 6, 30), [])
    assert [each.person for each in page.context["posts"]] == [post.person]
    later = client.get(f"/manage/units/{communes[0].uuid}/?on=01/08/2025")
    assert (later.context["stands"], later.context["posts"]) == (False, [])


@pytest.mark.parametrize("role", list(Role))
def test_pages_by_role(client: Client, communes: list[Unit], role: str) -> None:
    reach: dict[str, Any] = {}
    if role == Role.CENTRE_MANAGER:
        reach["centre"] = CentreFactory(serves=[communes[0]])
    if role in (Role.UNIT_OFFICER, Role.OBSERVER):
        reach["unit"] = communes[0]
    account(client, role, **reach)
    sees = role in (Role.CENTRE_MANAGER, Role.ADMINISTRATOR)
    for url in ("/manage/units/", f"/manage/units/{communes[0].uuid}/"):
        assert client.get(url).status_code == (200 if sees else 403)
    for url in ("/manage/units/new/", change_url(communes[0], "merge")):
        assert client.get(url).status_code == (200 if role == Role.ADMINISTRATOR else 403)
        sent = client.post(url, {"step": "commit"})
        assert sent.status_code == (422 if role == Role.ADMINISTRATOR else 403)


def test_queries_do_not_grow(
    client: Client,
    admin: User,
    province: Unit,
    communes: list[Unit],
    django_assert_max_num_queries: Any,
) -> None:
    urls = ("/manage/units/", f"/manage/units/{province.uuid}/", change_url(communes[0], "merge"))
    for _ in range(2):
        for url in urls:
            client.get(url)
            with django_assert_max_num_queries(16):
                client.get(url)
        for n in range(8):
            unit = UnitFactory(name=f"Xã {n}", parent=Unit.objects.get(pk=province.pk))
            AppointmentFactory(unit=unit)


# --- changes -------------------------------------------------------------------------------------


def try_and_make(client: Client, url: str, data: dict[str, Any], **more: Any) -> Any:
    """Preview, which changes nothing, then commit; gives the preview."""
    before = stored()
    preview = client.post(url, {**data, "step": "preview"})
    assert preview.status_code == 200, preview.context["form"].errors
    assert stored() == before
    sent = dict.fromkeys(name for name, _ in preview.context["sent"])
    assert set(sent) == {name for name in data if data[name] not in ("", [])} | {
        name for name in data if data[name] == ""
    }
    done = client.post(url, {**data, **more, "step": "commit"})
    assert done.status_code == 302
    return preview


def test_add_below(client: Client, admin: User, province: Unit) -> None:
    page = client.get(f"/manage/units/new/?parent={province.uuid}")
    assert [each["picked"] for each in page.context["offered"]] == [True]
    data = {
        "name": "Xã Mới",
        "kind": UnitKindFactory().code,
        "code": "XM",
        "short_name": "",
        "on": "01/07/2025",
        "parent": str(province.uuid),
    }
    try_and_make(client, "/manage/units/new/", data)
    made = Unit.objects.get(code="XM")
    assert (made.get_parent(), made.valid_from) == (province, JULY)
    again = client.post("/manage/units/new/", {**data, "step": "commit"})
    assert (again.status_code, Unit.objects.filter(code="XM").count()) == (422, 1)
    assert (
        client.post("/manage/units/new/", {**data, "top": "on", "step": "commit"}).status_code
        == 422
    )


def test_rename(client: Client, admin: User, communes: list[Unit]) -> None:
    AppointmentFactory(unit=communes[0], valid_from=MAY)
    officer = UserFactory(person__full_name="Cầm Văn")
    grant_role(user=officer, role="unit_officer", unit=communes[0])
    page = client.get(change_url(communes[0], "rename"))
    assert page.context["form"]["name"].value() == "Xã Suối Vân"
    data = {
        "name": "Phường Suối Vân",
        "short_name": "",
        "kind": communes[0].kind.code,
        "code": "SV",
        "on": "01/07/2025",
    }
    preview = try_and_make(client, change_url(communes[0], "rename"), data)
    takes = preview.context["takes"]
    assert (takes.people, takes.officers, preview.context["keeps_roles"]) == (1, ["Cầm Văn"], True)
    assert Unit.objects.get(code="SV", valid_to=None).name == "Phường Suối Vân"


def test_move(client: Client, admin: User, communes: list[Unit]) -> None:
    url = change_url(communes[0], "move")
    data = {"on": "01/07/2025", "parent": str(communes[1].uuid)}
    try_and_make(client, url, data)
    assert Unit.objects.get(code="SV", valid_to=None).get_parent() == communes[1]


def test_merge_into_a_new_unit(client: Client, admin: User, communes: list[Unit]) -> None:
    url = change_url(communes[0], "merge")
    offered = client.get(url).context["offered"]
    assert [each["name"] for each in offered] == ["Xã Đầm Sậy", "Xã Núi Lam"]
    data = {
        "on": "01/07/2025",
        "others": [str(communes[1].uuid)],
        "into": "",
        "name": "Xã Lớn",
        "short_name": "",
        "code": "XL",
        "kind": communes[0].kind.code,
    }
    found = client.post(url, {**data, "q": "núi", "step": "find"})
    assert (found.status_code, stored()[2]) == (200, 0)
    assert [(each["name"], each["picked"]) for each in found.context["offered"]] == [
        ("Xã Đầm Sậy", True),
        ("Xã Núi Lam", False),
    ]
    try_and_make(client, url, data)
    assert set(Unit.objects.get(code="XL").predecessors.all()) == set(communes[:2])


def test_merge_into_one_that_stands(client: Client, admin: User, communes: list[Unit]) -> None:
    url = change_url(communes[0], "merge")
    data = {
        "on": "01/07/2025",
        "others": [str(communes[1].uuid)],
        "into": str(communes[1].uuid),
        "name": "",
        "short_name": "",
        "code": "",
        "kind": "",
    }
    try_and_make(client, url, data)
    assert [Unit.objects.get(pk=each.pk).valid_to for each in communes[:2]] == [JULY, None]


@pytest.mark.parametrize("into", ["itself", "part"])
def test_merge_into_itself_or_its_part_is_refused_in_words(
    client: Client, admin: User, communes: list[Unit], into: str
) -> None:
    part = UnitFactory(name="Chi bộ 1", parent=Unit.objects.get(pk=communes[0].pk))
    target = communes[0] if into == "itself" else part
    others = [str(target.uuid)]
    data = {"on": "01/07/2025", "others": others, "into": str(target.uuid), "step": "commit"}
    before = stored()
    refused = client.post(change_url(communes[0], "merge"), data)
    assert (refused.status_code, stored()) == (422, before)
    assert len(refused.context["form"].non_field_errors()) == 1


def test_split_asks_who_goes_where(client: Client, admin: User, communes: list[Unit]) -> None:
    url = change_url(communes[0], "split")
    posts = [AppointmentFactory(unit=communes[0], valid_from=MAY) for _ in range(2)]
    part = UnitFactory(name="Chi bộ 1", parent=Unit.objects.get(pk=communes[0].pk))
    assert client.get(url).context["form"]["code_0"].value() == "SV"
    data = {
        "on": "01/07/2025",
        "name_0": "Xã Đông",
        "code_0": "SV",
        "name_1": "Xã Tây",
        "code_1": "ST",
    }
    preview = try_and_make(
        client, url, data, **{f"post-{posts[1].pk}": "1", f"unit-{part.pk}": "1", "post-x": "1"}
    )
    assert {post.pk for post in preview.context["takes"].posts} == {post.pk for post in posts}
    assert preview.context["takes"].children == [part]
    east, west = Unit.objects.get(code="SV", valid_to=None), Unit.objects.get(code="ST")
    now = Appointment.objects.at(JULY)
    assert [now.get(person=post.person).unit for post in posts] == [east, west]
    assert Unit.objects.get(name="Chi bộ 1", valid_to=None).get_parent() == west


def test_end_and_dates_before_the_beginning(
    client: Client, admin: User, communes: list[Unit]
) -> None:
    url = change_url(communes[0], "end")
    Unit.objects.filter(pk=communes[0].pk).update(valid_from=JULY)
    early = client.post(url, {"on": "01/07/2025", "step": "preview"})
    assert (early.status_code, len(early.context["form"].non_field_errors())) == (422, 1)
    assert client.post(url, {"on": "32/07/2025", "step": "commit"}).status_code == 422
    try_and_make(client, url, {"on": "01/08/2025"})
    assert Unit.objects.get(pk=communes[0].pk).valid_to == dt.date(2025, 8, 1)
    assert client.get(change_url(communes[0], "unknown")).status_code == 404
