"""Changes to rows, written down so that they can be taken back exactly."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction

Step = dict[str, Any]


class CannotTakeBack(Exception):
    """A row is not any more as the trace left it; `row` is it, or None when it is gone."""

    def __init__(self, model: type[models.Model], row: models.Model | None) -> None:
        super().__init__(model._meta.label_lower)
        self.model, self.row = model, row


class Trace:
    """Makes changes and keeps, step by step, what each row held before and holds since."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def change(self, row: models.Model, **values: Any) -> None:
        """Save `row` with these values; other columns that follow from them are noted as well."""
        before = _columns(type(row)._base_manager.get(pk=row.pk))
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        after = _columns(row)
        changed = [name for name in after if after[name] != before[name]]
        if changed:
            self.steps.append(
                {
                    "model": row._meta.label_lower,
                    "pk": row.pk,
                    "before": {name: before[name] for name in changed},
                    "after": {name: after[name] for name in changed},
                }
            )

    def remove(self, row: models.Model) -> None:
        """Delete `row`, keeping all its columns."""
        self.steps.append({"model": row._meta.label_lower, "pk": row.pk, "removed": _columns(row)})
        row.delete()


def touched(steps: list[Step], label: str) -> Iterator[Step]:
    """The steps that changed rows of the model with this label ("learning.enrolment")."""
    return (step for step in steps if step["model"] == label and "after" in step)


@transaction.atomic
def take_back(steps: list[Step]) -> None:
    """Put every row back as it was, the last change first.

    Raises CannotTakeBack, and changes nothing, when a row was changed or removed since, or its
    place was taken.
    """
    for step in reversed(steps):
        model: type[models.Model] = apps.get_model(step["model"])
        rows = model._base_manager.filter(pk=step["pk"])
        try:
            with transaction.atomic():
                if "removed" in step:
                    row = model(**_values(model, step["removed"]))
                    row.save(force_insert=True)
                else:
                    _put_back(model, rows, step)
        except IntegrityError as error:
            raise CannotTakeBack(model, rows.first()) from error


def _put_back(model: type[models.Model], rows: models.QuerySet[models.Model], step: Step) -> None:
    row = rows.select_for_update().first()
    if row is None:
        raise CannotTakeBack(model, None)
    now = _columns(row)
    if any(now[name] != value for name, value in step["after"].items()):
        raise CannotTakeBack(model, row)
    rows.update(**_values(model, step["before"]))


def _columns(row: models.Model) -> dict[str, Any]:
    return {
        field.attname: _plain(getattr(row, field.attname))
        for field in row._meta.local_concrete_fields
    }


def _plain(value: Any) -> Any:
    """A value as JSON holds it, to the microsecond."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def _values(model: type[models.Model], columns: dict[str, Any]) -> dict[str, Any]:
    fields = {field.attname: field for field in model._meta.local_concrete_fields}
    return {name: fields[name].to_python(value) for name, value in columns.items()}
