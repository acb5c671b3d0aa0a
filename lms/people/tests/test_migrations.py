from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group

from lms.people.roles import Role
from lms.people.services.roles import grant_role
from lms.people.tests.factories import CentreFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_every_role_has_its_group() -> None:
    assert set(Group.objects.filter(name__in=Role.values).values_list("name", flat=True)) == set(
        Role.values
    )


def test_centre_manager_may_work_on_people_and_not_on_roles() -> None:
    user = UserFactory()
    grant_role(user=user, role=Role.CENTRE_MANAGER, centre=CentreFactory())
    may = {
        name
        for name in ("add_person", "delete_person", "add_rolegrant", "change_user", "change_unit")
        if user.has_perm(f"people.{name}")
    }
    assert may == {"add_person"}


def test_permissions_of_roles_can_be_taken_back_and_given_again() -> None:
    step = import_module("lms.people.migrations.0003_role_permissions")
    groups = Group.objects.filter(name="centre_manager", permissions__codename="add_person")
    found = []
    for move in (step.take_back, step.give):
        move(apps, None)
        found.append(groups.exists())
    assert found == [False, True]
