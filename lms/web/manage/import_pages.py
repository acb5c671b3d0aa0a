"""What the pages of an import show: rows with their faults and changes in words."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from lms.people.importing import texts
from lms.people.importing.columns import BIRTH_DATE, FIELDS, PHONE, SEX
from lms.people.importing.duplicates import plain_name
from lms.people.importing.judging import OTHER, OUT, SAME
from lms.people.importing.options import NEW
from lms.people.importing.places import Positions, Units
from lms.people.models import ImportRow, PeopleImport, Person, Position, Sex, Unit
from lms.people.phones import phone_as_dialled
from lms.people.queries import current_posts

UNKNOWN_SHOWN: Final = 20
UNIT_FAULTS: Final = frozenset(["unit-unknown", "unit-ambiguous", "unit-not-then"])
POSITION_FAULTS: Final = frozenset(["position-unknown"])
Outcome = ImportRow.Outcome
#: In the order in which they are shown.
OUTCOMES: Final = (
    Outcome.UNSURE,
    Outcome.REFUSED,
    Outcome.NEW,
    Outcome.CHANGED,
    Outcome.UNCHANGED,
    Outcome.LEFT_OUT,
)


class Names:
    """Units, positions and persons of a page of rows, each kind in one query."""

    def __init__(self, rows: Sequence[ImportRow], today: dt.date) -> None:
        units, positions, persons = set[Any](), set[Any](), set[int]()
        for row in rows:
            persons.update(pair["person"] for pair in row.pairs if pair.get("person"))
            places = [[row.place.get("position"), row.place.get("unit")]]
            for changes in (row.changes, *(pair.get("changes", []) for pair in row.pairs)):
                for change in changes:
                    if change["field"] == "post":
                        places += [each for each in (change["old"], change["new"]) if each]
            for position, unit in places:
                positions.add(position)
                units.add(unit)
        self.units = dict(Unit.objects.filter(pk__in=units - {None}).values_list("pk", "name"))
        self.positions = Position.objects.in_bulk(list(positions - {None, NEW}))
        self.persons = Person.objects.in_bulk(list(persons))
        self.posts = current_posts(persons, today)

    def post(self, place: Sequence[Any] | None, text: str = "") -> str:
        """ "Secretary, Xã Suối Vân"; `text` for a position that is yet to be made."""
        if not place:
            return ""
        position = self.positions.get(place[0])
        name = position.display_name if position else text
        return ", ".join(part for part in (name, self.units.get(place[1], "")) if part)


def shown_rows(
    people_import: PeopleImport, rows: Sequence[ImportRow], today: dt.date
) -> list[dict[str, Any]]:
    """A page of rows for the table."""
    names = Names(rows, today)
    return [_shown(people_import, row, names) for row in rows]


def _shown(people_import: PeopleImport, row: ImportRow, names: Names) -> dict[str, Any]:
    values = row.data.get("values", {})
    place = [row.place.get("position"), row.place.get("unit")]
    return {
        "number": row.number,
        "name": values.get("full_name", ""),
        "born": _date(values.get("birth_date")),
        "phone": phone_as_dialled(values.get("phone", "")),
        "post": names.post(place, values.get("position", "")) if any(place) else "",
        "said": ", ".join(part for part in (values.get("position"), values.get("unit")) if part),
        "faults": [_fault(people_import, fault) for fault in row.faults],
        "notes": [texts.about_note(note) for note in row.notes],
        "changes": _changes(row.changes, names, values.get("position", "")),
        "choices": _choices(row, names) if row.pairs else [],
        "answer": _answer(people_import.decisions.get(str(row.number), {})),
        "is_open": row.outcome == Outcome.UNSURE and not values,
    }


def _date(text: str | None) -> str:
    return date_format(dt.date.fromisoformat(text), "SHORT_DATE_FORMAT") if text else ""


def _fault(people_import: PeopleImport, fault: Mapping[str, Any]) -> dict[str, str]:
    what, remedy = texts.about_fault(fault)
    return {"place": place_of(people_import, fault), "what": what, "remedy": remedy}


def place_of(people_import: PeopleImport, fault: Mapping[str, Any]) -> str:
    """ "Column D (Phone)", or "" for what concerns the whole row."""
    field = fault.get("field", "")
    number = people_import.mapping.get(field)
    letter = fault.get("column") or (get_column_letter(number) if number else "")
    if not field:
        return ""
    if not letter:
        return str(FIELDS[field])
    return _("Column %(letter)s (%(field)s)") % {"letter": letter, "field": FIELDS[field]}


def _changes(changes: Iterable[Mapping[str, Any]], names: Names, text: str) -> list[dict[str, str]]:
    found = []
    for change in changes:
        field, old, new = change["field"], change["old"], change["new"]
        if field == "post":
            found.append(
                {
                    "label": _("Post"),
                    "old": names.post(old),
                    "new": names.post(new, text),
                }
            )
        elif field == "account":
            found.append({"label": _("Account"), "old": "", "new": _("is made")})
        else:
            say = {BIRTH_DATE: _date, PHONE: phone_as_dialled, SEX: _sex}[field]
            found.append(
                {
                    "label": str(FIELDS[field]),
                    "old": say(old) if old else "",
                    "new": say(new),
                }
            )
    return found


def _sex(value: str) -> str:
    return str(Sex(value).label)


def _answer(decision: Mapping[str, Any]) -> str:
    """What was answered, as it stands in the form."""
    if decision.get("is") != SAME:
        return str(decision.get("is", ""))
    kind = "person" if "person" in decision else "row"
    return f"{kind}:{decision[kind]}"


def _choices(row: ImportRow, names: Names) -> list[dict[str, Any]]:
    """What a person can answer: the one or the other, somebody else, or left out."""
    found: list[dict[str, Any]] = []
    for pair in row.pairs:
        why = "; ".join(str(texts.REASONS[reason]) for reason in pair["reasons"])
        if pair.get("elsewhere"):
            continue
        if pair.get("row"):
            label = _("The same as in row %(number)s: only that one is taken over") % {
                "number": pair["row"]
            }
            found.append({"value": f"row:{pair['row']}", "label": label, "why": why})
            continue
        person = names.persons.get(pair["person"])
        if person is None:
            continue
        post = names.posts.get(person.pk)
        known = [
            _date(person.birth_date.isoformat()) if person.birth_date else "",
            phone_as_dialled(person.phone),
            f"{post.position.display_name}, {post.unit.name}" if post else "",
        ]
        found.append(
            {
                "value": f"person:{person.pk}",
                "label": _("The same person as %(name)s") % {"name": person.full_name},
                "known": " · ".join(part for part in known if part),
                "why": why,
                "changes": _changes(
                    pair.get("changes", []), names, row.data["values"].get("position", "")
                ),
            }
        )
    elsewhere = any(pair.get("elsewhere") for pair in row.pairs)
    found.append(
        {
            "value": OTHER,
            "label": _("Another person, who is new"),
            "why": _(
                "Somebody outside of your units has this phone number. An administrator can say"
                " whether it is the same person."
            )
            if elsewhere
            else "",
        }
    )
    found.append({"value": OUT, "label": _("Leave this row out"), "why": ""})
    if row.outcome != Outcome.UNSURE:
        found.append({"value": "open", "label": _("Decide later"), "why": ""})
    return found


def unknown_places(
    people_import: PeopleImport, units: Units, positions: Positions
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """The texts for units and for positions that were not found, most frequent first, with what
    may be meant; and how many more there are than are shown."""
    counted: dict[str, Counter[str]] = {"unit": Counter(), "position": Counter()}
    spelled: dict[str, str] = {}
    for faults in people_import.rows.filter(outcome=Outcome.REFUSED).values_list(
        "faults", flat=True
    ):
        for fault in faults:
            if fault["code"] in UNIT_FAULTS | POSITION_FAULTS:
                key = plain_name(fault["value"])
                spelled.setdefault(key, fault["value"])
                counted["unit" if fault["code"] in UNIT_FAULTS else "position"][key] += 1
    found: dict[str, list[dict[str, Any]]] = {}
    more = 0
    for kind, places in (("unit", units), ("position", positions)):
        found[kind] = []
        more += max(0, len(counted[kind]) - UNKNOWN_SHOWN)
        for key, rows in counted[kind].most_common(UNKNOWN_SHOWN):
            suggested = places.find(spelled[key]).suggestions
            found[kind].append(
                {
                    "key": key,
                    "text": spelled[key],
                    "rows": rows,
                    "suggestion": suggested[0] if len(suggested) == 1 else None,
                    "like": [_name_of(places, each) for each in suggested[:3]],
                }
            )
    return found["unit"], found["position"], more


def _name_of(places: Units | Positions, key: int) -> str:
    named = places.names[key]
    return named.display_name if isinstance(named, Position) else named
