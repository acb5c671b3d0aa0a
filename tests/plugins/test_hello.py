"""The plugin of docs/plugins.md, taken from the text of that page, installed and used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lms.plugins.verifying import verify
from tests.plugins.sites import ROOT, install

pytestmark = pytest.mark.django_db  # sites begin with a copy of this database

BLOCK = re.compile(
    r"^```\w+\n(?:# (?P<path>\S+)|\{# (?P<page>\S+) #\})\n(?P<text>.*?)^```$", re.M | re.S
)


def files_of_the_page() -> dict[str, str]:
    """The files that the page shows, by path: each block names its own in a comment."""
    page = (ROOT / "docs" / "plugins.md").read_text()
    return {match["path"] or match["page"]: match["text"] for match in BLOCK.finditer(page)}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "hello" / "__init__.py").touch()
    return folder


@pytest.fixture(scope="module")
def site(open_site, tmp_path_factory):
    """A site on which the plugin was installed, its migration made and run as the page says."""
    source = write(tmp_path_factory.mktemp("hello") / "lms-hello", files_of_the_page())
    target = install(tmp_path_factory.mktemp("installed") / "plugins", source)
    made = open_site(target)
    made.manage("makemigrations", "hello")
    made("command", arguments=["migrate", "--verbosity", "0"])
    return made


def test_hello_plugin_has_less_than_forty_lines():
    files = {name: text for name, text in files_of_the_page().items() if name != "hello/tests.py"}
    lines = [line for text in files.values() for line in text.splitlines() if line.strip()]

    assert sorted(files) == [
        "hello/activity.py",
        "hello/apps.py",
        "hello/models.py",
        "hello/templates/hello/greeting.html",
        "pyproject.toml",
    ]
    assert len(lines) < 40


def test_hello_plugin_passes_verification(site, tmp_path, empty_database):
    folder = write(tmp_path / "lms-hello", files_of_the_page())
    migrations = folder / "hello" / "migrations"
    migrations.mkdir()
    for made in (site.plugins / "hello" / "migrations").glob("*.py"):
        (migrations / made.name).write_text(made.read_text())

    steps = verify(folder, database=empty_database)

    assert [(step.name, step.output) for step in steps if not step.passed] == []
    assert len(steps) == 6


def test_hello_plugin_is_written_published_studied_and_completed(site):
    root = site("administrator")
    add = "/admin/snippets/hello/greeting/add/"
    form = {"title": "Chào hỏi", "completion_rule": "submitted", "message": "Xin chào"}

    # An author writes a draft.
    assert site("get", url=add, username=root)["status"] == 200
    edit = site("post", url=f"{add}?locale=vi", username=root, data=form)["location"]
    assert re.fullmatch(r"/admin/snippets/hello/greeting/edit/\d+/", edit)
    assert greeting(site) == [["hello.greeting", False, "Xin chào"]]

    # And publishes another wording of it.
    assert site("get", url=edit, username=root)["html"].count("Xin chào") >= 1
    form |= {"message": "Xin chào đồng chí", "action-publish": "1"}
    assert site("post", url=edit, username=root, data=form)["status"] == 302
    assert greeting(site) == [["hello.greeting", True, "Xin chào đồng chí"]]
    revisions = {"content_type__model": "greeting"}
    assert len(site("rows", model="wagtailcore.Revision", fields=["id"], where=revisions)) == 2

    # A learner meets it in a lesson and hands it in.
    studied = site("study_existing", title="Chào hỏi")
    learner, lesson = studied["learner"], studied["lesson"]
    action = f"/en/learn/activities/{studied['activity']}/submit/"
    page = site("get", url=lesson, username=learner)
    assert page["html"].count("<p>Xin chào đồng chí</p>") == 1
    assert page["html"].count(f'action="{action}"') == 1
    answer = site("post", url=action, username=learner, data={}, referer=lesson)
    assert answer["location"].endswith(f"{lesson}#activity-{studied['activity']}")
    assert progress(site, studied) == [[1.0, True]]

    # Then the lesson is finished, and with it the course.
    finish = f"/en/learn/lessons/{studied['lesson_key']}/finish/"
    assert site("post", url=finish, username=learner, data={})["status"] == 302
    assert site("events", enrolment=studied["enrolment"]) == [
        "enrolment.created",
        "attempt.started",
        "attempt.submitted",
        "activity.completed",
        "lesson.viewed",
        "lesson.completed",
        "module.completed",
        "course.completed",
    ]


def greeting(site) -> list[list]:
    fields = ["type_key", "live", "message"]
    return site("rows", model="hello.Greeting", fields=fields, where={"title": "Chào hỏi"})


def progress(site, studied) -> list[list]:
    where = {"enrolment_id": studied["enrolment"]}
    found = site(
        "rows",
        model="learning.ActivityProgress",
        fields=["fraction", "completed_at"],
        where=where,
    )
    return [[fraction, bool(completed)] for fraction, completed in found]
