"""A plugin comes, goes and comes back; and the one break that only an operator can mend."""

from __future__ import annotations

import pytest

from tests.plugins.sites import PACKAGES, install

pytestmark = pytest.mark.django_db  # sites begin with a copy of this database
NOT_AVAILABLE = "this activity is not available right now"
PROGRESS = ["fraction", "best_scaled", "passed", "completed_at"]


@pytest.fixture(scope="module")
def before(open_site, tmp_path_factory):
    """(site, what was studied, progress then): a site on which somebody learned something."""
    target = tmp_path_factory.mktemp("installed") / "plugins"
    install(target, PACKAGES / "lms-dummy", PACKAGES / "lms-failing")
    site = open_site(target)
    site("command", arguments=["migrate", "--verbosity", "0"])
    studied = site("study_dummy")
    studied["unused"] = site("study", kinds=["dummy"])["activity"]["dummy"]
    site("strip_activity", uuid=studied["unused"])
    return site, studied, progress(site, studied)


@pytest.fixture(scope="module")
def after(open_site, before):
    """The same data on a site where nothing of the plugins is installed any more."""
    return open_site(None, database=before[0].database)


def progress(site, studied) -> list[list]:
    where = {"enrolment_id": studied["enrolment"]}
    return site("rows", model="learning.ActivityProgress", fields=PROGRESS, where=where)


# --- while it is installed


def test_installed_plugin_does_not_change_the_migrations_of_others(before):
    site, _, _ = before

    apps = ["content", "learning", "people", "dummy", "failing"]
    output = site("command", arguments=["makemigrations", *apps, "--check", "--dry-run"])

    assert [line for line in output.splitlines() if not line.startswith("No changes")] == []


def test_block_of_a_plugin_is_shown_offered_to_authors_and_found(before):
    site, studied, _ = before
    lesson = site("get", url=studied["lesson"], username=studied["learner"])
    editor = site(
        "get",
        url=f"/admin/pages/{studied['lesson_page']}/edit/",
        username=site("administrator"),
    )
    found = site("get", url="/en/search/?q=nghe+truoc", username=studied["learner"])

    assert lesson["html"].count("Mẹo: nghe trước") == 1
    assert editor["status"] == 200
    assert "dummy_tip" in editor["html"]
    assert found["html"].count(studied["lesson"]) == 1


def test_panel_of_a_plugin_stands_on_the_home_page(before):
    site, studied, _ = before

    home = site("get", url="/en/home/", username=studied["learner"])

    assert home["html"].count("<h2>Ghi chú của bạn</h2><p>1</p>") == 1


# --- uninstalled


def test_uninstalled_plugin_leaves_a_placeholder_and_the_rest_of_the_lesson(after, before):
    _, studied, _ = before

    answer = after("get", url=studied["lesson"], username=studied["learner"])

    assert answer["status"] == 200
    assert answer["html"].count(f"Hoạt động dummy: {NOT_AVAILABLE}") == 1
    assert answer["html"].count("Trước hoạt động.") == 1
    assert "nghe trước" not in answer["html"]


def test_uninstalled_plugin_leaves_progress_events_and_blocks_as_they_were(after, before):
    _, studied, earned = before

    assert progress(after, studied) == earned
    assert after("events", enrolment=studied["enrolment"]) == studied["events"]
    assert "dummy_tip" in after("read_body", lesson_page=studied["lesson_page"])
    assert "progress agrees" in after("command", arguments=["rebuild_progress", "--check"])


@pytest.mark.parametrize("url", ["/en/home/", "/en/record/", "/en/courses/", "/en/search/?q=dummy"])
def test_pages_stand_after_a_plugin_was_uninstalled(after, before, url):
    assert after("get", url=url, username=before[1]["learner"])["status"] == 200


def test_page_of_an_uninstalled_activity_says_so(after, before):
    _, studied, _ = before
    url = f"/en/learn/activities/{studied['activity']['dummy']}/"

    answer = after("get", url=url, username=studied["learner"])

    assert answer["status"] == 200
    assert "This activity is not available right now" in answer["html"]


def test_handing_in_to_an_uninstalled_activity_says_so_and_records_nothing(after, before):
    _, studied, _ = before
    learner = studied["learner"]
    url = f"/en/learn/activities/{studied['activity']['dummy']}/submit/"
    after("get", url=studied["lesson"], username=learner)

    answer = after("post", url=url, username=learner, data={}, referer=studied["lesson"])
    page = after("get", url=studied["lesson"], username=learner)

    assert answer["status"] == 302
    assert page["html"].count("This activity is not available right now. Try later.") == 1
    assert after("events", enrolment=studied["enrolment"]) == studied["events"]


def test_base_row_of_an_uninstalled_activity_cannot_be_deleted(after, before):
    _, studied, _ = before

    # One that people worked with, and one of which only the plugin's own row is left.
    assert after("delete_activity", uuid=studied["activity"]["dummy"]) == "ProtectedError"
    assert after("delete_activity", uuid=studied["unused"]) == "IntegrityError"
    where = {"title": "Hoạt động dummy"}
    assert len(after("rows", model="content.Activity", fields=["uuid"], where=where)) == 2


def test_tick_goes_on_when_a_plugin_that_owes_marks_and_deliveries_is_gone(after, before):
    _, studied, _ = before
    where = {"enrolment_id": studied["enrolment"], "state": "submitted"}

    after("tick")

    waiting = after("rows", model="learning.Attempt", fields=["grading_due"], where=where)
    assert len(waiting) == 1
    assert waiting[0][0] is not None
    errors = after("rows", model="learning.Delivery", fields=["last_error"], where={})
    assert {error for (error,) in errors} == {"its plugin is not installed"}


def test_plugin_that_comes_back_goes_on_where_it_was(open_site, before, after):
    site, studied, earned = before
    again = open_site(site.plugins, database=after.database)
    again("mend", mended=True)

    again("tick")
    answer = again("get", url=studied["lesson"], username=studied["learner"])

    assert NOT_AVAILABLE not in answer["html"]
    assert answer["html"].count("Mẹo: nghe trước") == 1
    assert again("events", enrolment=studied["enrolment"]) == [
        *studied["events"], "attempt.graded", "activity.completed",
    ]  # fmt: skip
    kept = [row for row in progress(again, studied) if row in earned]
    assert len(kept) == 1


# --- broken models.py


@pytest.fixture(scope="module")
def with_broken_models(before, tmp_path_factory):
    target = tmp_path_factory.mktemp("installed") / "plugins"
    names = ("lms-dummy", "lms-failing", "lms-broken-models")
    return install(target, *(PACKAGES / name for name in names))


def test_broken_models_stop_the_site(open_site, before, with_broken_models):
    site = open_site(with_broken_models, database=before[0].database)

    output = site.manage("check", fails=True)

    assert "broken_models/models.py" in output


def test_disabling_the_plugin_with_broken_models_restores_service(
    open_site, before, with_broken_models
):
    _, studied, _ = before
    site = open_site(
        with_broken_models, database=before[0].database, LMS_PLUGINS_DISABLED="broken_models"
    )

    state = site("state")
    answer = site("get", url=studied["lesson"], username=studied["learner"])

    assert state["rejected"]["broken_models"] == "disabled by LMS_PLUGINS_DISABLED"
    assert state["faults"] == {}
    assert answer["status"] == 200
    assert answer["html"].count("Mẹo: nghe trước") == 1
