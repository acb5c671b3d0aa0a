"""Golden test 9: a basis that ends today is shown to authors and to readers."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lms.people.services.roles import grant_role
from lms.people.tests.factories import UserFactory
from modules.content.models import LegalReference, ReferenceState
from modules.content.queries import (
    activities_citing_out_of_force,
    attention_of,
    lessons_citing_out_of_force,
    lessons_needing_attention,
)
from modules.content.rendering import render_lesson
from modules.content.services.site import ensure_site
from modules.content.tests.factories import (
    make_activity,
    make_course,
    make_lesson,
    make_reference,
    outline_for,
    registered,
)

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 23)
YESTERDAY = TODAY - dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def plain():
    with registered() as activity_type:
        yield activity_type


@pytest.fixture
def course():
    return make_course(lessons=0)


def editor(role: str = "instructor") -> Client:
    ensure_site()
    user = UserFactory()
    grant_role(user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def test_reference_that_ends_today_flags_every_lesson_that_cites_it(course):
    reference = make_reference(valid_to=TODAY)
    citing = [make_lesson(course, references=[reference]) for _ in range(2)]
    make_lesson(course, references=[make_reference()])
    assert set(lessons_citing_out_of_force(TODAY)) == set(citing)
    assert list(lessons_citing_out_of_force(YESTERDAY)) == []


def test_reference_that_ends_today_flags_activities_and_the_lessons_they_stand_in(course):
    reference = make_reference(valid_to=TODAY)
    activity = make_activity()
    activity.references = [reference]
    activity.save()
    lesson = make_lesson(course, activity)
    make_lesson(course, make_activity())
    assert list(activities_citing_out_of_force(TODAY)) == [activity]
    assert list(lessons_citing_out_of_force(TODAY)) == [lesson]


def test_superseded_reference_flags_its_lessons_too(course):
    reference = make_reference()
    lesson = make_lesson(course, references=[reference])
    reference.superseded_by = make_reference()
    reference.save()
    assert list(lessons_citing_out_of_force(TODAY)) == [lesson]


def test_draft_is_flagged_as_well(course):
    lesson = make_lesson(course, references=[make_reference(valid_to=TODAY)], publish=False)
    assert list(lessons_citing_out_of_force(TODAY)) == [lesson]


def test_readers_are_told_that_the_reference_is_under_review(course):
    lesson = make_lesson(course, references=[make_reference(valid_to=TODAY)])
    assert LegalReference.objects.get().state(TODAY) == ReferenceState.UNDER_REVIEW
    assert LegalReference.objects.get().state(YESTERDAY) == ReferenceState.UNCHECKED
    assert render_lesson(lesson, TODAY).under_review is True
    assert [each["state"] for each in render_lesson(lesson, TODAY).references] == ["review"]
    assert render_lesson(lesson, YESTERDAY).under_review is False


def test_change_of_a_reference_makes_a_new_version_of_the_course(course):
    reference = make_reference()
    make_lesson(course, references=[reference])
    before = outline_for(course).version
    reference.valid_to = TODAY
    reference.save()
    assert outline_for(course).version != before


def test_lesson_whose_review_date_has_passed_needs_attention(course):
    lesson = make_lesson(course, review_by=YESTERDAY)
    make_lesson(course, review_by=TODAY)
    assert list(lessons_needing_attention(TODAY)) == [lesson]


def test_reasons_are_told_for_each_lesson(course):
    gone, other = make_reference(valid_to=TODAY), make_reference(valid_to=TODAY)
    activity = make_activity()
    activity.references = [other]
    activity.save()
    both = make_lesson(course, activity, references=[gone], review_by=YESTERDAY)
    late = make_lesson(course, review_by=YESTERDAY)
    fine = make_lesson(course)
    why = attention_of([both, late, fine], TODAY)
    assert (why[both.pk].references, why[both.pk].overdue_since) == ([gone, other], YESTERDAY)
    assert (why[late.pk].references, why[late.pk].overdue_since) == ([], YESTERDAY)
    assert fine.pk not in why


@pytest.mark.parametrize("count", [1, 3])
def test_reasons_take_three_queries_however_many_lessons(course, count, django_assert_num_queries):
    reference = make_reference(valid_to=TODAY)
    lessons = [make_lesson(course, references=[reference]) for _ in range(count)]
    with django_assert_num_queries(3):
        assert len(attention_of(lessons, TODAY)) == count


def test_home_of_the_admin_lists_what_needs_attention(course):
    make_lesson(course, title="Bài cũ", references=[make_reference(valid_to=dt.date(2020, 1, 1))])
    html = editor().get(reverse("wagtailadmin_home")).content.decode()
    assert "needs-attention" in html
    assert "Bài cũ" in html


def test_home_of_the_admin_is_silent_when_all_is_well(course):
    make_lesson(course)
    assert "needs-attention" not in editor().get(reverse("wagtailadmin_home")).content.decode()


def test_report_lists_the_lessons_with_their_reasons(course):
    reference = make_reference(valid_to=dt.date(2020, 1, 1), number="7/2007/PL")
    make_lesson(course, title="Bài cũ", references=[reference])
    html = editor().get(reverse("content_attention_report")).content.decode()
    assert ("Bài cũ" in html, "7/2007/PL" in html) == (True, True)


def test_report_can_be_taken_as_a_table(course):
    make_lesson(course, title="Bài cũ", code="9.9", review_by=dt.date(2020, 1, 1))
    response = editor().get(reverse("content_attention_report") + "?export=csv")
    body = b"".join(response.streaming_content).decode()
    assert body.splitlines()[1].startswith("9.9,Bài cũ,")


def test_report_is_for_people_who_may_edit(course):
    client = Client()
    client.force_login(UserFactory())
    assert client.get(reverse("content_attention_report")).status_code == 302


@pytest.mark.parametrize(
    ("standing", "codes"),
    [
        ("", ["cu", "hoi", "moi", "nghi"]),
        ("out_of_force", ["cu"]),
        ("unchecked", ["cu", "hoi", "nghi"]),
        ("doubtful", ["nghi"]),
        ("uncited", ["cu", "moi", "nghi"]),
    ],
)
def test_register_of_references_can_be_filtered(course, standing, codes):
    client = editor()
    checker = UserFactory()
    make_reference(code="cu", valid_to=timezone.localdate())
    make_reference(code="moi", last_checked=TODAY, checked_by=checker)
    make_reference(code="nghi", doubtful=True)
    make_lesson(course, references=[make_reference(code="hoi")])
    url = reverse(LegalReference.snippet_viewset.get_url_name("list"))
    response = client.get(url, {"standing": standing})
    found = sorted(each.code for each in response.context["object_list"])
    assert found == codes


def test_lesson_page_in_the_admin_offers_the_chooser_of_activities(course):
    lesson = make_lesson(course)
    response = editor().get(reverse("wagtailadmin_pages:edit", args=[lesson.pk]))
    assert response.status_code == 200
    assert reverse("activity_chooser:choose") in response.content.decode()
