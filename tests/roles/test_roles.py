"""docs/roles.md against the site: every address asked as every role, every answer searched.

Nothing may be shown beyond the table, nothing that the table promises may be missing, and no
address may be missing from the table.
"""

from __future__ import annotations

import io
import uuid
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tests.roles.table import ASKERS, addresses, facts
from tests.roles.world import Side, World, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

#: Not pages of people: files, and what allauth and Wagtail answer for by themselves.
ELSEWHERE = ("account_", "mfa_", "usersessions_", "socialaccount_", "wagtail", "openid", "media-")
#: Screens of the admin that show people or numbers; the others are Wagtail's.
ADMIN = (
    "person:index",
    "appointment:index",
    "rolegrant:index",
    "unit:index",
    "wagtailusers_users:index",
    "web_health",
    "content_attention_report",
    "wagtailadmin_home",
    "wagtailadmin_explore",
    "wagtailadmin_pages:edit",
)
#: Addresses that may be opened and do nothing there but take a form.
REFUSED = {302, 401, 403, 404}


def names_in(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """The names of all addresses of the site, with their namespaces."""
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            if str(each.pattern) not in {"admin/", "documents/"}:
                space = f"{each.namespace}:" if each.namespace else ""
                yield from names_in(each, prefix + space)
        elif isinstance(each, URLPattern) and each.name:
            yield prefix + each.name


def ours() -> set[str]:
    """The names that must stand in the table."""
    found = {name for name in names_in(get_resolver()) if not name.startswith(ELSEWHERE)}
    return found | set(ADMIN)


def urls(name: str, side: Side) -> list[str]:
    """The addresses of this name for the things of one side; several where it has kinds."""
    values = {
        "person_uuid": side.person.uuid,
        "unit_uuid": side.unit.uuid,
        "assignment_uuid": side.assignment.uuid,
        "merge_uuid": side.merge.uuid,
        "import_uuid": side.sent.uuid,
        "first": side.person.uuid,
        "second": side.other.uuid,
        "report_uuid": side.report.uuid,
        "post_id": side.post.pk,
        "course_key": side.course.translation_key,
        "lesson_key": side.lesson.translation_key,
        "activity_key": side.activity.translation_key,
        "activity_uuid": side.activity.uuid,
        "attempt_uuid": side.attempt.uuid,
        "file_uuid": side.file.uuid,
        "position": 1,
        "name": "rename",
    }
    if name.startswith("plugins:quizzes:"):
        values["attempt_uuid"] = side.sitting.uuid
    if name == "course-page":
        return [side.course.url, side.lesson.url]
    if name == "wagtailadmin_explore":
        return [reverse(name, args=[side.draft.get_parent().pk])]
    if name == "wagtailadmin_pages:edit":
        return [reverse(name, args=[side.draft.pk])]
    found = []
    for kind in ("csv", "xlsx"):
        for names in _arguments(name):
            chosen = {key: kind if key == "kind" else values[key] for key in names}
            try:
                found.append(reverse(name, kwargs=chosen))
            except NoReverseMatch:
                continue
    return list(dict.fromkeys(found))


def _arguments(name: str) -> list[list[str]]:
    *spaces, last = name.split(":")
    resolver: Any = get_resolver()
    for space in spaces:
        resolver = resolver.namespace_dict[space][1]
    return [
        params
        for possibilities in resolver.reverse_dict.getlist(last)
        for _t, params in possibilities[0]
    ]


def text_of(response: HttpResponseBase) -> str:
    """All that an answer says: of a workbook, its cells."""
    content = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined, arg-type]
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "\n".join(
                book.read(each).decode() for each in book.namelist() if each.endswith(".xml")
            )
    return str(content.decode(errors="replace"))


def may_be_seen(reach: str, side: str) -> bool:
    """Whether a fact of that side is within `reach`: all that an asker has stands near."""
    return reach == "all" or (reach != "–" and side == "near")


@pytest.fixture
def world() -> World:
    return make_world()


def test_every_address_of_the_site_stands_in_the_table() -> None:
    assert ours() == set(addresses())


@pytest.mark.parametrize("asker", ASKERS)
def test_what_a_role_opens_and_sees_is_what_the_table_says(world: World, asker: str) -> None:
    client, promised = world.client(asker), facts()
    opened, wrong = addresses(), []
    seen: dict[str, set[str]] = defaultdict(set)
    for name in sorted(opened):
        allowed = asker in opened[name]
        answers: list[int] = []
        for side in ("near", "far"):
            for url in urls(name, getattr(world, side)):
                response = _get(client, url)
                if side == "near":
                    answers.append(response.status_code)
                if not allowed and response.status_code not in REFUSED | {405}:
                    wrong.append(f"{url} answers {response.status_code} and should not open")
                text = text_of(response)
                for where in ("near", "far"):
                    for fact, mark in getattr(world, where).marks.items():
                        if mark in text:
                            seen[fact].add(where)
                            if not may_be_seen(promised[fact][asker], where):
                                wrong.append(f"{url} shows: {fact}, {where} ({mark})")
        if allowed and answers and not {200, 405, 302, 422}.intersection(answers):
            wrong.append(f"{name} should open and answers {answers}")
    for fact, cells in promised.items():
        for where in ("near", "far"):
            if may_be_seen(cells[asker], where) and where not in seen[fact]:
                wrong.append(f"never shown: {fact}, {where}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("asker", ASKERS)
def test_a_role_that_may_not_open_an_address_cannot_send_to_it(world: World, asker: str) -> None:
    client, wrong = world.client(asker), []
    for name, allowed in addresses().items():
        if asker in allowed:
            continue
        for side in (world.near, world.far):
            for url in urls(name, side):
                status = _post(client, url)
                if status not in REFUSED | {405}:
                    wrong.append(f"{url} takes a form and answers {status}")
    assert not wrong, "\n".join(wrong)


class _Undo(Exception):
    """Ends a request whose effects are not wanted."""


def _get(client: Client, url: str) -> Any:
    return client.get(url, follow=False)


def _post(client: Client, url: str) -> int:
    """What sending a form there answers; 299 when it leads on and has written something."""
    status = 0
    try:
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            response = client.post(url, {"name": "x", "code": str(uuid.uuid4())})
            status = response.status_code
            if status == 302 and any(_writes(each["sql"]) for each in queries):
                status = 299
            raise _Undo
    except _Undo:
        return status


def _writes(sql: str) -> bool:
    return sql.startswith(("INSERT", "UPDATE", "DELETE")) and "django_session" not in sql
