from __future__ import annotations

import contextlib

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lms.plugins.guard import PluginFailure, WriteRefused, guard


@pytest.fixture(autouse=True)
def contained(settings):
    settings.LMS_PLUGINS_STRICT = False


def write(name: str = "x") -> ContentType:
    return ContentType.objects.create(app_label="guard", model=name)


def written() -> int:
    return ContentType.objects.filter(app_label="guard").count()


@pytest.mark.django_db
def test_guard_turns_any_exception_into_a_failure_with_its_cause():
    with pytest.raises(PluginFailure) as caught, guard("hello", "grade"):
        raise ZeroDivisionError("half way")

    assert (caught.value.plugin, caught.value.operation) == ("hello", "grade")
    assert str(caught.value) == "hello failed in grade"
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.django_db
def test_guard_in_strict_mode_raises_the_exception_itself(settings):
    settings.LMS_PLUGINS_STRICT = True

    with pytest.raises(ZeroDivisionError), guard("hello", "grade"):
        raise ZeroDivisionError("half way")


@pytest.mark.django_db
@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_guard_lets_orders_to_stop_through(stop):
    with pytest.raises(stop), guard("hello", "grade"):
        raise stop


@pytest.mark.django_db
def test_guard_with_writes_keeps_what_succeeds():
    with guard("hello", "grade"):
        write()

    assert written() == 1


@pytest.mark.django_db
def test_guard_with_writes_undoes_the_plugin_and_keeps_the_caller():
    with transaction.atomic():
        write("before")
        with pytest.raises(PluginFailure), guard("hello", "grade"):
            write("plugin")
            raise ValueError
        write("after")

    kept = ContentType.objects.filter(app_label="guard").order_by("id")
    assert list(kept.values_list("model", flat=True)) == ["before", "after"]


@pytest.mark.django_db
def test_guard_with_writes_survives_broken_sql_inside_a_transaction():
    with transaction.atomic():
        write("before")
        with pytest.raises(PluginFailure) as caught, guard("hello", "grade"):
            connection.cursor().execute("SELECT nothing FROM nowhere")
        write("after")

    assert isinstance(caught.value.__cause__, DatabaseError)
    assert written() == 2


@pytest.mark.django_db
def test_guard_with_writes_undoes_the_plugin_when_it_swallowed_a_database_error():
    write("twin")
    with transaction.atomic():
        write("before")
        with pytest.raises(PluginFailure), guard("hello", "grade"):
            write("plugin")
            try:
                with transaction.atomic(savepoint=False):
                    write("twin")
            except DatabaseError:
                pass
            write("later")
        write("after")

    kept = ContentType.objects.filter(app_label="guard").order_by("id")
    assert list(kept.values_list("model", flat=True)) == ["twin", "before", "after"]


WRITES = [
    lambda row: row.save(),
    lambda row: row.delete(),
    lambda row: ContentType.objects.filter(pk=row.pk).update(model="y"),
    lambda row: ContentType.objects.filter(pk=row.pk).delete(),
    lambda row: ContentType.objects.bulk_create([ContentType(app_label="guard", model="z")]),
    lambda row: connection.cursor().execute("  insert into nowhere values (1)"),
    lambda row: connection.cursor().execute("DROP TABLE nowhere"),
    lambda row: connection.cursor().execute("with x as (select 1) delete from nowhere"),
    lambda row: connection.cursor().executemany("UPDATE nowhere SET a = 1", [()]),
]


@pytest.mark.django_db
@pytest.mark.parametrize("change", WRITES)
def test_guard_without_writes_refuses_before_the_database_hears_of_it(change):
    row = write()

    with pytest.raises(PluginFailure) as caught, guard("hello", "render", writes=False):
        change(row)

    # From the database the statements about "nowhere" would come back with another error.
    assert isinstance(caught.value.__cause__, WriteRefused)
    assert written() == 1


@pytest.mark.django_db
def test_guard_without_writes_lets_reading_through_at_no_cost():
    write()

    with CaptureQueriesContext(connection) as queries, guard("hello", "render", writes=False):
        assert written() == 1

    assert len(queries) == 1


@pytest.mark.django_db
def test_guard_without_writes_is_over_after_the_block():
    with pytest.raises(PluginFailure), guard("hello", "render", writes=False):
        write()

    write()
    assert written() == 1


@pytest.mark.django_db
def test_guard_inside_a_guard_that_only_reads_cannot_write():
    outer = guard("outer", "render", writes=False)
    with pytest.raises(PluginFailure), outer, guard("inner", "grade"):
        write()

    assert written() == 0


def swallow() -> None:
    with contextlib.suppress(WriteRefused):
        write()


def rename() -> None:
    try:
        write()
    except WriteRefused as error:
        raise ValueError("something else") from error


@pytest.mark.django_db
@pytest.mark.parametrize("plugin_code", [write, swallow, rename])
def test_guard_without_writes_leaves_an_outer_transaction_usable(plugin_code):
    with transaction.atomic():
        write("before")
        with (
            contextlib.suppress(PluginFailure),
            guard("hello", "render", writes=False),
        ):
            plugin_code()
        write("after")

    kept = ContentType.objects.filter(app_label="guard").order_by("id")
    assert list(kept.values_list("model", flat=True)) == ["before", "after"]


@pytest.mark.django_db
def test_guard_without_writes_leaves_a_transaction_that_was_broken_before_broken():
    with transaction.atomic():
        connection.set_rollback(True)
        with pytest.raises(PluginFailure), guard("hello", "render", writes=False):
            raise ValueError
        still = connection.needs_rollback
        connection.set_rollback(True)

    assert still is True


@pytest.mark.django_db
def test_guard_logs_the_traceback(caplog):
    with pytest.raises(PluginFailure), guard("hello", "render", writes=False):
        raise ValueError("the reason")

    assert [record.getMessage() for record in caplog.records] == ["plugin hello failed in render"]
    assert "the reason" in caplog.text
