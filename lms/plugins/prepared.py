"""Querysets whose SQL is built once per process: for the few reads that every page makes.

Django spends a quarter to half a millisecond on building the SQL of a query, more than SQLite
needs to answer it. A `Prepared` keeps the text, puts the values of this call into it, and gives
the very rows and instances that the queryset would give: the queryset stays the source.

    _OF_PERSON: Prepared[Enrolment] = Prepared(
        lambda person_id: Enrolment.objects.filter(person_id=person_id), int
    )
    _OF_PERSON(7) == list(Enrolment.objects.filter(person_id=7))
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models.query import ModelIterable, QuerySet, get_related_populators

T = TypeVar("T")
LONGEST = 256  # longer lists go through the queryset itself
GIANT = 2**31
_populators: Any = get_related_populators  # its stub is of a later Django
_HASHABLE = (str, int, uuid.UUID, dt.datetime)


@lru_cache(maxsize=32_768)
def shared_uuid(text: str) -> uuid.UUID:
    """The UUID of 32 hexadecimal digits, the same object each time.

    SQLite keeps UUIDs as text, and a page reads a hundred of them. Making one takes a microsecond,
    finding it a tenth; and sets find an object that they hold without asking whether it is equal,
    which for UUIDs is slow as well.
    """
    return uuid.UUID(text)


def _shared_or_none(value: str | None, _expression: Any, _connection: Any) -> uuid.UUID | None:
    return None if value is None else shared_uuid(value)


def _moment(value: Any, expression: Any, connection: Any) -> dt.datetime | None:
    """As Django's own converter for SQLite, in a quarter of its time where the zone is UTC."""
    if isinstance(value, dt.datetime) and connection.timezone is dt.UTC:
        return value if value.tzinfo is not None else value.replace(tzinfo=dt.UTC)
    made: dt.datetime | None = connection.ops.convert_datetimefield_value(
        value, expression, connection
    )
    return made


class Many:
    """A parameter that is a list of values of one kind, for `__in`."""

    def __init__(self, kind: type) -> None:
        self.kind = kind


Kind = type | Many


@dataclass(frozen=True)
class _Text:
    """The SQL, which argument stands at each place (or the value that always does), the rest."""

    sql: str
    places: list[tuple[int, int] | None]
    constants: list[Any]
    converters: list[tuple[int, list[Callable[..., Any]], Any]]
    instance: Callable[[Sequence[Any]], Any] | None
    is_flat: bool


class Prepared(Generic[T]):
    """Call it with values of `kinds` (int, str, UUID, datetime, or Many of one): a list of rows.

    `build` gives the queryset: of instances (select_related works), values_list or a union of
    those. Its shape must depend on nothing but the number of values, and a value is never None.
    """

    def __init__(self, build: Callable[..., Any], *kinds: Kind) -> None:
        self.build = build
        self.kinds = kinds
        self._texts: dict[Any, _Text] = {}

    def __call__(self, *values: Any) -> list[T]:
        """The rows, in one query; none without a query where a list is empty."""
        lists = [self._as_list(kind, value) for kind, value in zip(self.kinds, values, strict=True)]
        lengths = tuple(len(each) for each in lists)
        if 0 in lengths:
            return []
        if max(lengths, default=0) > LONGEST or _has_giant(lists):
            return list(self.build(*values))
        connection: Any = connections["default"]
        key = (connection.vendor, lengths)
        text = self._texts.get(key)
        if text is None:
            text = self._texts[key] = self._compile(connection, lengths)
        adapt = _adapter(connection)
        parameters = [
            constant if place is None else adapt(lists[place[0]][place[1]])
            for place, constant in zip(text.places, text.constants, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(text.sql, parameters)
            rows = cursor.fetchall()
        return _made(text, rows, connection) if rows else []

    def first(self, *values: Any) -> T | None:
        """The first row, or None."""
        rows = self(*values)
        return rows[0] if rows else None

    def _as_list(self, kind: Kind, value: Any) -> list[Any]:
        if not isinstance(kind, Many):
            return [value]
        found = list(value)
        # Few lengths make few texts: the last value again and again changes nothing of `__in`.
        wanted = 1 << (len(found) - 1).bit_length() if found else 0
        return found + found[-1:] * (wanted - len(found))

    def _compile(self, connection: Any, lengths: tuple[int, ...]) -> _Text:
        signs: dict[Any, tuple[int, int]] = {}
        arguments: list[Any] = []
        adapt = _adapter(connection)
        for at, (kind, length) in enumerate(zip(self.kinds, lengths, strict=True)):
            of = kind.kind if isinstance(kind, Many) else kind
            made = [_sign(of, len(signs) + number) for number in range(length)]
            signs |= {adapt(sign): (at, number) for number, sign in enumerate(made)}
            arguments.append(made if isinstance(kind, Many) else made[0])
        queryset: QuerySet[Any] = self.build(*arguments)
        compiler: Any = queryset.query.get_compiler(using="default")
        sql, parameters = compiler.as_sql()
        places = [signs.get(each) if isinstance(each, _HASHABLE) else None for each in parameters]
        if set(places) - {None} != set(signs.values()):
            raise ValueError(f"a value of {sql} was lost or changed while it was compiled")
        quicker = _quicker(connection.ops)
        converters = [
            (
                position,
                [quicker.get(each, each) for each in functions],
                expression,
            )
            for position, (functions, expression) in compiler.get_converters(
                [each[0] for each in compiler.select[: compiler.col_count]]
            ).items()
        ]
        is_model = issubclass(queryset._iterable_class, ModelIterable)
        return _Text(
            sql,
            places,
            list(parameters),
            converters,
            _instances(compiler) if is_model else None,
            getattr(queryset, "_flat", False)
            or queryset._iterable_class.__name__.startswith("Flat"),
        )


def _has_giant(lists: list[list[Any]]) -> bool:
    """Whether a number is larger than any column: Django knows that no row can have it."""
    return any(isinstance(each[0], int) and max(map(abs, each)) >= GIANT for each in lists)


def _sign(kind: type, number: int) -> Any:
    """A value of `kind` that stands for a parameter and occurs nowhere else."""
    if kind is int:
        return 31_337 + number  # fits the smallest integer column
    if kind is uuid.UUID:
        return uuid.UUID(int=0x5167_0000_4000_8000_0000_0000_0000 + number)
    if kind is dt.datetime:
        return dt.datetime(1831, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=number)
    return f"\N{SECTION SIGN}{number}"


def _adapter(connection: Any) -> Callable[[Any], Any]:
    native = connection.features.has_native_uuid_field

    def adapt(value: Any) -> Any:
        if isinstance(value, uuid.UUID):
            return value if native else value.hex
        if isinstance(value, dt.datetime):
            return connection.ops.adapt_datetimefield_value(value)
        return value

    return adapt


def _quicker(operations: Any) -> dict[Any, Callable[..., Any]]:
    """What to call instead of Django's converters; PostgreSQL needs none of them."""
    ours = {"convert_uuidfield_value": _shared_or_none, "convert_datetimefield_value": _moment}
    return {getattr(operations, name, None): function for name, function in ours.items()}


def _instances(compiler: Any) -> Callable[[Sequence[Any]], Any]:
    info = compiler.klass_info
    fields = info["select_fields"]
    start, end = fields[0], fields[-1] + 1
    model = info["model"]
    names = [each[0].target.attname for each in compiler.select[start:end]]
    populators = _populators(info, compiler.select, "default")
    annotations = list(compiler.annotation_col_map.items())

    def make(row: Sequence[Any]) -> Any:
        instance = model.from_db("default", names, row[start:end])
        for populator in populators:
            populator.populate(row, instance)
        for name, position in annotations:
            setattr(instance, name, row[position])
        return instance

    return make


def _made(text: _Text, rows: Sequence[Sequence[Any]], connection: Any) -> list[Any]:
    if text.converters:
        mutable = [list(row) for row in rows]
        for position, functions, expression in text.converters:
            for row in mutable:
                value = row[position]
                for function in functions:
                    value = function(value, expression, connection)
                row[position] = value
        rows = mutable
    if text.instance is not None:
        return [text.instance(row) for row in rows]
    if text.is_flat:
        return [row[0] for row in rows]
    return [tuple(row) for row in rows]
