"""Every kind of column goes through a backup and comes out as it was, NULL included."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection, models, transaction
from django.test.utils import isolate_apps

from lms.operations.backup import codecs, engines
from lms.operations.backup.schema import Table, _table, applied, loader, schema_at
from lms.operations.backup.snapshot import rows
from lms.operations.tests.sites import Site, Sites

pytestmark = [pytest.mark.usefixtures("unblocked"), pytest.mark.postgresql]

VALUES = {
    "text": "Đặng Thị Ánh\t\"'\\N\\.\n ✓ 😀",
    "number": -(2**62),
    "share": 0.1 + 0.2,
    "yes": False,
    "moment": dt.datetime(2025, 7, 1, 6, 59, 59, 120, tzinfo=dt.UTC),
    "day": dt.date(1965, 1, 31),
    "time": dt.time(23, 59, 59, 999999),
    "money": Decimal("-1234567.80"),
    "key": uuid.UUID("00000000-0000-4000-8000-0000000000ff"),
    "data": {"tên": ["Ánh", None, 1.5, {"a": "\\u0041"}]},
    "bytes": bytes(range(256)),
    "lasting": dt.timedelta(days=-3, microseconds=7),
    "address": "2001:db8::1",
}


@pytest.fixture
def everything(sites: Sites) -> Iterator[tuple[type[models.Model], type[models.Model], Site]]:
    """Two tables with a column of every kind."""
    site = sites.new()
    with isolate_apps("lms.operations"), site.active():

        class Columns(models.Model):
            text = models.TextField(null=True)  # noqa: DJ001 -- NULL is what is tried
            number = models.BigIntegerField(null=True)
            share = models.FloatField(null=True)
            yes = models.BooleanField(null=True)
            moment = models.DateTimeField(null=True)
            day = models.DateField(null=True)
            time = models.TimeField(null=True)
            money = models.DecimalField(null=True, max_digits=12, decimal_places=2)
            key = models.UUIDField(null=True)
            data = models.JSONField(null=True)
            bytes = models.BinaryField(null=True)
            lasting = models.DurationField(null=True)
            address = models.GenericIPAddressField(null=True)

            class Meta:
                app_label = "operations"
                abstract = True

        class First(Columns):  # noqa: DJ008 -- nobody is shown one
            class Meta:
                app_label = "operations"

        class Second(Columns):  # noqa: DJ008 -- as above
            class Meta:
                app_label = "operations"

        with connection.schema_editor() as editor:
            editor.create_model(First)
            editor.create_model(Second)
        yield First, Second, site


def test_values_of_every_kind_come_out_as_they_were(
    everything: tuple[type[models.Model], type[models.Model], Site],
) -> None:
    first, second, _site = everything
    first.objects.create(pk=7, **VALUES)
    first.objects.create(pk=9)

    _carry(_table(first), _table(second))

    assert list(second.objects.order_by("pk").values()) == list(
        first.objects.order_by("pk").values()
    )
    found = second.objects.get(pk=7)
    assert {name: _plain(getattr(found, name)) for name in VALUES} == VALUES
    assert second.objects.get(pk=9).text is None
    assert second.objects.filter(moment=VALUES["moment"], key=VALUES["key"], yes=False).count() == 1


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def _carry(source: Table, target: Table) -> None:
    with transaction.atomic():
        lines = [json.dumps(row) for row in rows(source)]
    with transaction.atomic():
        engines.insert(target, [json.loads(line) for line in lines])


def test_every_column_of_every_app_is_of_a_kind_that_is_known(sites: Sites) -> None:
    site = sites.new()
    with site.active():
        loaded = loader()
        kinds = {c.kind for t in schema_at(loaded, applied(loaded)).tables for c in t.columns}

    assert all(map(codecs.is_known, kinds))
    assert {"UUIDField", "JSONField", "DateTimeField", "DecimalField", "DateField"} <= kinds
