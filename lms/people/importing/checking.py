"""The check of a file, step by step: what would happen to whom, written down row by row.

`check` and `judge_again` are generators that give `Progress` while they work, so that whoever
waits sees how far it is; run to the end, they have written the verdicts, all or none of them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from lms.people.importing import columns, storing
from lms.people.importing.existing import batches
from lms.people.importing.judging import OUT, SAME, STEP, Decision, Judge, Verdict
from lms.people.importing.options import Options
from lms.people.importing.reading import (
    Grid,
    Table,
    chosen_sheet,
    most_rows,
    open_table,
    refuse_rows,
)
from lms.people.importing.rows import Reader, Row
from lms.people.importing.texts import FileRefused
from lms.people.models import ImportRow, PeopleImport, Person
from lms.people.rights import forget_rights

READ, COMPARED, WRITTEN = "read", "compared", "written"
OLD_FONT_SHARE: Final = 0.3


@dataclass(frozen=True)
class Progress:
    """How many of the rows have been read, compared or written."""

    step: str
    done: int
    of: int


def opened(people_import: PeopleImport) -> Table:
    """The file of an import. Raises FileRefused."""
    path = storing.path_of(people_import)
    if not path.exists():
        raise FileRefused("gone")
    return open_table(path)


def grid_of(people_import: PeopleImport, table: Table) -> Grid:
    """The sheet that was chosen, else the first open one."""
    sheet = chosen_sheet(table, people_import.sheet)
    if sheet is None:
        raise FileRefused("no-sheet")
    return table.grid(sheet)


def check(people_import: PeopleImport) -> Iterator[Progress]:
    """Read the file by the columns that were named, and judge every row.

    Raises FileRefused when the file as a whole cannot be taken.
    """
    today = timezone.localdate()
    grid = grid_of(people_import, opened(people_import))
    head = columns.find_head(grid, people_import.header_row)
    mapping = columns.tidy_mapping(people_import.mapping, head.columns)
    if not {columns.FULL_NAME, columns.FAMILY_NAMES, columns.GIVEN_NAME} & mapping.keys():
        raise FileRefused("no-name")
    rows = list[Row]()
    for row in Reader(grid, head, mapping, today):
        rows.append(row)
        if len(rows) > most_rows():
            raise refuse_rows()
        if len(rows) % STEP == 0:
            yield Progress(READ, len(rows), max(grid.sheet.filled, len(rows)))
    if not any(row.full_name for row in rows):
        raise FileRefused("no-rows")
    old = sum(any(fault["code"] == "old-font" for fault in row.faults) for row in rows)
    if old > max(2, len(rows) * OLD_FONT_SHARE):
        raise FileRefused("old-font-file")
    judge = judge_of(people_import, rows, today)
    for done in judge.run():
        yield Progress(COMPARED, done, len(rows))
    yield from write_verdicts(people_import, judge.verdicts)


def judge_again(people_import: PeopleImport) -> Iterator[Progress]:
    """Judge the rows that were read, after a decision or a change of what is recorded."""
    rows = stored_rows(people_import)
    judge = judge_of(people_import, rows, timezone.localdate())
    for done in judge.run():
        yield Progress(COMPARED, done, len(rows))
    yield from write_verdicts(people_import, judge.verdicts)


def stored_rows(people_import: PeopleImport) -> list[Row]:
    """The rows as they were read from the file."""
    return [
        Row.from_data(data["values"], data["faults"], data["notes"])
        for data in people_import.rows.order_by("number").values_list("data", flat=True)
    ]


def judge_of(people_import: PeopleImport, rows: list[Row], today: dt.date) -> Judge:
    """A judge with the rights that the sender has now, and all that was decided."""
    sender = people_import.by
    forget_rights(sender)
    return Judge(
        rows,
        sender=sender,
        options=Options.from_json(people_import.options, today),
        decisions={**earlier_decisions(people_import), **people_import.decisions},
        today=today,
    )


def earlier_decisions(people_import: PeopleImport) -> dict[str, Decision]:
    """Who the rows were when the very same file was taken over before, read the same way."""
    before = (
        PeopleImport.objects.filter(
            digest=people_import.digest,
            state=PeopleImport.State.COMMITTED,
            sheet=people_import.sheet,
            header_row=people_import.header_row,
            mapping=people_import.mapping,
        )
        .exclude(pk=people_import.pk)
        .order_by("-ended_at")
        .first()
    )
    if before is None:
        return {}
    rows: dict[str, int] = before.result.get("rows", {})
    kept = dict(
        Person.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into_id")
    )
    found: dict[str, Decision] = {}
    for number, person in rows.items():
        while person in kept:
            person = kept[person]
        found[number] = {"is": SAME, "person": person, "earlier": True}
    for number in before.result.get("left_out", []):
        found[str(number)] = {"is": OUT, "earlier": True}
    return found


def write_verdicts(people_import: PeopleImport, verdicts: list[Verdict]) -> Iterator[Progress]:
    """Put these verdicts in the place of those before."""
    with transaction.atomic():
        locked = PeopleImport.objects.select_for_update().get(pk=people_import.pk)
        if locked.state not in (PeopleImport.State.SENT, PeopleImport.State.CHECKED):
            return
        locked.rows.all().delete()
        done = 0
        for some in batches(verdicts):
            ImportRow.objects.bulk_create(as_rows(people_import, some))
            done += len(some)
            yield Progress(WRITTEN, done, len(verdicts))
        locked.state = PeopleImport.State.CHECKED
        locked.counts = counts_of(verdicts)
        locked.result = {}
        locked.save(update_fields=["state", "counts", "result"])
    people_import.state, people_import.counts = locked.state, locked.counts
    people_import.result = locked.result


def counts_of(verdicts: list[Verdict]) -> dict[str, int]:
    """{outcome: how many rows}."""
    return dict(Counter(str(verdict.outcome) for verdict in verdicts))


def as_rows(people_import: PeopleImport, verdicts: list[Verdict]) -> list[ImportRow]:
    """Verdicts as rows of the database."""
    return [
        ImportRow(
            people_import=people_import,
            number=verdict.row.number,
            outcome=str(verdict.outcome),
            data={
                "values": verdict.row.as_data(),
                "faults": verdict.row.faults,
                "notes": verdict.row.notes,
            },
            place=verdict.place(),
            person_key=verdict.person,
            faults=verdict.faults,
            notes=verdict.notes,
            changes=verdict.changes,
            pairs=verdict.pairs,
        )
        for verdict in verdicts
    ]


def sign_of(row: ImportRow) -> Any:
    """What must be the same when the rows are judged again at the commit."""
    return (row.number, row.outcome, row.place, row.person_key, row.faults, row.changes, row.pairs)
