from __future__ import annotations

import pytest

from lms.plugins.contracts.transfer import NoFiles
from lms.plugins.errors import DomainError
from modules.activities.task.activity import TaskType
from modules.activities.task.models import TaskStep, WorkplaceTask
from modules.activities.task.tests.factories import make_task

pytestmark = pytest.mark.django_db
DATA = {"due_days": 7, "steps": [{"text": "Một"}, {"text": "Hai"}], "evidence_hint": "Ghi ngắn."}


def load(data, into=None):
    return TaskType().load(data, NoFiles(), version=1, into=into)


def stored(task: WorkplaceTask) -> list[tuple[int, str, str]]:
    return [
        (step.pk, str(step.key), step.text)
        for step in TaskStep.objects.filter(task=task).order_by("sort_order")
    ]


def loaded_into(task: WorkplaceTask, data) -> list[tuple[int, str, str]]:
    again = load(data, WorkplaceTask.objects.get(pk=task.pk))
    again.save()
    again.save_revision().publish()
    return stored(task)


def test_load_of_the_same_changes_no_step():
    task = make_task("Một", "Hai")
    before = stored(task)
    assert loaded_into(task, DATA) == before
    task.refresh_from_db()
    assert (task.due_days, task.evidence_hint) == (7, "Ghi ngắn.")


def test_load_of_an_edited_text_keeps_its_key():
    task = make_task("Một", "Hai")
    before = stored(task)
    after = loaded_into(task, {"steps": [{"text": "Một"}, {"text": "Hai, viết lại"}]})
    assert after == [before[0], (*before[1][:2], "Hai, viết lại")]


def test_load_of_a_step_put_first_keeps_the_others():
    task = make_task("Một", "Hai")
    before = stored(task)
    after = loaded_into(task, {"steps": [{"text": "Không"}, {"text": "Một"}, {"text": "Hai"}]})
    assert after[1:] == before
    assert after[0][2] == "Không"


def test_load_of_steps_in_another_order_keeps_their_keys():
    task = make_task("Một", "Hai")
    before = stored(task)
    assert loaded_into(task, {"steps": [{"text": "Hai"}, {"text": "Một"}]}) == before[::-1]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"steps": []},
        {"steps": "Một"},
        {"steps": ["Một"]},
        {"steps": [{"text": "  "}]},
        {"steps": [{"text": "x" * 501}]},
        {"steps": [{"text": "Một", "key": "không"}]},
        {"steps": [{"text": "Một"}], "due_days": -1},
        {"steps": [{"text": "Một"}], "due_days": True},
        {"steps": [{"text": "Một"}], "introduction": ["x"]},
    ],
)
def test_load_of_wrong_data_says_so(data):
    with pytest.raises(DomainError):
        load(data)


def test_problems_of_a_task_without_steps():
    task = make_task()
    task.steps = []
    assert [problem.is_error for problem in TaskType().problems(task)] == [True]


def test_problems_of_twice_the_same_step_is_a_warning():
    task = make_task("Một", "Một")
    assert [problem.is_error for problem in TaskType().problems(task)] == [False]


def test_save_takes_scripts_out_of_the_introduction():
    task = make_task(introduction="<p>Làm<script>alert(1)</script> <b>ngay</b></p>")
    assert task.introduction == "<p>Làm <b>ngay</b></p>"


def test_revisions_of_a_task_are_found_from_both_halves():
    task = make_task()
    task.save_revision()
    assert task.revisions.count() == 2
    assert task.activity_ptr.revisions.count() == 2
