"""Files at answers: kept, shown to their owner, removed; by script and by form."""

from __future__ import annotations

import datetime as dt
import os
import stat
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.db.models.signals import post_save
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from PIL import Image

from lms.learning import api
from lms.learning.models import Attempt, CourseInstructor
from lms.operations.middleware import limit_for
from lms.people.tests.factories import RoleGrantFactory, UserFactory
from quizzes.attachments import FileRefused
from quizzes.models import Response
from quizzes.models.files import FOLDER, ResponseFile
from quizzes.people import forget_answers_of
from quizzes.question_types.essay import Essay
from quizzes.services.answering import NoSuchSitting
from quizzes.services.files import (
    NoSuchFile,
    delete_file,
    keep_file,
    largest,
    may_read,
    remove_strays,
)
from quizzes.tests.factories import Placed, make_placed, make_question, make_quiz
from quizzes.tests.test_attachments import picture

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\nbody"
JSON = {"headers": {"Accept": "application/json"}}


def make_essay(**more: Any) -> Placed:
    """A learner with a quiz of one essay that takes two files, and of one single choice."""
    written = {
        "may_type": True,
        "may_attach": True,
        "files": 2,
        "guidance": "<p>KEYGUIDANCE</p>",
        **more,
    }
    return make_placed(make_quiz(make_question(kind="essay", written=written), make_question()))


@pytest.fixture
def placed() -> Placed:
    return make_essay()


@pytest.fixture
def attempt(placed: Placed) -> Attempt:
    return placed.begin()


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def pdf(name: str = "đơn.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")


def keep(placed: Placed, attempt: Attempt, upload: Any = None, position: int = 1) -> ResponseFile:
    file, _receipt = keep_file(
        person_id=placed.user.person_id,
        attempt_uuid=attempt.uuid,
        position=position,
        upload=upload or pdf(),
        at=timezone.now(),
    )
    return file


def upload_url(attempt: Attempt) -> str:
    return f"/x/quizzes/files/to/{attempt.uuid}/"


def file_url(file: ResponseFile) -> str:
    return f"/x/quizzes/files/{file.uuid}/"


def answer() -> Any:
    response = Response.objects.filter(slot__position=1).first()
    return response.answer if response else None


def on_disk() -> list[Path]:
    return [each for each in (Path(settings.MEDIA_ROOT) / FOLDER).glob("*/*") if each.is_file()]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_file_is_kept_where_nobody_serves_it(placed: Placed, attempt: Attempt) -> None:
    file = keep(placed, attempt)
    (path,) = on_disk()
    assert path.read_bytes() == PDF
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (file.name, file.size, file.content_type) == ("đơn.pdf", len(PDF), "application/pdf")
    assert answer() == {"text": "", "files": [str(file.uuid)]}
    for address in (f"/media/{file.file.name}", f"/media/../{file.file.name}"):
        assert client_of(placed.user).get(address, follow=True).status_code == 404


def test_photo_is_kept_without_its_place(placed: Placed, attempt: Attempt) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8825)[29] = "SECRETPLACE"
    sent = SimpleUploadedFile("a.jpg", picture("JPEG", exif=exif))
    file = keep(placed, attempt, sent)
    (path,) = on_disk()
    assert b"SECRETPLACE" not in path.read_bytes()
    assert file.size == path.stat().st_size


def test_same_bytes_twice_are_one_file(placed: Placed, attempt: Attempt) -> None:
    first = keep(placed, attempt)
    assert keep(placed, attempt, pdf("khác.pdf")) == first
    assert ResponseFile.objects.count() == 1
    assert len(on_disk()) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        ResponseFile.objects.create(
            slot=first.slot, name="x", content_type="x", size=1, sha256=first.sha256,
            created_at=timezone.now(),
        )  # fmt: skip


def test_only_as_many_as_are_allowed(placed: Placed, attempt: Attempt) -> None:
    keep(placed, attempt)
    keep(placed, attempt, pdf(content=PDF + b"2"))
    with pytest.raises(FileRefused) as caught:
        keep(placed, attempt, pdf(content=PDF + b"3"))
    assert str(caught.value) == "Chỉ đính kèm được 2 tệp. Hãy bỏ bớt trước."
    assert len(answer()["files"]) == len(on_disk()) == 2


def test_question_that_takes_none(placed: Placed, attempt: Attempt) -> None:
    with pytest.raises(FileRefused):
        keep(placed, attempt, position=2)
    assert on_disk() == []


def test_large_file_is_refused(placed: Placed, attempt: Attempt, settings: Any) -> None:
    settings.LMS_ANSWER_BYTES = 2**20
    with pytest.raises(FileRefused) as caught:
        keep(placed, attempt, pdf(content=PDF + b" " * 2**20))
    assert str(caught.value) == "“đơn.pdf” lớn hơn 1 MB."


def test_whole_files_get_through_to_the_question(attempt: Attempt) -> None:
    assert limit_for(upload_url(attempt)) > 2 * largest()
    assert limit_for(f"/en{upload_url(attempt)}") > 2 * largest()


def test_text_that_was_saved_stays(placed: Placed, attempt: Attempt) -> None:
    client = client_of(placed.user)
    saved = client.post(f"/x/quizzes/attempts/{attempt.uuid}/answers/1/", {"a1": "Một hai"})
    assert saved.status_code == 200
    file = keep(placed, attempt)
    assert answer() == {"text": "Một hai", "files": [str(file.uuid)]}


def test_nothing_is_taken_or_removed_after_handing_in(placed: Placed, attempt: Attempt) -> None:
    file = keep(placed, attempt)
    handed_in = client_of(placed.user).post(
        f"{placed.url}submit/", {"attempt": str(attempt.uuid), "a1-file": str(file.uuid)}
    )
    assert handed_in.status_code == 302
    with pytest.raises(api.AttemptClosed):
        keep(placed, attempt, pdf(content=PDF + b"2"))
    with pytest.raises(api.AttemptClosed):
        delete_file(person_id=placed.user.person_id, file_uuid=file.uuid, at=timezone.now())
    assert len(on_disk()) == 1


def test_others_can_neither_add_nor_read_nor_remove(placed: Placed, attempt: Attempt) -> None:
    file = keep(placed, attempt)
    other = UserFactory()
    with pytest.raises(NoSuchSitting):
        keep_file(
            person_id=other.person_id,
            attempt_uuid=attempt.uuid,
            position=1,
            upload=pdf(),
            at=timezone.now(),
        )
    with pytest.raises(NoSuchFile):
        delete_file(person_id=other.person_id, file_uuid=file.uuid, at=timezone.now())
    assert may_read(other, file) is False
    client = client_of(other)
    assert client.get(file_url(file)).status_code == 404
    assert client.post(f"{file_url(file)}removal/", **JSON).status_code == 404
    sent = client.post(upload_url(attempt), {"upload-1": pdf(content=PDF + b"2")}, **JSON)
    assert sent.status_code == 404
    assert Client().get(file_url(file)).status_code == 302  # to the sign-in page
    assert ResponseFile.objects.count() == 1


def test_owner_gets_the_file_as_a_download(placed: Placed, attempt: Attempt) -> None:
    response = client_of(placed.user).get(file_url(keep(placed, attempt)))
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_text_that_looks_like_a_page_is_not_one(placed: Placed, attempt: Attempt) -> None:
    sent = SimpleUploadedFile("x.html", b"<script>alert(1)</script>", "text/html")
    response = client_of(placed.user).get(file_url(keep(placed, attempt, sent)))
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="x.txt"'


def test_who_marks_reads_what_was_handed_in(placed: Placed, attempt: Attempt) -> None:
    file = keep(placed, attempt)
    marker, stranger = (RoleGrantFactory(role="instructor").user for _ in range(2))
    for user, course in ((marker, placed.course), (stranger, make_essay().course)):
        CourseInstructor.objects.create(course_key=course.translation_key, person=user.person)
    assert client_of(marker).get(file_url(file)).status_code == 404  # still a draft
    form = {"attempt": str(attempt.uuid), "a1-file": str(file.uuid)}
    client_of(placed.user).post(f"{placed.url}submit/", form)
    assert client_of(marker).get(file_url(file)).status_code == 200
    assert client_of(stranger).get(file_url(file)).status_code == 404
    assert client_of(placed.user).get(file_url(file)).status_code == 200


def test_unknown_file_is_not_found(placed: Placed) -> None:
    client = client_of(placed.user)
    assert client.get(f"/x/quizzes/files/{uuid.uuid4()}/").status_code == 404


def test_script_sends_and_removes(
    placed: Placed, attempt: Attempt, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_of(placed.user)
    sent = client.post(upload_url(attempt), {"upload-1": pdf()}, **JSON)
    assert sent.status_code == 200
    file = ResponseFile.objects.get()
    reply = sent.json()
    assert [(each["id"], each["name"]) for each in reply["files"]] == [(str(file.uuid), "đơn.pdf")]
    response = Response.objects.get(slot__position=1)
    assert reply["sequence"] == response.sequence == 1
    # What the page then saves by itself says nothing new and is not refused.
    saved = client.post(
        f"/x/quizzes/attempts/{attempt.uuid}/answers/1/",
        {"a1": "", "a1-file": str(file.uuid), "base": "1"},
    )
    assert saved.status_code == 200
    assert saved.json()["mark"] == reply["mark"]
    with django_capture_on_commit_callbacks(execute=True):
        removed = client.post(reply["files"][0]["remove_url"], **JSON)
    assert removed.status_code == 200
    assert answer() is None
    assert on_disk() == []


def test_script_is_told_why_not(placed: Placed, attempt: Attempt) -> None:
    client = client_of(placed.user)
    sent = client.post(upload_url(attempt), {"upload-1": pdf(content=b"GIF89a\0")}, **JSON)
    assert sent.status_code == 422
    assert sent.json()["message"].startswith("Chỉ nhận ảnh")
    nothing = client.post(upload_url(attempt), {}, **JSON)
    assert (nothing.status_code, nothing.json()["message"]) == (422, "Hãy chọn tệp.")
    assert Client().post(upload_url(attempt), {"upload-1": pdf()}, **JSON).status_code == 401


def test_form_saves_its_answers_along(placed: Placed, attempt: Attempt) -> None:
    client = client_of(placed.user)
    form = {"a1": "Đã viết", "w1": "", "upload-1": [pdf(), pdf(content=PDF + b"2")]}
    sent = client.post(
        upload_url(attempt), form, headers={"Referer": f"http://testserver{placed.url}"}
    )
    assert (sent.status_code, sent["Location"]) == (302, f"http://testserver{placed.url}")
    one, two = ResponseFile.objects.all()
    assert answer() == {"text": "Đã viết", "files": [str(one.uuid), str(two.uuid)]}
    html = client.get(placed.url).content.decode()
    assert "Đã đính kèm 2 tệp." in html
    for file in (one, two):
        assert f'name="a1-file" value="{file.uuid}" checked' in html
        assert f'href="{file_url(file)}"' in html
    form = {"a1": "Viết thêm", "a1-file": [str(one.uuid), str(two.uuid)], "w1": "x"}
    client.post(f"{file_url(one)}removal/", form)
    assert answer() == {"text": "Viết thêm", "files": [str(two.uuid)]}


def test_form_without_a_file_saves_its_answers(placed: Placed, attempt: Attempt) -> None:
    client = client_of(placed.user)
    client.post(upload_url(attempt), {"a1": "Đã viết", "w1": ""})
    assert answer() == {"text": "Đã viết", "files": []}
    assert "Chưa chọn tệp nào." in client.get(placed.url).content.decode()


def test_one_bad_file_does_not_keep_the_others_out(placed: Placed, attempt: Attempt) -> None:
    client = client_of(placed.user)
    client.post(upload_url(attempt), {"upload-1": [pdf(content=b"MZ\0"), pdf()]})
    assert len(answer()["files"]) == 1
    html = client.get(placed.url).content.decode()
    assert "Chỉ nhận ảnh" in html
    assert "Đã đính kèm 1 tệp." in html


def test_file_that_the_answer_does_not_name_comes_back_with_the_page(
    placed: Placed, attempt: Attempt
) -> None:
    file = keep(placed, attempt)
    client = client_of(placed.user)
    client.post(f"/x/quizzes/attempts/{attempt.uuid}/answers/1/", {"a1": "Chỉ có chữ"})
    assert answer() == {"text": "Chỉ có chữ", "files": []}
    assert str(file.uuid) in client.get(placed.url).content.decode()


def test_review_shows_only_files_of_the_answer_itself(placed: Placed, attempt: Attempt) -> None:
    other = make_essay()
    theirs = keep(other, other.begin(), pdf("của người khác.pdf"))
    mine = keep(placed, attempt, pdf("của mình.pdf"))
    left_out = keep(placed, attempt, pdf("bỏ ra.pdf", PDF + b"2"))
    data = mine.slot.version.data
    claim = {"text": "", "files": [str(theirs.uuid), str(mine.uuid)]}
    question = SimpleNamespace(position=1, own=Essay().review(data, {}, claim))
    html = render_to_string(Essay.review_template, {"question": question, "attempt": attempt})
    assert mine.name in html
    assert theirs.name not in html
    assert left_out.name not in html


def test_nothing_stays_on_the_disk_when_the_answer_cannot_be_written(
    placed: Placed, attempt: Attempt
) -> None:
    def refuse(sender: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    post_save.connect(refuse, sender=ResponseFile)
    try:
        with pytest.raises(ZeroDivisionError):
            keep(placed, attempt)
    finally:
        post_save.disconnect(refuse, sender=ResponseFile)
    assert on_disk() == []
    assert ResponseFile.objects.count() == 0


def test_files_go_with_the_answers_of_a_person(
    placed: Placed, attempt: Attempt, django_capture_on_commit_callbacks: Any
) -> None:
    keep(placed, attempt)
    with django_capture_on_commit_callbacks(execute=True):
        forget_answers_of(placed.user.person)
    assert ResponseFile.objects.count() == 0
    assert on_disk() == []


def test_file_stays_on_the_disk_when_its_removal_is_taken_back(
    placed: Placed, attempt: Attempt, django_capture_on_commit_callbacks: Any
) -> None:
    file = keep(placed, attempt)
    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(ZeroDivisionError),
        transaction.atomic(),
    ):
        file.delete()
        raise ZeroDivisionError
    assert len(on_disk()) == 1  # the row is there, and so is its file


def test_strays_are_removed_after_a_day(placed: Placed, attempt: Attempt) -> None:
    keep(placed, attempt)
    (known,) = on_disk()
    stray = known.with_name("stray")
    stray.write_bytes(b"x")
    now = timezone.now()
    assert remove_strays(now) == 0
    for path in (known, stray):
        os.utime(path, times=((now - dt.timedelta(days=2)).timestamp(),) * 2)
    assert remove_strays(now) == 1
    assert on_disk() == [known]


def test_guidance_is_never_on_a_page_of_learners(placed: Placed, attempt: Attempt) -> None:
    client = client_of(placed.user)
    assert "KEYGUIDANCE" not in client.get(placed.url).content.decode()
    client.post(f"{placed.url}submit/", {"attempt": str(attempt.uuid), "a1": "x"})
    assert "KEYGUIDANCE" not in client.get(placed.url).content.decode()
