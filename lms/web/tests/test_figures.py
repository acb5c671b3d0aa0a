"""Kept SQL of the desk gives what a fresh query gives, also after rights have changed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Count, Q
from django.utils import timezone
from wagtail.models import GroupPagePermission, TaskState

from lms.people.models import Person, User
from lms.people.rights import rights_of
from lms.people.services.roles import grant_role
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)
from lms.web.manage.desks import _attention, _care
from lms.web.manage.figures import sums
from lms.web.manage.reviews import reviews_waiting
from modules.content.attention import lessons_for
from modules.content.models import LessonPage
from modules.content.services.site import ensure_site
from modules.content.tests.factories import make_course

pytestmark = pytest.mark.django_db


def again(user: User) -> User:
    """The account as the next request finds it."""
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("names", [(), ("Lan",), ("Lan", "Lan", "Minh")])
def test_sums_are_those_of_aggregate(names: tuple[str, ...]) -> None:
    Person.objects.bulk_create(Person(full_name=name) for name in names)
    asked = {"people": Count("pk"), "lan": Count("pk", filter=Q(full_name="Lan"))}
    rows = Person.objects.order_by("full_name")
    assert sums(rows, **asked).get() == tuple(rows.aggregate(**asked).values())


def test_another_unit_in_the_care_of_the_centre_makes_other_figures() -> None:
    first, second = UnitFactory(), UnitFactory()
    AppointmentFactory(unit=first)
    AppointmentFactory(unit=second)
    centre = CentreFactory(serves=[first])
    user = RoleGrantFactory(role="centre_manager", centre=centre).user
    assert _care(user, rights_of(user))[0].people == 1
    AppointmentFactory(unit=first)
    assert _care(again(user), rights_of(again(user)))[0].people == 2
    grant_role(user=user, role="centre_manager", centre=CentreFactory(serves=[second]))
    assert _care(again(user), rights_of(again(user)))[0].people == 3


def test_page_permissions_that_were_taken_back_count_no_more() -> None:
    ensure_site()
    make_course(modules=1, lessons=2)
    LessonPage.objects.update(review_by=timezone.localdate() - dt.timedelta(days=1))
    user = UserFactory()
    grant_role(user=user, role="instructor")
    rights = rights_of(user)
    assert _attention(user, rights) == lessons_for(again(user), rights.on).count() == 2
    GroupPagePermission.objects.all().delete()
    assert _attention(again(user), rights) == lessons_for(again(user), rights.on).count() == 0


def test_reviews_that_wait_are_those_of_wagtail() -> None:
    ensure_site()
    make_course(modules=1, lessons=2)
    author, reviewer = UserFactory(), UserFactory()
    grant_role(user=author, role="instructor")
    grant_role(user=reviewer, role="reviewer")
    for user, expected in ((reviewer, 0), (author, 0)):
        assert reviews_waiting(user, rights_of(user)) == expected
    for lesson in LessonPage.objects.all():
        lesson.save_revision(user=author)
        workflow = lesson.get_workflow()
        assert workflow is not None
        workflow.start(lesson, author)
    for user, expected in ((reviewer, 2), (author, 0)):
        assert reviews_waiting(again(user), rights_of(user)) == expected
        assert TaskState.objects.reviewable_by(again(user)).count() == expected
    TaskState.objects.first().task.deactivate()
    assert reviews_waiting(again(reviewer), rights_of(reviewer)) == 0
