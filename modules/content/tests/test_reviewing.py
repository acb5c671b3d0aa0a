"""Nobody approves their own work; who only looked at a text has not written it."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import override
from wagtail.models import TaskState

from lms.plugins.contracts import Problem
from modules.content.models import LessonPage
from modules.content.reviewing import own_work_in
from modules.content.services.site import ensure_site
from modules.content.substance import says_the_same
from modules.content.tests.desk import (
    approve,
    approve_in_editor,
    is_waiting,
    post,
    signed_in,
    title_of,
)
from modules.content.tests.factories import (
    PlainType,
    make_activity,
    make_course,
    make_lesson,
    make_reference,
    registered,
)

pytestmark = pytest.mark.django_db


class Strict(PlainType):
    """Finds fault with every activity whose title says so."""

    def problems(self, activity):
        return [Problem("Thiếu đáp án đúng.")] if "hỏng" in activity.title else []


@pytest.fixture(autouse=True)
def site():
    with registered(Strict()):
        ensure_site()
        yield


@pytest.fixture
def lesson() -> LessonPage:
    return make_lesson(make_course(lessons=0), title="Bài gốc")


def pasted(*lines: str) -> str:
    """What the editor sends of a text that was pasted into it: white space as it came."""
    blocks = [
        {
            "key": f"pas{at}e",
            "type": "unstyled",
            "depth": 0,
            "text": line,
            "inlineStyleRanges": [{"offset": 0, "length": 2, "style": "BOLD"}],
            "entityRanges": [],
        }
        for at, line in enumerate(lines)
    ]
    return json.dumps({"blocks": blocks, "entityMap": {}})


def draft_with(lesson: LessonPage, html: str, user=None, **fields):
    """A draft by `user` as it came into the database by another way than the editor."""
    draft = lesson.get_latest_revision_as_object()
    draft.body = [("rich_text", html)]
    for name, value in fields.items():
        setattr(draft, name, value)
    return draft.save_revision(user=user)


def said_to(response) -> str:
    """The page that the person sees in the end."""
    return response.content.decode()


def why_not(lesson: LessonPage, user) -> str:
    """What the page tells `user` in the language of the admin."""
    with override("vi"):
        return escape(own_work_in(LessonPage.objects.get(pk=lesson.pk), user))


# --- what counts as a change

LOADED = "<p>Một <strong>việc</strong> khó.</p>\n<p>Hai.</p>"


@pytest.mark.parametrize(
    "other",
    [
        '<p data-block-key="a1">Một <b>việc</b> khó.</p><p data-block-key="b2">Hai.</p>',
        "<p> Một  <b>việc</b>\u00a0khó. </p><p></p><p>Hai.</p><p> </p>",
        "<p>Một <b>vi</b><b>ệc</b> khó.</p><p>Hai.</p>",
    ],
)
def test_text_that_is_only_written_down_differently_is_the_same(lesson, other):
    assert says_the_same(draft_with(lesson, LOADED), draft_with(lesson, other))


@pytest.mark.parametrize(
    "other",
    [
        "<p>Một <strong>việc</strong> dễ.</p><p>Hai.</p>",
        "<p>Một việc khó.</p><p>Hai.</p>",
        "<p>Một <em>việc</em> khó.</p><p>Hai.</p>",
        "<p>Hai.</p><p>Một <strong>việc</strong> khó.</p>",
        "<p>Một <strong>việc</strong> khó.</p><ul><li>Hai.</li></ul>",
        "<p>Một <strong>việc</strong> khó. Hai.</p>",
        "<p>Một <strong>việc</strong> khó.<br/></p><p>H<br/>ai.</p>",
        '<p>Một <a href="https://a.example/"><strong>việc</strong></a> khó.</p><p>Hai.</p>',
    ],
)
def test_text_that_says_something_else_is_not_the_same(lesson, other):
    assert not says_the_same(draft_with(lesson, LOADED), draft_with(lesson, other))


def test_link_to_another_address_is_not_the_same(lesson):
    one, other = (f'<p><a href="https://{name}.example/">Luật</a></p>' for name in "ab")
    assert not says_the_same(draft_with(lesson, one), draft_with(lesson, other))


def test_fields_are_the_same_however_a_form_sends_them(lesson):
    one = draft_with(lesson, LOADED, objectives="Nêu\nLàm", periods="0.5")
    other = draft_with(lesson, LOADED, objectives="Nêu\r\nLàm ", periods="0.50")
    assert says_the_same(one, other)


@pytest.mark.parametrize(
    "change",
    [
        {"objectives": "Nêu\nBỏ"},
        {"periods": "0.75"},
        {"review_by": "2027-01-01"},
        {"glossary": [("term", {"term": "Chi bộ", "meaning": "Tổ chức cơ sở."})]},
        {"slug": "dia-chi-khac"},
        {"go_live_at": "2027-01-01T00:00:00Z"},
    ],
)
def test_every_field_counts(lesson, change):
    one = draft_with(lesson, LOADED, objectives="Nêu\nLàm", periods="0.5")
    assert not says_the_same(one, draft_with(lesson, LOADED, **change))


def test_legal_reference_that_was_added_counts(lesson):
    before = draft_with(lesson, LOADED)
    draft = lesson.get_latest_revision_as_object()
    draft.legal_references.add(draft.legal_references.model(reference=make_reference()))
    assert not says_the_same(before, draft.save_revision())


# --- who looked only


def test_reviewer_approves_pasted_text_in_the_editor(lesson):
    text = pasted(" Đoạn  dán từ nơi khác.\u00a0", "", "Dòng   hai ")
    post(signed_in("instructor"), lesson, action="submit", text=text)
    approve_in_editor(signed_in("reviewer"), lesson)
    assert (title_of(lesson), is_waiting()) == ("Bài đã sửa", False)


def test_pasted_text_is_kept_as_the_editor_writes_it(lesson):
    post(signed_in("instructor"), lesson, action="submit", text=pasted(" Đoạn  dán.\u00a0"))
    submitted = LessonPage.objects.get(pk=lesson.pk).latest_revision.as_object()
    approve_in_editor(signed_in("reviewer"), lesson)
    published = LessonPage.objects.get(pk=lesson.pk)
    assert published.body[0].value.source == submitted.body[0].value.source


def test_reviewer_approves_in_the_editor_what_did_not_come_through_it(lesson):
    author = signed_in("instructor")
    draft_with(lesson, LOADED, user=author.user, title="Bài nạp", objectives="Nêu\nLàm")
    stored = LessonPage.objects.get(pk=lesson.pk)
    stored.get_workflow().start(stored, author.user)
    approve_in_editor(signed_in("reviewer"), lesson, objectives="Nêu\r\nLàm")
    assert (title_of(lesson), is_waiting()) == ("Bài nạp", False)


def test_reviewer_whose_editor_saved_an_unchanged_draft_can_approve_from_the_list(lesson):
    author, reviewer = signed_in("instructor"), signed_in("reviewer")
    draft_with(lesson, LOADED, user=author.user, title="Bài nạp")
    stored = LessonPage.objects.get(pk=lesson.pk)
    stored.get_workflow().start(stored, author.user)
    listed = TaskState.objects.get()
    draft_with(lesson, LOADED.replace("strong", "b"), user=reviewer.user, title="Bài nạp")
    approve(reviewer, lesson, listed)
    assert (title_of(lesson), is_waiting()) == ("Bài nạp", False)


# --- who wrote something


def test_reviewer_who_changed_the_text_is_told_why_they_cannot_approve(lesson):
    post(signed_in("instructor"), lesson, action="submit")
    reviewer = signed_in("reviewer")
    response = approve_in_editor(reviewer, lesson, title="Bài do người thẩm định sửa")
    assert (title_of(lesson), is_waiting()) == ("Bài gốc", True)
    assert said_to(response).count(why_not(lesson, reviewer.user)) == 1
    assert why_not(lesson, reviewer.user) != ""


def test_reviewer_whose_change_was_saved_by_itself_is_told_so_too(lesson):
    post(signed_in("instructor"), lesson, action="submit")
    reviewer = signed_in("reviewer")
    post(reviewer, lesson, title="Bài do người thẩm định sửa")
    response = approve_in_editor(reviewer, lesson)
    assert said_to(response).count(why_not(lesson, reviewer.user)) == 1
    assert (title_of(lesson), is_waiting()) == ("Bài gốc", True)


def test_editor_says_to_who_wrote_that_somebody_else_must_review(lesson):
    submitter, other = signed_in("reviewer"), signed_in("reviewer")
    post(submitter, lesson, action="submit")
    address = reverse("wagtailadmin_pages:edit", args=[lesson.pk])
    assert why_not(lesson, submitter.user) in said_to(submitter.get(address))
    assert why_not(lesson, other.user) == ""


def test_text_taken_back_and_restored_by_somebody_else_is_still_ones_own(lesson):
    author, reviewer = signed_in("instructor"), signed_in("reviewer")
    post(author, lesson)
    before = LessonPage.objects.get(pk=lesson.pk).latest_revision
    post(reviewer, lesson, title="Bài của người thẩm định")
    before.as_object().save_revision(user=reviewer.user)
    post(author, lesson, action="submit", title="Bài của người thẩm định")
    approve(reviewer, lesson)
    assert (title_of(lesson), is_waiting()) == ("Bài gốc", True)


def test_reviewer_cannot_approve_a_lesson_that_brings_out_an_activity_of_theirs(lesson):
    reviewer, other = signed_in("reviewer"), signed_in("reviewer")
    activity = make_activity(publish=False, title="Câu hỏi của tôi")
    activity.title = "Câu hỏi do tôi sửa"
    activity.save_revision(user=reviewer.user)
    post(signed_in("instructor"), lesson, activity, action="submit")
    assert "Câu hỏi do tôi sửa" in why_not(lesson, reviewer.user)
    approve(reviewer, lesson)
    assert (title_of(lesson), is_waiting()) == ("Bài gốc", True)
    approve(other, lesson)
    assert title_of(lesson) == "Bài đã sửa"


# --- a draft that is newer than what was submitted


def test_approval_from_a_list_of_before_the_edit_does_not_count(lesson):
    post(signed_in("instructor"), lesson, action="submit")
    editor, other = signed_in("reviewer"), signed_in("reviewer")
    listed = TaskState.objects.get()
    post(editor, lesson, title="Bài do người thẩm định sửa")
    response = approve(other, lesson, listed)
    assert (title_of(lesson), is_waiting()) == ("Bài gốc", True)
    assert "Nội dung này đã thay đổi" in said_to(response)
    approve(other, lesson)
    assert (title_of(lesson), is_waiting()) == ("Bài do người thẩm định sửa", False)


def test_edited_lesson_needs_one_approval_in_the_editor(lesson):
    post(signed_in("instructor"), lesson, action="submit")
    post(signed_in("reviewer"), lesson, title="Bài do người thẩm định sửa")
    approve_in_editor(signed_in("reviewer"), lesson)
    assert (title_of(lesson), is_waiting()) == ("Bài do người thẩm định sửa", False)
