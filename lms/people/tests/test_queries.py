from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser

from lms.people.api import current_post, current_posts, person_of, serves_person
from lms.people.models import CentreService
from lms.people.queries import predecessors_of
from lms.people.services.units import succeed
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    PositionFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

JUNE, JULY, AUGUST = dt.date(2025, 6, 1), dt.date(2025, 7, 1), dt.date(2025, 8, 1)


def test_current_post_follows_the_date() -> None:
    deputy = AppointmentFactory(
        position=PositionFactory(code="deputy", name="Phó bí thư"), valid_from=JUNE, valid_to=JULY
    )
    secretary = AppointmentFactory(person=deputy.person, valid_from=JULY)
    days = [JUNE - dt.timedelta(1), JUNE, JULY - dt.timedelta(1), JULY, AUGUST]
    assert [current_post(deputy.person, day) for day in days] == [
        None,
        deputy,
        deputy,
        secretary,
        secretary,
    ]


def test_current_post_is_the_main_one_else_the_highest() -> None:
    low = AppointmentFactory(
        position=PositionFactory(code="member", name="Ủy viên", rank=90), is_main=False
    )
    high = AppointmentFactory(
        person=low.person,
        position=PositionFactory(code="deputy", name="Phó bí thư", rank=20),
        is_main=False,
    )
    assert current_post(low.person, AUGUST) == high
    main = AppointmentFactory(
        person=low.person, position=PositionFactory(code="clerk", name="Văn phòng", rank=99)
    )
    assert current_post(low.person, AUGUST) == main


def test_current_posts_of_many_cost_one_query(django_assert_num_queries) -> None:
    posts = [AppointmentFactory() for _ in range(3)]
    ids = [post.person_id for post in posts] + [PersonFactory().pk]
    with django_assert_num_queries(1):
        found = current_posts(ids, AUGUST)
        assert {pk: (post.unit.name, post.position.name) for pk, post in found.items()} == {
            post.person_id: (post.unit.name, "Bí thư") for post in posts
        }


def test_serves_person_in_units_below_while_it_serves() -> None:
    commune = UnitFactory()
    post = AppointmentFactory(unit=UnitFactory(parent=commune), valid_from=JUNE)
    centre, other = CentreFactory(), CentreFactory()
    CentreService.objects.create(centre=centre, unit=commune, valid_from=JULY)
    assert [serves_person(centre.pk, post.person, day) for day in (JUNE, JULY)] == [False, True]
    assert serves_person(other.pk, post.person, JULY) is False


def test_person_of_accounts() -> None:
    user = UserFactory()
    assert person_of(user) == user.person
    assert person_of(UserFactory(person=None)) is None
    assert person_of(AnonymousUser()) is None


def test_predecessors_of_go_all_the_way_back() -> None:
    first, second, third, last = (UnitFactory() for _ in range(4))
    succeed(predecessors=[first, second], successors=[third], on=JUNE, kind="merge")
    succeed(predecessors=[third], successors=[last], on=JULY, kind="rename")
    assert predecessors_of([last.pk]) == {first.pk, second.pk, third.pk}
    assert predecessors_of([third.pk]) == {first.pk, second.pk}
    assert predecessors_of([first.pk]) == set()
