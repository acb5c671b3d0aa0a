"""Two rows of one person, and who may merge them."""

from __future__ import annotations

import pytest

from lms.learning.tests.two_rows import (
    AUGUST,
    person,
)
from lms.people.models import Person, Unit, User
from lms.people.services.roles import grant_role
from lms.people.tests.factories import (
    CentreFactory,
    UnitFactory,
    UserFactory,
)
from modules.content.models import CoursePage
from modules.content.tests.factories import make_course


@pytest.fixture
def unit() -> Unit:
    return UnitFactory(name="Xã Suối Vân")


@pytest.fixture
def manager(unit: Unit) -> User:
    user = UserFactory()
    grant_role(user=user, role="centre_manager", centre=CentreFactory(serves=[unit]))
    return user


@pytest.fixture
def admin() -> User:
    user = UserFactory()
    grant_role(user=user, role="administrator")
    return user


@pytest.fixture
def course() -> CoursePage:
    return make_course(modules=1, lessons=3)


@pytest.fixture
def kept(unit: Unit) -> Person:
    return person(unit, "Nguyễn Thị Hòa")


@pytest.fixture
def merged(unit: Unit) -> Person:
    return person(unit, "Nguyễn Thị Hoà", valid_from=AUGUST)
