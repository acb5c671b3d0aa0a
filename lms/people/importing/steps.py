"""The steps of an import that a person takes, up to the commit: send, name columns, decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.people.errors import CannotImport
from lms.people.importing import checking, columns, storing
from lms.people.importing.columns import Head
from lms.people.importing.judging import OTHER, OUT, SAME, Decision, pair_key
from lms.people.importing.options import NEW, Options
from lms.people.importing.places import Reach
from lms.people.importing.reading import chosen_sheet
from lms.people.importing.texts import FileRefused
from lms.people.models import ImportRow, PeopleImport, Position, RememberedColumns, User
from lms.people.rights import rights_of
from lms.plugins.vietnamese import nfc

OPEN = (PeopleImport.State.SENT, PeopleImport.State.CHECKED)
Choice = int | str


def send(*, by: User, upload: UploadedFile[bytes], now: dt.datetime | None = None) -> PeopleImport:
    """A file comes in. Its columns are guessed, or known from the last file with these headings.

    Raises FileRefused when it cannot be read at all; then nothing of it is kept.
    """
    people_import = PeopleImport(
        by=by, at=now or timezone.now(), file_name=nfc(upload.name or "")[-200:] or "?"
    )
    people_import.digest = storing.store(people_import, upload)
    try:
        table = checking.opened(people_import)
        sheet = chosen_sheet(table, "")
        if sheet is None:
            raise FileRefused("no-sheet")
        people_import.sheet = sheet.name[:100]
        head = columns.find_head(table.grid(sheet))
        people_import.header_row = head.first
        remembered = RememberedColumns.objects.filter(by=by, headings=head.digest).first()
        if remembered is not None:
            people_import.mapping = columns.tidy_mapping(remembered.mapping, head.columns)
            people_import.options = dict(remembered.choices)
        if not people_import.mapping:
            people_import.mapping = columns.guess(head.columns)
        people_import.save()
    except BaseException:
        storing.path_of(people_import).unlink(missing_ok=True)
        raise
    return people_import


@transaction.atomic
def name_columns(
    *,
    people_import: PeopleImport,
    sheet: str,
    head: Head,
    mapping: Mapping[str, int],
    options: Options,
) -> PeopleImport:
    """What a person said about the file. What was decided about rows read otherwise is forgotten.

    Raises CannotImport when no column holds names, or something is outside of the sender's reach.
    """
    locked = _open(people_import)
    names = {columns.FULL_NAME, columns.FAMILY_NAMES, columns.GIVEN_NAME} & mapping.keys()
    if not names:
        raise FileRefused("no-name")
    _check_options(options, locked.by)
    before = (locked.sheet, locked.header_row, locked.mapping)
    locked.sheet, locked.header_row, locked.mapping = sheet, head.first, dict(mapping)
    if before != (locked.sheet, locked.header_row, locked.mapping):
        locked.decisions = {}
    locked.options = options.as_json()
    locked.state = PeopleImport.State.SENT
    locked.counts, locked.result = {}, {}
    locked.rows.all().delete()
    locked.save()
    _remember(locked, head)
    return locked


@transaction.atomic
def choose_places(
    *,
    people_import: PeopleImport,
    units: Mapping[str, int],
    positions: Mapping[str, Choice],
) -> PeopleImport:
    """Which units and positions are meant by texts of the file that are not known.

    Raises CannotImport for one that is not the sender's to choose.
    """
    locked = _open(people_import)
    options = Options.from_json(locked.options, timezone.localdate())
    options = replace(
        options,
        units={**options.units, **units},
        positions={**options.positions, **positions},
    )
    _check_options(options, locked.by)
    locked.options = options.as_json()
    locked.save(update_fields=["options"])
    grid = checking.grid_of(locked, checking.opened(locked))
    _remember(locked, columns.find_head(grid, locked.header_row))
    return locked


@transaction.atomic
def decide(*, people_import: PeopleImport, answers: Mapping[int, str]) -> PeopleImport:
    """What a person said about rows: "other", "out", "person:<id>", "row:<number>", "" (open).

    What was not offered cannot be answered: such an answer is passed over.
    """
    locked = _open(people_import)
    for row in locked.rows.filter(number__in=answers):
        decision = _decision(row, answers[row.number])
        if decision is None:
            locked.decisions.pop(str(row.number), None)
        else:
            locked.decisions[str(row.number)] = decision
    locked.save(update_fields=["decisions"])
    return locked


def _decision(row: ImportRow, answer: str) -> Decision | None:
    what, _colon, which = answer.partition(":")
    if what == OUT:
        return {"is": OUT}
    if what == OTHER:
        return {"is": OTHER, "seen": [pair_key(pair) for pair in row.pairs]}
    for pair in row.pairs:
        if what in ("person", "row") and str(pair.get(what)) == which:
            return {"is": SAME, what: pair[what]}
    return None


@transaction.atomic
def discard(*, people_import: PeopleImport) -> PeopleImport:
    """End an import without taking anything over; its file and its rows are removed."""
    locked = _open(people_import)
    locked.state, locked.ended_at = PeopleImport.State.DISCARDED, timezone.now()
    locked.decisions = {}
    locked.save(update_fields=["state", "ended_at", "decisions"])
    locked.rows.all().delete()
    storing.remove(locked)
    return locked


def _open(people_import: PeopleImport) -> PeopleImport:
    locked = PeopleImport.objects.select_for_update().get(pk=people_import.pk)
    if locked.state not in OPEN:
        raise CannotImport(_("This import has ended already."))
    return locked


def _check_options(options: Options, sender: User) -> None:
    reach = Reach.of(rights_of(sender))
    wanted = {*options.units.values(), *([options.unit] if options.unit else [])}
    if reach.units().filter(pk__in=wanted).count() != len(wanted):
        raise CannotImport(_("A unit was chosen that is not one of those that you look after."))
    chosen = {*options.positions.values(), *([options.position] if options.position else [])}
    if NEW in chosen and not reach.is_administrator:
        raise CannotImport(_("Only administrators make positions."))
    chosen.discard(NEW)
    if Position.objects.filter(pk__in=chosen).count() != len(chosen):
        raise CannotImport(_("A position was chosen that does not exist any more."))


def _remember(people_import: PeopleImport, head: Head) -> None:
    options: dict[str, Any] = people_import.options
    RememberedColumns.objects.update_or_create(
        by=people_import.by,
        headings=head.digest,
        defaults={
            "mapping": people_import.mapping,
            "choices": {key: options[key] for key in ("units", "positions", "accounts")},
            "at": timezone.now(),
        },
    )
