"""Authors import and export questions in the Wagtail admin."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lms.people.models import User
from lms.people.tests.factories import RoleGrantFactory, UserFactory
from modules.content.reviewing import own_work_in
from modules.content.services.site import ensure_site
from quizzes.exchange.gift import GiftFormat
from quizzes.exchange.loading import LARGEST
from quizzes.models import Question, QuestionImport
from quizzes.models.imports import IMPORTS
from quizzes.services.importing import remove_old
from quizzes.tests.factories import make_question
from quizzes.wagtail_hooks import QuestionViewSet

pytestmark = pytest.mark.django_db

GIFT = """\
$CATEGORY: Hành chính/Văn thư

::Ký::Ai ký văn bản của Ủy ban <b>&</b> nhân dân xã? {=Chủ tịch ~Bí thư ~Trưởng thôn}

::Số::Có bao nhiêu ngày? {#5}
"""
FAULTY = GIFT + "\n::Hỏng::Câu này không có đáp án đúng? {~Một ~Hai}\n"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    """Files of other tests are in other folders."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def user() -> User:
    ensure_site()
    return RoleGrantFactory(role="instructor", user__language="vi").user


@pytest.fixture
def author(user: User) -> Client:
    return client_of(user)


def address(name: str, *args: Any) -> str:
    return reverse(f"wagtailsnippets_quizzes_question:{name}", args=args)


def upload(client: Client, text: str | bytes = GIFT, name: str = "đề thi.gift") -> HttpResponse:
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(address("import"), {"file": SimpleUploadedFile(name, content)})


def sent_by(client: Client, text: str = GIFT) -> QuestionImport:
    response = upload(client, text)
    assert response.status_code == 302, response.content.decode()
    sent = QuestionImport.objects.get(state="waiting")
    assert response.url == address("import_preview", sent.uuid)
    return sent


def confirm(client: Client, sent: QuestionImport, count: int = 2, **fields: Any) -> HttpResponse:
    data = {"questions": count, "left_out": 0, **fields}
    return client.post(address("import_preview", sent.uuid), data)


def on_disk() -> list[Path]:
    folder = Path(settings.MEDIA_ROOT) / IMPORTS
    return list(folder.iterdir()) if folder.is_dir() else []


def test_the_list_of_the_bank_leads_to_import_and_export(author: Client) -> None:
    html = author.get(address("list"), {"q": "ky"}).content.decode()
    assert address("import") in html
    assert f"{address('export')}?q=ky" in html
    assert QuestionViewSet().menu_url == address("list")


def test_a_file_is_shown_before_anything_is_written(author: Client) -> None:
    sent = sent_by(author)
    assert not Question.objects.exists()
    with CaptureQueriesContext(connection) as queries:
        page = author.get(address("import_preview", sent.uuid))
    assert page.status_code == 200
    html = page.content.decode()
    for text in ("đề thi.gift", "Ủy ban &amp; nhân dân xã?", "Chủ tịch", "Hành chính / Văn thư"):
        assert text in html
    written = ("INSERT", "UPDATE", "DELETE")
    assert not [each["sql"] for each in queries if each["sql"].startswith(written)]
    assert not Question.objects.exists()


def test_confirmed_questions_are_drafts_of_their_author(
    author: Client, user: User, django_capture_on_commit_callbacks: Any
) -> None:
    sent = sent_by(author)
    assert Path(sent.file.path).stat().st_mode & 0o077 == 0
    with django_capture_on_commit_callbacks(execute=True):
        response = confirm(author, sent)
    assert (response.status_code, response.url) == (302, address("list"))
    questions = list(Question.objects.order_by("type_key"))
    assert [(each.type_key, each.live) for each in questions] == [
        ("numeric", False),
        ("single_choice", False),
    ]
    assert all(each.latest_revision.user == user for each in questions)
    for each in questions:
        each.get_workflow().start(each, RoleGrantFactory(role="instructor").user)
        each = Question.objects.get(pk=each.pk)
        assert each.workflow_in_progress
        assert own_work_in(each, user), "nobody approves their own"
    sent.refresh_from_db()
    assert (sent.state, sent.made, sent.left_out) == ("imported", 2, 0)
    assert not sent.file and not sent.preview
    assert on_disk() == []


def test_confirming_twice_imports_once(author: Client) -> None:
    sent = sent_by(author)
    confirm(author, sent)
    again = confirm(author, sent)
    assert (again.status_code, again.url) == (302, address("list"))
    assert author.get(address("import_preview", sent.uuid)).url == address("list")
    assert Question.objects.count() == 2


def test_questions_with_problems_are_left_out_only_when_that_is_confirmed(author: Client) -> None:
    sent = sent_by(author, FAULTY)
    html = author.get(address("import_preview", sent.uuid)).content.decode()
    assert '<input type="hidden" name="left_out" value="1">' in html
    page = confirm(author, sent)
    assert page.url == address("import_preview", sent.uuid)
    assert not Question.objects.exists()
    assert confirm(author, sent, left_out=1).url == address("list")
    assert Question.objects.count() == 2
    assert QuestionImport.objects.get().left_out == 1


@pytest.mark.parametrize("count", [1, 3, "", "x", "-1", "9" * 30])
def test_other_numbers_than_shown_import_nothing(author: Client, count: Any) -> None:
    sent = sent_by(author)
    assert confirm(author, sent, count).url == address("import_preview", sent.uuid)
    assert not Question.objects.exists()
    assert QuestionImport.objects.get().state == "waiting"


def test_file_without_a_sound_question_offers_no_import(author: Client) -> None:
    sent = sent_by(author, "::Hỏng::Không có đáp án đúng? {~Một ~Hai}\n")
    html = author.get(address("import_preview", sent.uuid)).content.decode()
    assert 'name="questions"' not in html
    confirm(author, sent, 0, left_out=1)
    assert QuestionImport.objects.get().state == "waiting"


def test_discarding_leaves_nothing(author: Client, django_capture_on_commit_callbacks: Any) -> None:
    sent = sent_by(author)
    assert author.get(address("import_discard", sent.uuid)).status_code == 405
    with django_capture_on_commit_callbacks(execute=True):
        author.post(address("import_discard", sent.uuid))
    assert not QuestionImport.objects.exists()
    assert not Question.objects.exists()
    assert on_disk() == []
    assert author.get(address("import_preview", sent.uuid)).status_code == 404


def test_another_persons_file_is_not_there(author: Client) -> None:
    sent = sent_by(author)
    other = client_of(RoleGrantFactory(role="instructor").user)
    assert other.get(address("import_preview", sent.uuid)).status_code == 404
    assert confirm(other, sent).status_code == 404
    assert other.post(address("import_discard", sent.uuid)).status_code == 404
    assert author.get(address("import_preview", uuid.uuid4())).status_code == 404
    assert not Question.objects.exists()
    assert "đề thi.gift" not in other.get(address("import")).content.decode()


def test_same_file_again_tells_who_and_when_and_asks(author: Client, user: User) -> None:
    confirm(author, sent_by(author))
    other = client_of(RoleGrantFactory(role="instructor", user__language="vi").user)
    assert upload(other, name="tên khác.gift").status_code == 302
    sent = QuestionImport.objects.get(state="waiting")
    html = other.get(address("import_preview", sent.uuid)).content.decode()
    assert str(user.person) in html or user.get_username() in html
    assert 'name="again"' in html
    assert confirm(other, sent).url == address("import_preview", sent.uuid)
    assert Question.objects.count() == 2
    assert confirm(other, sent, again="on").url == address("list")
    assert Question.objects.count() == 4


def test_file_that_changed_on_the_disk_is_not_imported(author: Client) -> None:
    sent = sent_by(author)
    Path(sent.file.path).chmod(0o600)
    Path(sent.file.path).write_text("khác {=A ~B}", encoding="utf-8")
    assert confirm(author, sent).status_code == 404
    assert not Question.objects.exists()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "trống.gift"),
        (b"\x00\x01\x02", "ảnh.png"),
        (b"PK\x03\x04 broken", "hỏng.xlsx"),
        (b"<quiz><question", "hỏng.xml"),
        (b"// only a remark\n", "không câu nào.gift"),
        (b"%PDF-1.7", "<script>alert(1)</script>.pdf"),
    ],
)
def test_unreadable_files_are_told_with_their_name(
    author: Client, content: bytes, name: str
) -> None:
    page = upload(author, content, name)
    assert page.status_code == 422
    html = page.content.decode()
    assert name.rpartition("/")[2].replace("<", "&lt;").replace(">", "&gt;") in html
    assert "<script>alert" not in html
    assert not QuestionImport.objects.exists()
    assert on_disk() == []


def test_no_file_and_too_large_a_file_are_told(
    author: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert author.post(address("import")).status_code == 422
    monkeypatch.setattr("quizzes.admin.imports.LARGEST", 10)
    assert upload(author).status_code == 422
    assert not QuestionImport.objects.exists()


def test_the_server_lets_through_what_an_import_may_be() -> None:
    assert settings.LMS_BODY_LIMITS["/admin/"] > LARGEST


def test_markup_of_a_file_is_shown_as_text(author: Client) -> None:
    sent = sent_by(author, "$CATEGORY: <img src=x>\n\nHỏi <script>alert(1)</script>? {=<b>A ~B}\n")
    html = author.get(address("import_preview", sent.uuid)).content.decode()
    assert "<script>alert" not in html
    assert "<img src=x>" not in html


def test_many_questions_come_page_by_page(author: Client) -> None:
    text = "\n".join(f"Câu hỏi số {n} là gì? {{=Đúng ~Sai}}\n" for n in range(1, 121))
    sent = sent_by(author, text)
    first = author.get(address("import_preview", sent.uuid)).content.decode()
    last = author.get(address("import_preview", sent.uuid), {"p": 3}).content.decode()
    assert "Câu hỏi số 50 " in first and "Câu hỏi số 51 " not in first
    assert "Câu hỏi số 120 " in last and "Câu hỏi số 100 " not in last
    assert author.get(address("import_preview", sent.uuid), {"p": "x"}).status_code == 200


def test_what_was_never_confirmed_goes_after_two_days(
    author: Client, django_capture_on_commit_callbacks: Any
) -> None:
    done = sent_by(author)
    confirm(author, done)
    sent_by(author, FAULTY)
    now = timezone.now()
    assert remove_old(now + dt.timedelta(days=1)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert remove_old(now + dt.timedelta(days=3)) >= 1
    assert QuestionImport.objects.get() == done
    assert [each for each in on_disk() if each.name != str(done.uuid)] == []


def test_one_person_does_not_fill_the_disk(author: Client) -> None:
    for n in range(8):
        upload(author, f"Câu {n} là gì? {{=Đúng ~Sai}}\n")
    assert QuestionImport.objects.count() == 5


def test_only_who_may_add_questions_comes_here(author: Client) -> None:
    sent = sent_by(author)
    refused = [client_of(RoleGrantFactory(role=role).user) for role in ("reviewer", "observer")]
    allowed = Question._meta.app_label + ".add_question"
    pages = [
        address("import"),
        address("import_table"),
        address("import_preview", sent.uuid),
        address("import_discard", sent.uuid),
        address("export"),
    ]
    for client in [*refused, client_of(UserFactory()), Client()]:
        user = User.objects.filter(pk=client.session.get("_auth_user_id") or 0).first()
        if user is not None and user.has_perm(allowed):
            continue
        expected = {403} if user and user.has_perm("wagtailadmin.access_admin") else {302}
        for page in pages:
            assert {client.get(page).status_code, client.post(page).status_code} == expected
    assert not Question.objects.exists()
    assert QuestionImport.objects.count() == 1


# --- export
def questions() -> None:
    make_question(code="a", prompt="<p>Ai ký văn bản?</p>")
    make_question(code="b", prompt="<p>Việc khác?</p>", publish=False)


def saved(response: HttpResponse) -> str:
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    return response.content.decode()


def test_the_whole_bank_is_exported_and_can_be_read_again(author: Client) -> None:
    questions()
    assert author.get(address("export")).status_code == 200
    text = saved(author.post(address("export"), {"to": "gift"}))
    drafts = list(GiftFormat().read("x.gift", text.encode()))
    assert len(drafts) == 2
    assert "Ai ký" in text and "Việc khác" in text


def test_export_keeps_to_the_filters_of_the_list(author: Client) -> None:
    questions()
    assert "Việc khác" not in saved(author.post(f"{address('export')}?q=ky", {"to": "gift"}))
    assert "Ai ký" not in saved(author.post(f"{address('export')}?live=false", {"to": "gift"}))
    nothing = author.post(f"{address('export')}?type_key=essay", {"to": "gift"})
    assert nothing.status_code in (200, 422) and "Content-Disposition" not in nothing.headers


def test_chosen_questions_are_exported(author: Client) -> None:
    questions()
    chosen = Question.objects.get(code="b")
    action = reverse("wagtail_bulk_action", args=["quizzes", "question", "export"])
    leads = author.get(action, {"id": chosen.pk, "next": address("list")})
    assert leads.url == f"{address('export')}?id={chosen.pk}"
    text = saved(author.post(leads.url, {"to": "gift"}))
    assert "Việc khác" in text and "Ai ký" not in text
    everything = author.get(action, {"id": "all", "next": f"{address('list')}?q=ky"})
    assert everything.url == f"{address('export')}?q=ky"


def test_what_a_format_cannot_hold_is_told_before_the_download(author: Client) -> None:
    questions()
    page = author.post(address("export"), {"to": "aiken"})
    assert "Content-Disposition" not in page.headers
    html = page.content.decode()
    assert "Aiken" in html and 'name="anyway"' in html
    text = saved(author.post(address("export"), {"to": "aiken", "anyway": "1"}))
    assert "ANSWER: A" in text


def test_newest_draft_of_what_was_never_published_is_exported(author: Client) -> None:
    question = make_question(code="nhap", prompt="<p>Cũ?</p>", publish=False)
    question.prompt = "<p>Mới?</p>"
    question.save_revision()
    assert "Mới?" in saved(author.post(address("export"), {"to": "gift"}))


@pytest.mark.parametrize("to", ["", "nothing", "../x"])
def test_unknown_format_is_refused(author: Client, to: str) -> None:
    assert author.post(address("export"), {"to": to}).status_code == 422
