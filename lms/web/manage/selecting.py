"""Which people a page of the management area is about, as its address says.

?q= words, ?unit= and below, ?position=, ?state= of the account, ?import= a list sent in,
?batch= a print of slips, ?person=. All that are given must hold. One that names nothing that this
account may see selects nobody: never more people than were meant.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property

from lms.people.directory import with_account, with_post, with_words
from lms.people.models import PeopleImport, Person, Position, Unit, User
from lms.people.models.accounts import AccountState
from lms.people.rights import rights_of

NAMES = ("q", "unit", "position", "state", "import", "batch", "person")
UNITS_OFFERED = 300
MAX_TEXT = 200


class _Nothing(Exception):
    """A parameter names nothing that the account may see."""


class Selection:
    """The people that an address names, among those that `user` may see."""

    def __init__(self, user: User, query: Mapping[str, str]) -> None:
        self.user = user
        self.given = {
            name: value[:MAX_TEXT] for name in NAMES if (value := query.get(name, "").strip())
        }
        self.unit: Unit | None = None
        self.position: Position | None = None

    @cached_property
    def persons(self) -> QuerySet[Person]:
        """Them, in the order of names."""
        found = Person.objects.visible_to(self.user)
        try:
            found = with_words(found, self.given.get("q", ""))
            self._read_post()
            found = with_post(
                found, unit=self.unit, position=self.position, on=timezone.localdate()
            )
            if "state" in self.given:
                if self.given["state"] not in AccountState.values:
                    raise _Nothing
                found = with_account(found, AccountState(self.given["state"]))
            if "import" in self.given:
                found = found.filter(pk__in=self._imported())
            if "batch" in self.given:
                batch = self._number("batch")
                found = found.filter(account__activation_codes__batch=batch).distinct()
            if "person" in self.given:
                found = found.filter(uuid=self._number("person"))
        except _Nothing:
            found = found.none()
        return found.order_by("sort_key", "pk")

    def link(self, **changes: str) -> str:
        """The query of an address for the same people, with these values changed or ("") gone."""
        query = QueryDict(mutable=True)
        for name, value in {**self.given, **changes}.items():
            if value:
                query[name] = value
        return f"?{query.urlencode()}" if query else ""

    @property
    def values(self) -> dict[str, str]:
        """What was given, every name present: for forms."""
        return {name: self.given.get(name, "") for name in NAMES}

    def _read_post(self) -> None:
        if "unit" in self.given:
            visible: Any = Unit.objects.visible_to(self.user)
            self.unit = visible.filter(uuid=self._number("unit")).first()
            if self.unit is None:
                raise _Nothing
        if "position" in self.given:
            self.position = Position.objects.filter(code=self.given["position"]).first()
            if self.position is None:
                raise _Nothing

    def _number(self, name: str) -> uuid.UUID:
        try:
            return uuid.UUID(self.given[name])
        except ValueError as error:
            raise _Nothing from error

    def _imported(self) -> list[int]:
        rows = PeopleImport.objects.filter(uuid=self._number("import"))
        if not rights_of(self.user).is_administrator:
            rows = rows.filter(by=self.user)
        made = rows.values_list("result", flat=True).first()
        if made is None:
            raise _Nothing
        return [int(pk) for pk in made.get("person_ids", [])]


def units_to_choose(user: User, chosen: Unit | None) -> list[dict[str, Any]]:
    """The units that a list offers, in the order of the tree; of very many the upper levels."""
    visible: Any = Unit.objects.visible_to(user).at(timezone.localdate())
    levels = visible.order_by("depth").values_list("depth").annotate(n=Count("pk"))
    offered, deepest = 0, 0
    for depth, count in levels:
        offered += count
        if deepest and offered > UNITS_OFFERED:
            break
        deepest = depth
    units = list(visible.filter(depth__lte=deepest).only("uuid", "name", "depth", "path"))
    if chosen is not None and chosen.pk not in {unit.pk for unit in units}:
        units.append(chosen)
    top = min((unit.depth for unit in units), default=0)
    return [
        {
            "value": str(unit.uuid),
            "name": f"{'– ' * (unit.depth - top)}{unit.name}",
            "chosen": chosen is not None and unit.pk == chosen.pk,
        }
        for unit in units
    ]
