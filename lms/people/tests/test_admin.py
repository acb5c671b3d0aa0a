"""The screens under "People" and "Users" in the Wagtail admin."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lms.people.models import Appointment, Person, RecordAccess, Role, RoleGrant, Unit, User
from lms.people.services.roles import grant_role
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    PositionFactory,
    UnitFactory,
    UnitKindFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

SCREENS = [
    "person",
    "appointment",
    "unit",
    "trainingcentre",
    "centreservice",
    "position",
    "unitkind",
    "rolegrant",
]


@pytest.fixture
def place() -> SimpleNamespace:
    """A centre that serves one of two communes; a person in each."""
    served, other = UnitFactory(name="Xã Suối Vân"), UnitFactory(name="Xã Núi Lam")
    centre = CentreFactory(serves=[served])
    return SimpleNamespace(
        served=served,
        other=other,
        centre=centre,
        near=AppointmentFactory(unit=served, person__full_name="Lò Thị Gần").person,
        far=AppointmentFactory(unit=other, person__full_name="Lò Văn Xa").person,
        position=PositionFactory(code="deputy", name="Phó bí thư"),
    )


def client_of(role: str, **reach: object) -> Client:
    user = UserFactory()
    grant_role(user=user, role=role, **reach)
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def manager(place: SimpleNamespace) -> Client:
    return client_of("centre_manager", centre=place.centre)


@pytest.fixture
def admin() -> Client:
    return client_of("administrator")


def rows(client: Client, screen: str, query: str = "") -> list[object]:
    response = client.get(reverse(f"{screen}:index") + query)
    assert response.status_code == 200
    return list(response.context["object_list"])


def form_errors(response: object) -> dict[str, list[str]]:
    return {name: list(found) for name, found in response.context["form"].errors.items()}


# --- who gets in ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        ("learner", set()),
        ("observer", set()),
        ("instructor", set()),
        ("reviewer", set()),
        ("centre_manager", {"person", "appointment", "unit"}),
        ("administrator", set(SCREENS)),
    ],
)
def test_screens_open_to_roles(place: SimpleNamespace, role: str, opens: set[str]) -> None:
    reach = {"centre": place.centre} if role == "centre_manager" else {}
    client = client_of(role, **reach)
    found = {name for name in SCREENS if client.get(reverse(f"{name}:index")).status_code == 200}
    assert found == opens


@pytest.mark.parametrize(("role", "status"), [("centre_manager", 302), ("administrator", 200)])
def test_accounts_are_the_administrators(place: SimpleNamespace, role: str, status: int) -> None:
    reach = {"centre": place.centre} if role == "centre_manager" else {}
    client = client_of(role, **reach)
    assert client.get(reverse("wagtailusers_users:index")).status_code == status


@pytest.mark.parametrize("people", [1, 3])
@pytest.mark.parametrize(
    ("screen", "queries"),
    [
        ("person:index", 13),
        ("appointment:index", 13),
        ("unit:index", 13),
        ("rolegrant:index", 13),
        ("wagtailusers_users:index", 13),
    ],
)
def test_lists_cost_the_same_however_long(
    admin: Client,
    place: SimpleNamespace,
    people: int,
    screen: str,
    queries: int,
    django_assert_max_num_queries,
) -> None:
    for _ in range(people):
        post = AppointmentFactory(unit=place.served)
        grant_role(user=UserFactory(person=post.person), role="unit_officer", unit=place.served)
    admin.get(reverse(screen))
    with django_assert_max_num_queries(queries):
        assert admin.get(reverse(screen)).status_code == 200


# --- persons and posts ------------------------------------------------------------------------


def test_manager_sees_people_of_own_cluster_only(manager: Client, place: SimpleNamespace) -> None:
    assert rows(manager, "person") == sorted(
        [place.near, manager.user.person], key=lambda person: person.sort_key
    )
    assert [post.person for post in rows(manager, "appointment")] == [place.near]
    assert rows(manager, "unit") == [place.served]


def test_people_are_found_without_marks(admin: Client, place: SimpleNamespace) -> None:
    assert rows(admin, "person", "?q=lo gan") == [place.near]
    assert [post.person for post in rows(admin, "appointment", "?q=lo")] != []


@pytest.mark.parametrize("screen", ["edit", "history", "usage"])
def test_manager_cannot_open_people_of_others(
    manager: Client, place: SimpleNamespace, screen: str
) -> None:
    near = reverse(f"person:{screen}", args=[place.near.pk])
    far = reverse(f"person:{screen}", args=[place.far.pk])
    assert [manager.get(near).status_code, manager.get(far).status_code] == [200, 404]


def test_manager_cannot_change_or_remove_people_of_others(
    manager: Client, place: SimpleNamespace
) -> None:
    edit = reverse("person:edit", args=[place.far.pk])
    assert manager.post(edit, {"full_name": "Đổi tên"}).status_code == 404
    manager.post(reverse("person:delete", args=[place.near.pk]))
    assert Person.objects.get(pk=place.far.pk).full_name == "Lò Văn Xa"
    assert Person.objects.filter(pk=place.near.pk).exists()


def new_person(place: SimpleNamespace, **other: object) -> dict[str, object]:
    return {
        "full_name": "Vàng Thị Mới",
        "position": place.position.pk,
        "unit": place.served.pk,
        "valid_from": "2025-07-01",
        **other,
    }


def test_manager_adds_a_person_with_a_post(manager: Client, place: SimpleNamespace) -> None:
    response = manager.post(reverse("person:add"), new_person(place, phone="0912 345 678"))
    assert response.status_code == 302
    post = Appointment.objects.get(person__full_name="Vàng Thị Mới")
    assert (post.unit, post.position, post.is_main) == (place.served, place.position, True)
    assert post.person.phone == "+84912345678"
    assert post.person in rows(manager, "person")


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({"unit": "other"}, ["unit"]),
        ({"unit": ""}, ["unit"]),
        ({"position": ""}, ["position"]),
        ({"position": "", "unit": "", "valid_from": ""}, ["position", "unit", "valid_from"]),
    ],
)
def test_manager_adds_nobody_outside_own_cluster(
    manager: Client, place: SimpleNamespace, data: dict[str, str], fields: list[str]
) -> None:
    if data.get("unit") == "other":
        data = {"unit": place.other.pk}
    response = manager.post(reverse("person:add"), new_person(place, **data))
    assert list(form_errors(response)) == fields
    assert Person.objects.filter(full_name="Vàng Thị Mới").exists() is False


def test_administrator_adds_a_person_without_a_post(admin: Client, place: SimpleNamespace) -> None:
    admin.post(reverse("person:add"), {"full_name": "Vàng Thị Mới"})
    assert Person.objects.get(full_name="Vàng Thị Mới").appointments.count() == 0


def test_administrator_names_a_post_whole_or_not_at_all(
    admin: Client, place: SimpleNamespace
) -> None:
    response = admin.post(reverse("person:add"), new_person(place, unit=""))
    assert form_errors(response) == {"unit": ["Cần chọn cả chức danh và đơn vị."]}


def test_manager_changes_a_name(manager: Client, place: SimpleNamespace) -> None:
    manager.post(reverse("person:edit", args=[place.near.pk]), {"full_name": "Lò Thị Gần Hơn"})
    assert Person.objects.get(pk=place.near.pk).sort_key != place.near.sort_key


def noted() -> list[tuple[object, ...]]:
    return list(RecordAccess.objects.order_by("pk").values_list("person", "by", "act", "subject"))


def test_change_in_the_admin_is_noted_where_the_person_sees_it(
    admin: Client, place: SimpleNamespace
) -> None:
    near, far = place.near.pk, place.far.pk
    admin.post(reverse("person:edit", args=[near]), {"full_name": ""})
    assert noted() == []
    admin.post(reverse("person:edit", args=[near]), {"full_name": "Lò Thị Gần Hơn"})
    post = {"position": place.position.pk, "unit": place.served.pk, "valid_from": "2026-01-01"}
    admin.post(reverse("appointment:add"), {**post, "person": near})
    held = Appointment.objects.get(position=place.position)
    admin.post(reverse("appointment:edit", args=[held.pk]), {**post, "person": far})
    admin.post(reverse("appointment:delete", args=[held.pk]))
    assert Appointment.objects.filter(pk=held.pk).exists() is False
    account = UserFactory(person=place.near)
    data = {"username": account.username, "person": near, "is_active": "on"}
    admin.post(reverse("wagtailusers_users:edit", args=[account.pk]), data)
    subjects = [(near, "details"), (near, "post"), (near, "post"), (far, "post"), (far, "post")]
    subjects.append((near, "account"))
    assert noted() == [(person, admin.user.pk, "changed", subject) for person, subject in subjects]


def test_change_of_oneself_in_the_admin_is_not_noted(admin: Client) -> None:
    own = reverse("person:edit", args=[admin.user.person_id])
    assert admin.post(own, {"full_name": "Vàng Thị Mới"}).status_code == 302
    assert Person.objects.get(pk=admin.user.person_id).full_name == "Vàng Thị Mới"
    assert noted() == []


def test_new_main_post_ends_the_one_before(manager: Client, place: SimpleNamespace) -> None:
    response = manager.post(
        reverse("appointment:add"),
        {
            "person": place.near.pk,
            "position": place.position.pk,
            "unit": place.served.pk,
            "valid_from": "2026-01-01",
            "is_main": "on",
        },
    )
    assert response.status_code == 302
    ends = Appointment.objects.filter(person=place.near).order_by("valid_from")
    assert [post.valid_to for post in ends] == [dt.date(2026, 1, 1), None]


def test_post_refused_by_the_domain_says_why(manager: Client, place: SimpleNamespace) -> None:
    response = manager.post(
        reverse("appointment:add"),
        {
            "person": place.near.pk,
            "position": place.position.pk,
            "unit": place.served.pk,
            "valid_from": "2020-01-01",
            "is_main": "on",
        },
    )
    assert form_errors(response) == {
        "__all__": ["Lò Thị Gần đã nhận chức danh chính khác sau ngày đó."]
    }
    assert Appointment.objects.filter(person=place.near).count() == 1


def test_manager_cannot_appoint_people_of_others(manager: Client, place: SimpleNamespace) -> None:
    response = manager.post(
        reverse("appointment:add"),
        {
            "person": place.far.pk,
            "position": place.position.pk,
            "unit": place.served.pk,
            "valid_from": "2026-01-01",
        },
    )
    assert list(form_errors(response)) == ["person"]


def test_chooser_offers_people_in_reach_only(manager: Client, place: SimpleNamespace) -> None:
    address = reverse("person_chooser:choose_results")
    assert place.near in manager.get(address).context["results"].object_list
    assert list(manager.get(address, {"q": "gan"}).context["results"]) == [place.near]
    assert list(manager.get(address, {"q": "xa"}).context["results"]) == []
    chosen = [
        manager.get(reverse("person_chooser:chosen", args=[person.pk])).status_code
        for person in (place.near, place.far)
    ]
    assert chosen == [200, 404]


def test_account_chooser_is_empty_for_managers(manager: Client, admin: Client) -> None:
    address = reverse("account_chooser:choose_results")
    assert list(manager.get(address).context["results"]) == []
    assert set(admin.get(address).context["results"]) == {manager.user, admin.user}
    one = reverse("account_chooser:chosen", args=[admin.user.pk])
    assert [manager.get(one).status_code, admin.get(one).status_code] == [404, 200]


# --- units ------------------------------------------------------------------------------------


def test_administrator_adds_a_unit_below_another(admin: Client, place: SimpleNamespace) -> None:
    data = {"name": "Chi bộ 1", "kind": UnitKindFactory().pk, "parent": place.served.pk}
    assert admin.post(reverse("unit:add"), data).status_code == 302
    unit = Unit.objects.get(name="Chi bộ 1")
    assert list(Unit.objects.within(place.served)) == [place.served, unit]


def test_units_and_grants_cannot_be_removed(admin: Client, place: SimpleNamespace) -> None:
    grant = RoleGrant.objects.get(user=admin.user)
    unit, role = (
        f"/admin/unit/delete/{place.other.pk}/",
        f"/admin/rolegrant/delete/{grant.pk}/",
    )
    assert [admin.post(address).status_code for address in (unit, role)] == [404, 404]
    assert admin.get(reverse("unit:edit", args=[place.other.pk])).status_code == 200


# --- roles ------------------------------------------------------------------------------------


def test_administrator_grants_and_ends_a_role(admin: Client, place: SimpleNamespace) -> None:
    user = UserFactory()
    response = admin.post(
        reverse("rolegrant:add"),
        {
            "user": user.pk,
            "role": "centre_manager",
            "centre": place.centre.pk,
            "valid_from": timezone.localdate().isoformat(),
        },
    )
    assert response.status_code == 302
    grant = RoleGrant.objects.get(user=user)
    assert grant.granted_by == admin.user
    assert [group.name for group in user.groups.all()] == ["centre_manager"]
    edit = reverse("rolegrant:edit", args=[grant.pk])
    assert admin.get(edit).status_code == 200
    admin.post(edit, {"valid_to": timezone.localdate().isoformat()})
    assert list(user.groups.all()) == []
    assert RoleGrant.objects.get(user=user).valid_to == timezone.localdate()


def test_administrator_cannot_grant_oneself(admin: Client) -> None:
    response = admin.post(
        reverse("rolegrant:add"),
        {"user": admin.user.pk, "role": "reviewer", "valid_from": "2025-07-01"},
    )
    assert form_errors(response) == {
        "__all__": ["Không ai được tự thay đổi vai trò của mình. Hãy nhờ quản trị viên khác."]
    }
    assert RoleGrant.objects.filter(user=admin.user).count() == 1


def test_grant_without_its_reach_says_why(admin: Client) -> None:
    response = admin.post(
        reverse("rolegrant:add"),
        {"user": UserFactory().pk, "role": "unit_officer", "valid_from": "2025-07-01"},
    )
    assert form_errors(response) == {
        "__all__": ["Đầu mối đơn vị cần có đơn vị và không gắn với trung tâm."]
    }


def test_manager_cannot_grant_roles(manager: Client) -> None:
    data = {"user": UserFactory().pk, "role": "reviewer", "valid_from": "2025-07-01"}
    assert manager.post(reverse("rolegrant:add"), data).status_code == 302
    assert RoleGrant.objects.filter(role="reviewer").exists() is False


# --- accounts ---------------------------------------------------------------------------------


def test_administrator_adds_an_account(admin: Client) -> None:
    person = PersonFactory()
    data = {
        "username": "Mới.TK",
        "person": person.pk,
        "phone": "0987 654 321",
        "is_active": "on",
        "password1": "nui-cao-bien-rong",
        "password2": "nui-cao-bien-rong",
    }
    add = reverse("wagtailusers_users:add")
    assert admin.get(add).status_code == 200
    assert admin.post(add, data).status_code == 302
    user = User.objects.get(person=person)
    assert (user.username, user.phone) == ("mới.tk", "+84987654321")
    assert [grant.role for grant in user.role_grants.all()] == [Role.LEARNER]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"username": "HOA"}, "username"),
        ({"username": "0912345678"}, "username"),
        ({"phone": "không"}, "phone"),
        ({"phone": "+84 911 111 111"}, "phone"),
        ({"password2": "khác"}, "password2"),
    ],
)
def test_account_with_a_fault_says_which(admin: Client, data: dict[str, str], field: str) -> None:
    UserFactory(username="hoa", phone="0911111111")
    right = {
        "username": "moi",
        "password1": "nui-cao-bien-rong",
        "password2": "nui-cao-bien-rong",
    }
    response = admin.post(reverse("wagtailusers_users:add"), {**right, **data})
    assert list(form_errors(response)) == [field]
    assert User.objects.filter(username="moi").exists() is False


def test_administrator_changes_an_account_and_keeps_password_and_roles(admin: Client) -> None:
    user = UserFactory(phone="0911111111")
    grant_role(user=user, role="reviewer")
    edit = reverse("wagtailusers_users:edit", args=[user.pk])
    assert admin.get(edit).status_code == 200
    data = {"username": user.username, "person": user.person_id, "phone": "", "is_active": "on"}
    assert admin.post(edit, data).status_code == 302
    changed = User.objects.get(pk=user.pk)
    assert (changed.phone, changed.password) == (None, user.password)
    assert [group.name for group in changed.groups.all()] == ["reviewer"]


def test_administrator_cannot_change_a_superuser(admin: Client) -> None:
    root = UserFactory(is_superuser=True)
    edit = reverse("wagtailusers_users:edit", args=[root.pk])
    data = {"username": root.username, "password1": "nui-cao-bien-rong"}
    admin.post(edit, {**data, "password2": data["password1"]})
    assert User.objects.get(pk=root.pk).password == root.password


def test_account_cannot_make_itself_more_than_it_is(admin: Client) -> None:
    edit = reverse("wagtailusers_users:edit", args=[admin.user.pk])
    admin.post(edit, {"username": admin.user.username, "is_superuser": "on", "groups": ["1"]})
    user = User.objects.get(pk=admin.user.pk)
    assert (user.is_superuser, user.is_active) == (False, True)
    assert [group.name for group in user.groups.all()] == ["administrator"]


def test_accounts_are_found_by_name_without_marks(admin: Client) -> None:
    user = UserFactory(person__full_name="Đặng Thị Ánh")
    response = admin.get(reverse("wagtailusers_users:index"), {"q": "dang anh"})
    assert list(response.context["object_list"]) == [user]


def test_own_settings_page_saves_without_names_and_email(manager: Client) -> None:
    address = reverse("wagtailadmin_account")
    assert manager.get(address).status_code == 200
    data = {
        "locale-preferred_language": "en",
        "locale-current_time_zone": "",
        "theme-theme": "system",
        "theme-contrast": "system",
        "theme-density": "default",
        "notifications-submitted_notifications": "on",
    }
    assert manager.post(address, data).status_code == 302
    assert manager.user.wagtail_userprofile.preferred_language == "en"


def test_roles_are_not_assigned_in_bulk(admin: Client) -> None:
    user = UserFactory()
    group = Group.objects.get(name="reviewer")
    response = admin.post(f"/admin/bulk/people/user/assign_role/?id={user.pk}", {"role": group.pk})
    assert response.status_code == 404
    assert list(user.groups.all()) == []
