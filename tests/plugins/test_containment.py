"""Every row of "What breaks / Contained by", with real broken plugins that pip installed.

All of them stand on one site at once, beside a good plugin that must not suffer.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db  # sites begin with a copy of this database
NOT_AVAILABLE = "this activity is not available right now"


@pytest.fixture(scope="module")
def plugin_state(site):
    site("get", url="/")  # faults in urls.py show with the first request
    return site("state")


# --- import error in apps.py; wrong API version


def test_site_is_up_with_all_broken_plugins_installed(site):
    answer = site("get", url="/")

    assert answer["status"] == 200
    assert "<h1" in answer["html"]


def test_good_plugin_is_in_service_beside_the_broken_ones(plugin_state):
    own = [key for key in plugin_state["keys"] if key.startswith("dummy")]

    assert own == ["dummy.ledger", "dummy.note", "dummy.notes", "dummy.search", "dummy_tip"]
    assert "dummy" not in plugin_state["faults"]


def test_plugin_that_cannot_be_imported_is_skipped_with_its_reason(plugin_state):
    reason = "ModuleNotFoundError: No module named 'a_module_that_is_missing'"

    assert "broken_import" not in plugin_state["installed"]
    assert plugin_state["rejected"]["broken_import"] == reason
    assert plugin_state["faults"]["broken_import"] == ["discovery", reason]


def test_plugin_for_another_contract_is_skipped_with_its_reason(plugin_state):
    reason = "needs plugin API >=2, this platform has 1.2"

    assert "too_new" not in plugin_state["installed"]
    assert plugin_state["rejected"]["too_new"] == reason


def test_check_and_plugins_list_name_every_plugin_that_is_out_of_service(site):
    broken = {"broken_import", "broken_register", "broken_urls", "broken_hooks", "too_new"}

    check = site("command", arguments=["check"])
    lines = site("command", arguments=["plugins", "list"]).splitlines()
    listed = {line.split()[0]: line for line in lines}

    assert {name for name in broken if f"plugin {name} is out of service" in check} == broken
    assert {name for name in broken if "out of service" in listed[name]} == broken
    assert "in service" in listed["dummy"]


# --- exception in register(), urls.py, wagtail_hooks.py


def test_plugin_that_fails_half_way_through_register_leaves_nothing(plugin_state):
    assert plugin_state["faults"]["broken_register"] == [
        "register",
        "RuntimeError: half way through register()",
    ]
    assert [key for key in plugin_state["keys"] if key.startswith("broken_register")] == []


def test_plugin_with_broken_urls_loses_its_own_addresses_only(site, plugin_state):
    assert plugin_state["faults"]["broken_urls"][0] == "urls"
    assert site("get", url="/x/broken_urls/")["status"] == 404
    assert site("get", url="/x/dummy/about/")["html"] == "about dummy"


def test_addresses_of_a_plugin_are_for_people_who_signed_in_unless_public(site):
    learner = site("study", kinds=[])["learner"]

    assert site("get", url="/x/dummy/mine/")["location"] == "/account/login/?next=/x/dummy/mine/"
    assert site("get", url="/x/dummy/mine/", username=learner)["html"] == f"notes of {learner}"


def test_plugin_with_broken_hooks_does_not_stop_the_admin(site, plugin_state):
    answer = site("get", url="/admin/", username=site("administrator"))

    assert plugin_state["faults"]["broken_hooks"][0] == "hooks"
    assert answer["status"] == 200


# --- exception, or a write, while showing


@pytest.fixture(scope="module")
def shown(site):
    kinds = ["render", "render_write", "render_sql", "page:summary", "nowhere", "dummy"]
    blocks = [["failing_block", {"text": "một"}], ["dummy_tip", {"text": "nghe trước"}]]
    studied = site("study", kinds=kinds, blocks=blocks)
    answer = site("get", url=studied["lesson"], username=studied["learner"])
    return studied, answer


@pytest.mark.parametrize("kind", ["render", "render_write", "render_sql", "page:summary"])
def test_activity_that_fails_to_show_is_replaced_by_a_notice(shown, kind):
    studied, answer = shown
    _, _, after = answer["html"].partition(f'id="activity-{studied["activity"][kind]}"')
    notice = after.partition("</section>")[0]

    assert answer["status"] == 200
    assert f"Hoạt động {kind}: {NOT_AVAILABLE}" in " ".join(notice.split())


def test_rest_of_the_lesson_stands_around_what_fails(shown):
    _, answer = shown
    html = answer["html"]

    assert html.count(NOT_AVAILABLE) == 4
    for text in ("Trước hoạt động.", "Mẹo: nghe trước", "kind nowhere is shown"):
        assert html.count(text) == 1, text
    # The field of the activity that works, and the one of the form that reports faults.
    assert html.count('name="text"') == 2


def test_what_a_plugin_writes_while_showing_never_reaches_the_database(site, shown):
    assert site("rows", model="failing.Trace", fields=["what"], where={"what": "render"}) == []


def test_activity_that_fails_on_a_page_of_its_own_gets_a_clear_page(site):
    studied = site("study", kinds=["page:render"])
    url = f"/en/learn/activities/{studied['activity']['page:render']}/"

    answer = site("get", url=url, username=studied["learner"])

    assert answer["status"] == 200
    assert "This activity is not available right now" in answer["html"]
    assert studied["lesson"] in answer["html"]


def test_home_and_search_stand_while_panels_and_sources_fail(site):
    studied = site("study", kinds=["dummy"])
    home = site("get", url="/home/", username=studied["learner"])
    found = site("get", url="/search/?q=hom+nay+hoc+duoc", username=studied["learner"])

    assert (home["status"], found["status"]) == (200, 200)
    assert f"/learn/activities/{studied['activity']['dummy']}/" in found["html"]


def test_progress_of_an_activity_that_cannot_say_is_no_error(site):
    studied = site("study", kinds=["nowhere"])
    url = f"/en/learn/activities/{studied['activity']['nowhere']}/"
    site("get", url=studied["lesson"], username=studied["learner"])
    site("post", url=f"{url}start/", username=studied["learner"], data={})

    answer = site("post", url=f"{url}progress/", username=studied["learner"], data={})

    assert answer["status"] == 204
    assert "activity.progressed" not in site("events", enrolment=studied["enrolment"])


# --- exception while starting and grading


def hand_in(site, kind: str) -> dict:
    studied = site("study", kinds=[kind])
    url = f"/en/learn/activities/{studied['activity'][kind]}/submit/"
    site("get", url=studied["lesson"], username=studied["learner"])
    data = {"text": ["lời của tôi"], "choice": ["a", "b"]}
    answer = site(
        "post", url=url, username=studied["learner"], data=data, referer=studied["lesson"]
    )
    page = site("get", url=studied["lesson"], username=studied["learner"])
    return {**studied, "answer": answer, "page": page, "url": url}


def attempts(site, studied, *fields: str) -> list[list]:
    where = {"enrolment_id": studied["enrolment"]}
    return site("rows", model="learning.Attempt", fields=list(fields), where=where)


@pytest.mark.parametrize("kind", ["start", "attempts"])
def test_activity_that_fails_to_start_says_so_and_records_nothing(site, kind):
    studied = hand_in(site, kind)

    assert studied["answer"]["status"] == 302
    assert (
        studied["page"]["html"].count("This activity is not available right now. Try later.") == 1
    )
    assert attempts(site, studied, "state") == []
    assert site("events", enrolment=studied["enrolment"]) == ["enrolment.created"]
    assert site("rows", model="failing.Trace", fields=["what"], where={"what": "start"}) == []


@pytest.mark.parametrize("kind", ["accept", "accept_sql", "accept_write"])
def test_submission_is_taken_when_the_type_cannot_say_whether_to_accept(site, kind):
    studied = hand_in(site, kind)

    assert studied["answer"]["status"] == 302
    assert attempts(site, studied, "state", "passed") == [["graded", True]]
    assert site("rows", model="failing.Trace", fields=["what"], where={"what": "accept"}) == []


@pytest.mark.parametrize("kind", ["refuse", "page:refuse"])
def test_submission_that_is_refused_comes_back_and_leaves_nothing(site, kind):
    studied = hand_in(site, kind)
    answer = studied["answer"]

    assert answer["status"] == 422
    assert "write &lt;at least&gt; two words" in answer["html"]
    assert ">lời của tôi</textarea>" in answer["html"]
    assert attempts(site, studied, "state") == []
    assert site("events", enrolment=studied["enrolment"]) == ["enrolment.created"]


@pytest.mark.parametrize("kind", ["grade", "grade_sql", "grade_rubbish", "grade_nan"])
def test_submission_is_kept_when_marking_fails_and_marked_later(site, kind):
    studied = hand_in(site, kind)
    submitted = ["enrolment.created", "attempt.started", "attempt.submitted"]

    (state, response, due) = attempts(site, studied, "state", "response", "grading_due")[0]
    assert studied["answer"]["status"] == 302
    assert (state, response) == ("submitted", {"text": ["lời của tôi"], "choice": ["a", "b"]})
    assert due is not None
    assert site("events", enrolment=studied["enrolment"]) == submitted
    assert site("rows", model="failing.Trace", fields=["what"], where={"what": "grade"}) == []

    site("tick")
    assert attempts(site, studied, "state") == [["submitted"]]

    site("mend", mended=True)
    try:
        site("tick")
    finally:
        site("mend", mended=False)
    assert attempts(site, studied, "state", "raw", "passed", "grading_due") == [
        ["graded", 1.0, True, None]
    ]
    assert site("events", enrolment=studied["enrolment"]) == [
        *submitted, "attempt.graded", "activity.completed",
    ]  # fmt: skip


def test_good_plugin_marks_at_once_on_the_same_site(site):
    studied = hand_in(site, "dummy")

    assert attempts(site, studied, "state", "raw", "maximum") == [["graded", 1.0, 1.0]]
    written = site("rows", model="dummy.WrittenNote", fields=["text"], where={})
    assert written[-1] == ["lời của tôi"]


# --- a sink is down


def deliveries(site, studied, sink: str) -> list[list]:
    where = {"event__enrolment_id": studied["enrolment"], "sink_key": sink}
    fields = ["event__name", "state", "attempts", "last_error"]
    return site("rows", model="learning.Delivery", fields=fields, where=where)


def test_sink_that_is_down_keeps_its_deliveries_until_it_is_up(site):
    studied = hand_in(site, "dummy")
    assert deliveries(site, studied, "failing.down") == [["attempt.submitted", "waiting", 0, ""]]

    site("tick")
    error = "ConnectionError('the other side does not answer')"
    assert deliveries(site, studied, "failing.down") == [["attempt.submitted", "waiting", 1, error]]

    site("mend", mended=True)
    try:
        site("tick")
    finally:
        site("mend", mended=False)
    assert deliveries(site, studied, "failing.down") == [["attempt.submitted", "done", 2, ""]]


def test_sink_that_cannot_say_what_it_wants_gets_everything_and_breaks_nothing(site):
    studied = hand_in(site, "dummy")

    happened = site("events", enrolment=studied["enrolment"])
    assert "activity.completed" in happened
    assert [each[0] for each in deliveries(site, studied, "failing.undecided")] == [
        "attempt.submitted", "attempt.graded", "activity.completed",
    ]  # fmt: skip


def test_sink_that_is_down_does_not_keep_events_from_another(site):
    studied = hand_in(site, "dummy")

    site("tick")

    happened = site("events", enrolment=studied["enrolment"])
    arrived = deliveries(site, studied, "dummy.ledger")
    assert arrived == [[name, "done", 1, ""] for name in happened]
    ledger = site("rows", model="dummy.LedgerEntry", fields=["name"], where={})
    assert [name for (name,) in ledger][-len(happened) :] == happened


def test_delivery_waits_longer_each_time_and_is_given_up_as_a_dead_letter(site):
    studied = hand_in(site, "dummy")

    waits = site("fail_until_dead", enrolment=studied["enrolment"], sink="failing.down")

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]  # minutes
    (dead,) = deliveries(site, studied, "failing.down")
    assert dead[1:3] == ["dead", 12]
    site("tick")
    assert deliveries(site, studied, "failing.down") == [dead]
