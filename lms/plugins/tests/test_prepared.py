"""Prepared queries give what their querysets give, whatever the values and the engine."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Count, F, Value
from django.utils import timezone

from lms.plugins.prepared import Many, Prepared, shared_uuid
from modules.content.models import Address, CourseOutline

pytestmark = pytest.mark.django_db
KEYS = [uuid.UUID(int=number) for number in range(1, 6)]


@pytest.fixture
def outlines() -> list[CourseOutline]:
    return [
        CourseOutline.objects.create(course_key=key, version=f"v{number}", data={"n": number})
        for number, key in enumerate(KEYS)
    ]


def everything(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_instances_have_every_value_that_the_queryset_gives(outlines: list[CourseOutline]) -> None:
    def build(key: uuid.UUID) -> Any:
        return CourseOutline.objects.filter(course_key=key)

    prepared: Prepared[CourseOutline] = Prepared(build, uuid.UUID)
    for key in KEYS:
        assert [everything(row) for row in prepared(key)] == [everything(row) for row in build(key)]


def test_deferred_fields_stay_deferred_and_can_be_read(outlines: list[CourseOutline]) -> None:
    prepared: Prepared[CourseOutline] = Prepared(
        lambda key: CourseOutline.objects.filter(course_key=key).defer("data"), uuid.UUID
    )
    found = prepared.first(KEYS[2])
    assert found is not None
    assert found.get_deferred_fields() == {"data"}
    assert found.data == {"n": 2}


def test_rows_of_a_union_have_their_types(outlines: list[CourseOutline]) -> None:
    def build(keys: list[uuid.UUID]) -> Any:
        rows = CourseOutline.objects.filter(course_key__in=keys).order_by()
        return (
            rows.annotate(kind=Value(1))
            .values_list("course_key", "derived_at", "kind")
            .union(
                rows.annotate(kind=Value(2)).values_list("course_key", "derived_at", "kind"),
                all=True,
            )
        )

    prepared: Prepared[tuple[Any, ...]] = Prepared(build, Many(uuid.UUID))
    assert sorted(prepared(KEYS)) == sorted(build(KEYS))
    assert isinstance(prepared(KEYS)[0][0], uuid.UUID)
    assert prepared(KEYS)[0][1].tzinfo is not None


def test_select_related_and_annotations_come_along(outlines: list[CourseOutline]) -> None:
    from wagtail.models import Page  # noqa: PLC0415 -- needed here alone

    page = Page.objects.order_by("pk").first()
    Address.objects.create(
        url_path="vi:/a/", page=page, outline=outlines[1], kind="course", key=KEYS[1], language="vi"
    )
    prepared: Prepared[Any] = Prepared(
        lambda paths: (
            Address.objects.filter(url_path__in=paths)
            .select_related("outline")
            .annotate(others=Count("outline__addresses"), name=F("outline__version"))
        ),
        Many(str),
    )
    found = prepared.first(["vi:/a/", "vi:/b/", "vi:/c/"])
    assert (found.outline.version, found.others, found.name) == ("v1", 1, "v1")


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_lists_of_any_length_find_each_row_once(
    outlines: list[CourseOutline], count: int, django_assert_num_queries: Any
) -> None:
    prepared: Prepared[uuid.UUID] = Prepared(
        lambda keys: CourseOutline.objects.filter(course_key__in=keys).values_list(
            "course_key", flat=True
        ),
        Many(uuid.UUID),
    )
    with django_assert_num_queries(1):
        assert sorted(prepared(KEYS[:count])) == KEYS[:count]


def test_long_list_goes_through_the_queryset(outlines: list[CourseOutline]) -> None:
    prepared: Prepared[CourseOutline] = Prepared(
        lambda keys: CourseOutline.objects.filter(course_key__in=keys), Many(uuid.UUID)
    )
    assert len(prepared(KEYS + [uuid.uuid4() for _ in range(400)])) == len(KEYS)


def test_empty_list_asks_nothing(django_assert_num_queries: Any) -> None:
    prepared: Prepared[CourseOutline] = Prepared(
        lambda keys: CourseOutline.objects.filter(course_key__in=keys), Many(uuid.UUID)
    )
    with django_assert_num_queries(0):
        assert prepared([]) == []


def test_moment_and_hostile_text_are_parameters() -> None:
    now = timezone.now()
    Session.objects.create(session_key="k'; --", session_data="", expire_date=now)
    prepared: Prepared[Session] = Prepared(
        lambda key, at: Session.objects.filter(session_key=key, expire_date__gt=at),
        str,
        dt.datetime,
    )
    assert [row.pk for row in prepared("k'; --", now - dt.timedelta(seconds=1))] == ["k'; --"]
    assert prepared("k'; --", now) == []
    assert prepared("' OR 1=1 --", now - dt.timedelta(seconds=1)) == []


def test_value_that_the_text_does_not_hold_is_refused() -> None:
    prepared: Prepared[CourseOutline] = Prepared(lambda key: CourseOutline.objects.all(), uuid.UUID)
    with pytest.raises(ValueError, match="was lost"):
        prepared(KEYS[0])


@pytest.mark.parametrize("pk", [2**31, 2**63, -(2**70), 10**30])
def test_number_that_no_column_holds_finds_nothing(outlines: list[CourseOutline], pk: int) -> None:
    prepared: Prepared[CourseOutline] = Prepared(
        lambda pk: CourseOutline.objects.filter(pk=pk), int
    )
    assert prepared.first(outlines[0].pk) == outlines[0]
    assert prepared(pk) == []


def test_same_uuid_is_the_same_object_on_sqlite(outlines: list[CourseOutline]) -> None:
    prepared: Prepared[CourseOutline] = Prepared(
        lambda key: CourseOutline.objects.filter(course_key=key), uuid.UUID
    )
    first, again = (prepared(outlines[0].course_key)[0].course_key for _ in range(2))
    assert first == again == outlines[0].course_key
    if connection.vendor == "sqlite":
        assert first is again is shared_uuid(outlines[0].course_key.hex)
