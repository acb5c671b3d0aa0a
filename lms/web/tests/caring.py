"""A place with units and those who look after its people, for tests of the management pages."""

from __future__ import annotations

from types import SimpleNamespace

from django.test import Client

from lms.people.models import Person, User
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    PositionFactory,
    RoleGrantFactory,
    UnitFactory,
)

CARERS = ("unit_officer", "centre_manager", "administrator")
OTHERS = ("learner", "instructor", "reviewer", "observer")


def make_place() -> SimpleNamespace:
    """A province; in it a commune with a cell, and a commune of another centre."""
    province = UnitFactory(name="Tỉnh Vân Sơn")
    commune = UnitFactory(name="Xã Suối Vân", parent=province)
    cell = UnitFactory(name="Chi bộ thôn Một", parent=commune)
    other = UnitFactory(name="Xã Đầm Sậy", parent=province)
    centre = CentreFactory(serves=[commune])
    return SimpleNamespace(
        province=province, commune=commune, cell=cell, other=other, centre=centre
    )


def hand(place: SimpleNamespace, role: str) -> User:
    grant = {
        "unit_officer": {"unit": place.commune},
        "centre_manager": {"centre": place.centre},
    }
    return RoleGrantFactory(role=role, **grant.get(role, {})).user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def somebody(unit, name: str = "Lò Thị Mận", position: str = "secretary", **more: object) -> Person:
    person = PersonFactory(full_name=name, **more)
    AppointmentFactory(person=person, unit=unit, position=PositionFactory(code=position))
    return person


def page_of(person: Person, part: str = "") -> str:
    return f"/manage/people/{person.uuid}/{part}"
