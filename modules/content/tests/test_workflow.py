"""Draft → review → approve → publish, as people meet it in the admin."""

from __future__ import annotations

import pytest
from django.urls import reverse
from wagtail.models import TaskState

from lms.plugins.contracts import Problem
from modules.content.models import LessonPage, Placement
from modules.content.services.site import ensure_site
from modules.content.tests.desk import approve, is_waiting, post, signed_in, title_of
from modules.content.tests.factories import (
    PlainType,
    make_activity,
    make_course,
    make_lesson,
    registered,
)

pytestmark = pytest.mark.django_db

FAULT = "Question 2 has no right answer."


class Strict(PlainType):
    """Finds fault with every activity whose title says so."""

    def problems(self, activity):
        return [Problem(FAULT)] if "hỏng" in activity.title else []


@pytest.fixture(autouse=True)
def site():
    with registered(Strict()):
        ensure_site()
        yield


@pytest.fixture
def lesson() -> LessonPage:
    return make_lesson(make_course(lessons=0), title="Bài gốc")


def test_submitted_lesson_waits_and_learners_see_the_old_text(lesson):
    response = post(signed_in("instructor"), lesson, action="submit")
    assert response.status_code == 200
    assert is_waiting()
    assert title_of(lesson) == "Bài gốc"


def test_instructor_cannot_publish(lesson):
    post(signed_in("instructor"), lesson, action="publish")
    assert title_of(lesson) == "Bài gốc"
    assert lesson.latest_revision.as_object().title == "Bài gốc"


@pytest.mark.parametrize("role", ["reviewer", "centre_manager"])
def test_approval_by_somebody_else_publishes(lesson, role):
    post(signed_in("instructor"), lesson, action="submit")
    approve(signed_in(role), lesson)
    assert title_of(lesson) == "Bài đã sửa"
    assert not is_waiting()


def test_instructor_cannot_approve(lesson):
    author = signed_in("instructor")
    post(author, lesson, action="submit")
    approve(author, lesson)
    assert title_of(lesson) == "Bài gốc"


def test_reviewer_cannot_approve_what_they_submitted_themselves(lesson):
    reviewer = signed_in("reviewer")
    post(reviewer, lesson, action="submit")
    approve(reviewer, lesson)
    assert (title_of(lesson), is_waiting()) == ("Bài gốc", True)


def test_reviewer_who_edited_cannot_approve_but_another_can(lesson):
    post(signed_in("instructor"), lesson, action="submit")
    editor, other = signed_in("reviewer"), signed_in("reviewer")
    post(editor, lesson, title="Bài do người thẩm định sửa")
    approve(editor, lesson)
    assert (title_of(lesson), is_waiting()) == ("Bài gốc", True)
    approve(other, lesson)
    assert title_of(lesson) == "Bài do người thẩm định sửa"


def test_reviewer_cannot_approve_a_draft_that_holds_an_earlier_edit_of_theirs(lesson):
    reviewer, author = signed_in("reviewer"), signed_in("instructor")
    post(reviewer, lesson, title="Bài do người thẩm định sửa")
    post(author, lesson, action="submit")
    approve(reviewer, lesson)
    assert (title_of(lesson), is_waiting()) == ("Bài gốc", True)


def test_reviewer_who_edited_an_earlier_publication_can_approve_the_next(lesson):
    editor, other, author = signed_in("reviewer"), signed_in("reviewer"), signed_in("instructor")
    post(editor, lesson, action="submit", title="Bài lần một")
    approve(other, lesson)
    post(author, lesson, action="submit", title="Bài lần hai")
    approve(editor, lesson)
    assert title_of(lesson) == "Bài lần hai"


def test_reviewer_cannot_edit_and_approve_with_one_button(lesson):
    post(signed_in("instructor"), lesson, action="submit")
    post(
        signed_in("reviewer"),
        lesson,
        action="workflow-action",
        title="Bài do người thẩm định sửa",
        **{"workflow-action-name": "approve"},
    )
    assert (title_of(lesson), is_waiting()) == ("Bài gốc", True)


def test_administrator_cannot_approve_own_work(lesson):
    administrator = signed_in("administrator")
    administrator.user.is_superuser = True
    administrator.user.save()
    post(administrator, lesson, action="submit")
    approve(administrator, lesson)
    assert (title_of(lesson), is_waiting()) == ("Bài gốc", True)


def test_returned_lesson_can_be_submitted_again(lesson):
    author, reviewer = signed_in("instructor"), signed_in("reviewer")
    post(author, lesson, action="submit")
    state = TaskState.objects.get(status=TaskState.STATUS_IN_PROGRESS)
    url = reverse("wagtailadmin_pages:workflow_action", args=[lesson.pk, "reject", state.pk])
    reviewer.post(url, {"comment": "Thiếu căn cứ."})
    assert not is_waiting()
    post(author, lesson, action="submit", title="Bài sửa lần hai")
    approve(reviewer, lesson)
    assert title_of(lesson) == "Bài sửa lần hai"


def test_new_draft_activity_goes_out_with_its_lesson(lesson):
    activity = make_activity(publish=False)
    post(signed_in("instructor"), lesson, activity, action="submit")
    activity.refresh_from_db()
    assert activity.live is False
    approve(signed_in("reviewer"), lesson)
    activity.refresh_from_db()
    assert activity.live is True
    assert Placement.objects.get(lesson_key=lesson.translation_key).activity_id == activity.pk


@pytest.mark.parametrize("action", ["submit", "publish"])
def test_lesson_with_a_faulty_activity_does_not_go_out(lesson, action):
    activity = make_activity(publish=False, title="Câu hỏi hỏng")
    author = signed_in("administrator" if action == "publish" else "instructor")
    response = post(author, lesson, activity, action=action)
    assert FAULT in response.content.decode()
    assert "Câu hỏi hỏng" in response.content.decode()
    assert "Noi-dung-moi." in response.content.decode()  # what was typed is still there
    assert (title_of(lesson), is_waiting()) == ("Bài gốc", False)


def test_lesson_with_a_faulty_activity_can_be_kept_as_a_draft(lesson):
    activity = make_activity(publish=False, title="Câu hỏi hỏng")
    post(signed_in("instructor"), lesson, activity)
    assert lesson.latest_revision.pk != LessonPage.objects.get(pk=lesson.pk).latest_revision_id
    assert title_of(lesson) == "Bài gốc"


def test_activity_that_broke_since_stops_the_approval_and_says_why(lesson):
    activity = make_activity(publish=False, title="Câu hỏi tốt")
    post(signed_in("instructor"), lesson, activity, action="submit")
    activity.title = "Câu hỏi hỏng"
    activity.save_revision()
    response = approve(signed_in("reviewer"), lesson)
    assert FAULT in response.content.decode()
    assert (title_of(lesson), is_waiting()) == ("Bài gốc", True)


def test_activity_that_was_taken_offline_stops_the_lesson(lesson):
    activity = make_activity(title="Câu hỏi tốt")
    activity.unpublish()
    post(signed_in("instructor"), lesson, activity, action="submit")
    assert not is_waiting()


def test_lesson_with_a_faulty_activity_is_not_published_from_a_listing(lesson):
    activity = make_activity(publish=False, title="Câu hỏi tốt")
    administrator = signed_in("administrator")
    post(administrator, lesson, activity)
    activity.title = "Câu hỏi hỏng"
    activity.save_revision()
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    response = administrator.post(f"{url}?id={lesson.pk}&next=/admin/pages/", follow=True)
    assert FAULT in response.content.decode()
    assert title_of(lesson) == "Bài gốc"


def test_draft_of_an_activity_that_is_faulty_is_not_approved():
    author, reviewer = signed_in("instructor"), signed_in("reviewer")
    activity = make_activity(title="Câu hỏi tốt")
    activity.title = "Câu hỏi hỏng"
    activity.save_revision(user=author.user)
    activity.get_workflow().start(activity, author.user)
    state = TaskState.objects.get().specific
    address = state.task.specific.on_action(state, reviewer.user, "approve")
    assert FAULT in reviewer.get(address, follow=True).content.decode()
    activity.refresh_from_db()
    assert (activity.title, is_waiting()) == ("Câu hỏi tốt", True)


def test_draft_of_an_activity_goes_out_by_approval():
    author, reviewer = signed_in("instructor"), signed_in("reviewer")
    activity = make_activity(title="Câu hỏi tốt")
    activity.title = "Câu hỏi tốt hơn"
    activity.save_revision(user=author.user)
    activity.get_workflow().start(activity, author.user)
    state = TaskState.objects.get().specific
    state.task.specific.on_action(state, reviewer.user, "approve")
    activity.refresh_from_db()
    assert (activity.title, is_waiting()) == ("Câu hỏi tốt hơn", False)


def test_home_of_the_admin_lists_an_activity_that_waits_for_review():
    author, reviewer = signed_in("instructor"), signed_in("reviewer")
    activity = make_activity(title="Câu hỏi chờ duyệt")
    activity.save_revision(user=author.user)
    activity.get_workflow().start(activity, author.user)
    response = reviewer.get(reverse("wagtailadmin_home"))
    assert response.status_code == 200
    assert "Câu hỏi chờ duyệt" in response.content.decode()


def test_activity_whose_plugin_went_while_it_waited_harms_nobody():
    author, reviewer = signed_in("instructor"), signed_in("reviewer")
    activity = make_activity(title="Câu hỏi mồ côi")
    activity.save_revision(user=author.user)
    activity.get_workflow().start(activity, author.user)
    type(activity).objects.update(type_key="gone.quiz")
    assert reviewer.get(reverse("wagtailadmin_home")).status_code == 200
    response = reviewer.get(reverse("content_activity_gone", args=[activity.pk]), follow=True)
    assert "gone.quiz" in response.content.decode()
    assert reviewer.get(reverse("wagtailadmin_reports:workflow")).status_code == 200
