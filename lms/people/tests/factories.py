"""Invented people, units and accounts for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from lms.people.models import (
    Appointment,
    CentreService,
    Person,
    Position,
    RoleGrant,
    TrainingCentre,
    Unit,
    UnitKind,
    User,
)

PASSWORD = "mat-khau-thu-1"


class UnitKindFactory(DjangoModelFactory[UnitKind]):
    class Meta:
        model = UnitKind
        django_get_or_create = ("code",)

    code = "xa"
    name = "Xã"
    name_en = "Commune"


class UnitFactory(DjangoModelFactory[Unit]):
    """A unit; below `parent` when one is given."""

    class Meta:
        model = Unit

    name = factory.Sequence(lambda n: f"Xã Suối Vân {n}")
    kind = factory.SubFactory(UnitKindFactory)

    @classmethod
    def _create(cls, model_class: type[Unit], *args: Any, **kwargs: Any) -> Unit:
        parent = kwargs.pop("parent", None)
        unit = model_class(**kwargs)
        return parent.add_child(instance=unit) if parent else model_class.add_root(instance=unit)


class PositionFactory(DjangoModelFactory[Position]):
    class Meta:
        model = Position
        django_get_or_create = ("code",)

    code = "secretary"
    name = "Bí thư"
    name_en = "Secretary"


class PersonFactory(DjangoModelFactory[Person]):
    class Meta:
        model = Person

    full_name = factory.Sequence(lambda n: f"Nguyễn Thị Hòa {n}")


class UserFactory(DjangoModelFactory[User]):
    """An account with a person and the password PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"hoa{n}")
    person = factory.SubFactory(PersonFactory)

    @factory.post_generation
    def password(self: Any, create: bool, extracted: str | None, **kwargs: Any) -> None:
        self.set_password(extracted or PASSWORD)
        if create:
            self.save()


class AppointmentFactory(DjangoModelFactory[Appointment]):
    class Meta:
        model = Appointment

    person = factory.SubFactory(PersonFactory)
    position = factory.SubFactory(PositionFactory)
    unit = factory.SubFactory(UnitFactory)
    valid_from = dt.date(2025, 7, 1)


class CentreFactory(DjangoModelFactory[TrainingCentre]):
    """A centre; pass `serves=[unit, …]` for the units that it serves."""

    class Meta:
        model = TrainingCentre
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Trung tâm chính trị {n}")

    @factory.post_generation
    def serves(self: Any, create: bool, extracted: list[Unit] | None, **kwargs: Any) -> None:
        for unit in extracted or []:
            CentreService.objects.create(centre=self, unit=unit)


class RoleGrantFactory(DjangoModelFactory[RoleGrant]):
    class Meta:
        model = RoleGrant

    user = factory.SubFactory(UserFactory)
    role = "instructor"
