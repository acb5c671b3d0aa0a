"""A learner carries out a task: over HTTP, without JavaScript unless said."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lms.learning import api
from lms.learning.models import ActivityProgress, Attempt
from lms.people.tests.factories import UserFactory
from modules.activities.task.activity import TaskType
from modules.activities.task.entries import mark_of, step_field
from modules.activities.task.models import StepDone, TaskStep, TaskWork
from modules.activities.task.panels import OpenTasks
from modules.activities.task.tests.factories import Placed, make_placed

JSON = {"Accept": "application/json"}


@pytest.fixture
def placed(db) -> Placed:
    return make_placed()


@pytest.fixture
def learner(placed) -> Client:
    client = Client()
    client.force_login(placed.user)
    return client


def address(attempt: Attempt, what: str = "save") -> str:
    return f"/x/task/attempts/{attempt.uuid}/{what}/"


def field(placed: Placed, at: int = 0) -> str:
    return step_field(placed.task.steps.all()[at].key)


def today() -> str:
    return timezone.localdate().isoformat()


def filled(placed: Placed, note: str = "Đã họp, đã ghi kết luận.") -> dict[str, str]:
    return {field(placed): today(), "note": note}


def test_page_before_the_start_shows_steps_and_writes_nothing(placed, learner):
    page = learner.get(placed.url)
    assert page.status_code == 200
    assert "Chọn một cuộc họp." in page.text
    assert f'action="{placed.url}start/"' in page.text
    assert not Attempt.objects.exists()
    assert not TaskWork.objects.exists()


def test_start_fixes_the_due_date(placed, learner):
    learner.post(f"{placed.url}start/")
    work = TaskWork.objects.get(attempt__enrolment=placed.enrolment)
    assert work.due_on == timezone.localdate() + dt.timedelta(days=14)
    placed.task.due_days = 3
    placed.task.save()
    assert f"{work.due_on:%d/%m/%Y}" in learner.get(placed.url).text


def test_start_of_a_task_without_days_has_no_due_date(db):
    placed = make_placed(due_days=0)
    assert TaskWork.objects.get(attempt=placed.begin()).due_on is None


def test_page_after_the_due_date_says_so_and_still_takes_it(placed, learner):
    attempt = placed.begin()
    TaskWork.objects.filter(attempt=attempt).update(due_on=dt.date(2026, 1, 5))
    page = learner.get(placed.url, headers={"Accept-Language": "vi"})
    assert "05/01/2026" in page.text
    assert 'class="badge warn"' in page.text
    learner.post(address(attempt, "hand-in"), filled(placed))
    attempt.refresh_from_db()
    assert attempt.state == "submitted"


def test_save_keeps_bit_by_bit(placed, learner):
    attempt = placed.begin()
    first = learner.post(address(attempt), {field(placed): today()})
    second = learner.post(address(attempt), {"note": "Ghi  chú"})
    assert (first.status_code, first.url) == (302, placed.url)
    assert second.status_code == 302
    work = TaskWork.objects.get(attempt=attempt)
    assert work.note == "Ghi  chú"
    assert [each.done_on for each in work.done.all()] == [timezone.localdate()]
    page = learner.get(placed.url).text
    assert f'value="{today()}"' in page
    assert "Ghi  chú</textarea>" in page


def test_save_of_a_cleared_date_takes_it_away(placed, learner):
    attempt = placed.begin()
    learner.post(address(attempt), {field(placed): today()})
    learner.post(address(attempt), {field(placed): "", f"seen-{field(placed)}": today()})
    assert not StepDone.objects.exists()


def test_save_of_a_bad_date_keeps_what_was_typed_and_saves_the_rest(placed, learner):
    attempt = placed.begin()
    data = {
        field(placed, 0): "31/02/2026",
        field(placed, 1): today(),
        "note": "Ghi",
        "activity": str(placed.task.uuid),
    }
    answer = learner.post(address(attempt), data)
    assert answer.status_code == 422
    assert 'value="31/02/2026"' in answer.text
    assert f'id="{field(placed, 0)}-error"' in answer.text
    assert "Ghi</textarea>" in answer.text
    assert StepDone.objects.get().step_key == placed.task.steps.all()[1].key


def test_save_from_an_old_tab_undoes_nothing(placed, learner):
    attempt = placed.begin()
    old_tab = {field(placed): "", f"seen-{field(placed)}": "", "note": "", "seen-note": mark_of("")}
    learner.post(address(attempt), filled(placed))
    answer = learner.post(address(attempt), {**old_tab, field(placed, 1): today()})
    assert answer.status_code == 302
    work = TaskWork.objects.get(attempt=attempt)
    assert work.note == "Đã họp, đã ghi kết luận."
    assert work.done.count() == 2


def test_save_of_a_note_changed_elsewhere_keeps_both_texts(placed, learner):
    attempt = placed.begin()
    learner.post(address(attempt), {"note": "Từ máy khác"})
    answer = learner.post(address(attempt), {"note": "Của tôi", "seen-note": mark_of("")})
    assert answer.status_code == 422
    assert "Của tôi</textarea>" in answer.text
    assert TaskWork.objects.get(attempt=attempt).note == "Từ máy khác"


def test_save_by_script_says_what_was_saved(placed, learner):
    attempt = placed.begin()
    data = {field(placed): today(), field(placed, 1): "mai", "note": "Ghi"}
    answer = learner.post(address(attempt), data, headers=JSON).json()
    assert list(answer["errors"]) == [field(placed, 1)]
    assert (answer["done"], answer["seen_note"]) == (1, mark_of("Ghi"))
    work = TaskWork.objects.get(attempt=attempt)
    assert answer["saved_at"] == f"{timezone.localtime(work.saved_at):%H:%M}"


def test_save_after_handing_in_changes_nothing(placed, learner):
    attempt = placed.begin()
    learner.post(address(attempt, "hand-in"), filled(placed))
    answer = learner.post(address(attempt), {"note": "Muộn"}, headers=JSON)
    assert answer.status_code == 409
    assert answer.json() == {"error": str(api.AttemptClosed())}
    plain = learner.post(address(attempt), {"note": "Muộn"}, follow=True)
    assert str(api.AttemptClosed()) in plain.text
    assert TaskWork.objects.get(attempt=attempt).note == "Đã họp, đã ghi kết luận."


def test_save_of_another_person_is_not_found(placed):
    attempt = placed.begin()
    other = Client()
    other.force_login(UserFactory())
    assert other.post(address(attempt), {"note": "x"}).status_code == 404
    assert Client().post(address(attempt), {"note": "x"}).status_code == 302
    assert TaskWork.objects.get(attempt=attempt).note == ""


def test_save_after_leaving_the_course_is_refused(placed, learner):
    attempt = placed.begin()
    api.withdraw(enrolment=placed.enrolment)
    answer = learner.post(address(attempt), {"note": "x"}, headers=JSON)
    assert answer.status_code == 409
    assert answer.json() == {"error": str(api.NotEnrolled())}


def test_get_of_the_actions_is_not_allowed(placed, learner):
    attempt = placed.begin()
    assert learner.get(address(attempt)).status_code == 405
    assert learner.get(address(attempt, "hand-in")).status_code == 405


def test_hand_in_completes_the_activity(placed, learner):
    attempt = placed.begin()
    answer = learner.post(address(attempt, "hand-in"), filled(placed), follow=True)
    assert answer.redirect_chain == [(placed.url, 302)]
    attempt.refresh_from_db()
    assert attempt.state == "submitted"
    assert attempt.response == {"steps_done": 1, "steps": 3}
    state = ActivityProgress.objects.get(activity_key=placed.task.translation_key)
    assert state.completed_at is not None
    assert "Đã họp, đã ghi kết luận." in answer.text


def test_hand_in_without_a_date_or_a_note_says_what_is_missing(placed, learner):
    attempt = placed.begin()
    answer = learner.post(address(attempt, "hand-in"), {"note": "Ghi"})
    assert answer.status_code == 422
    assert 'href="#task-steps"' in answer.text
    assert "Ghi</textarea>" in answer.text
    answer = learner.post(address(attempt, "hand-in"), {field(placed): today(), "note": ""})
    assert answer.status_code == 422
    assert 'href="#task-note"' in answer.text
    attempt.refresh_from_db()
    assert attempt.state == "open"
    assert TaskWork.objects.get(attempt=attempt).done.count() == 1


def test_hand_in_twice_is_told(placed, learner):
    attempt = placed.begin()
    learner.post(address(attempt, "hand-in"), filled(placed))
    again = learner.post(address(attempt, "hand-in"), filled(placed, "Khác"), follow=True)
    assert str(api.AttemptClosed()) in again.text
    assert TaskWork.objects.get(attempt=attempt).note == "Đã họp, đã ghi kết luận."


def test_note_with_markup_is_shown_as_text(placed, learner):
    attempt = placed.begin()
    learner.post(address(attempt, "hand-in"), filled(placed, "<script>alert(1)</script>"))
    page = learner.get(placed.url).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_step_taken_out_by_the_author_stays_on_record(placed, learner):
    attempt = placed.begin()
    learner.post(address(attempt), {field(placed): today()})
    TaskStep.objects.filter(task=placed.task, text="Chọn một cuộc họp.").delete()
    assert "Chọn một cuộc họp." in learner.get(placed.url).text
    learner.post(address(attempt, "hand-in"), {"note": "Ghi"})
    assert "Chọn một cuộc họp." in learner.get(placed.url).text


def test_fraction_is_the_share_of_dated_steps(placed, learner):
    attempt = placed.begin()
    learner.post(address(attempt), {field(placed): today(), field(placed, 1): today()})
    assert TaskType().fraction(placed.task, attempt) == pytest.approx(2 / 3)


def test_home_shows_open_tasks_nearest_first(placed, learner):
    attempt = placed.begin()
    learner.post(address(attempt), {field(placed): today()})
    page = learner.get("/home/").text
    due_on = timezone.localdate() + dt.timedelta(days=14)
    assert placed.task.title in page
    assert f"{due_on:%d/%m/%Y}" in page
    learner.post(address(attempt, "hand-in"), filled(placed))
    assert f"{due_on:%d/%m/%Y}" not in learner.get("/home/").text


def test_home_panel_costs_one_query_for_many(placed, rf):
    placed.begin()
    request = rf.get("/home/")
    request.user = placed.user
    with CaptureQueriesContext(connection) as queries:
        panels = OpenTasks().panels(placed.user.person, request)
    assert (len(queries), len(panels)) == (1, 1)


def test_task_page_and_actions_keep_their_query_budgets(placed, learner):
    attempt = placed.begin()
    learner.get(placed.url)
    with CaptureQueriesContext(connection) as page:
        learner.get(placed.url)
    with CaptureQueriesContext(connection) as save:
        learner.post(address(attempt), filled(placed), headers=JSON)
    with CaptureQueriesContext(connection) as hand_in:
        learner.post(address(attempt, "hand-in"), {"note": "Ghi", "seen-note": mark_of("Ghi")})
    assert len(page) <= 12, [q["sql"] for q in page]
    assert len(save) <= 20, [q["sql"] for q in save]
    assert len(hand_in) <= 40, [q["sql"] for q in hand_in]


def test_lesson_shows_the_task_as_a_card(placed, learner):
    page = learner.get(placed.lesson.url)
    assert placed.task.title in page.text
    assert f'href="{placed.url}"' in page.text


def test_personal_data_and_forget(placed, learner):
    attempt = placed.begin()
    learner.post(address(attempt, "hand-in"), filled(placed))
    (piece,) = TaskType().personal_data(placed.user.person)
    assert piece.data["note"] == "Đã họp, đã ghi kết luận."
    assert piece.data["steps"] == [{"text": "Chọn một cuộc họp.", "done_on": today()}]
    TaskType().forget(placed.user.person)
    with pytest.raises(ObjectDoesNotExist):
        TaskWork.objects.get(attempt=attempt)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_tabs_at_once_leave_one_record():
    placed = make_placed()
    clients = [Client() for _ in range(8)]
    for client in clients:
        client.force_login(placed.user)
    barrier = threading.Barrier(8)
    codes: list[tuple[int, ...]] = []
    keys = [step_field(step.key) for step in placed.task.steps.all()]

    def tab(client: Client) -> None:
        try:
            barrier.wait()
            started = client.post(f"{placed.url}start/").status_code
            attempt = Attempt.objects.get(enrolment=placed.enrolment)
            barrier.wait()
            saved = client.post(
                address(attempt), {keys[0]: today(), "note": "Ghi"}, headers=JSON
            ).status_code
            barrier.wait()
            handed = client.post(address(attempt, "hand-in"), {keys[1]: today()}).status_code
            codes.append((started, saved, handed))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tab, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [(302, 200, 302)] * 8
    attempt = Attempt.objects.get(enrolment=placed.enrolment)
    assert attempt.state == "submitted"
    assert TaskWork.objects.get(attempt=attempt).done.count() == 2
