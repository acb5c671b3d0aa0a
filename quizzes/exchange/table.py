"""Tables of questions: the template as XLSX or CSV, a row for each. See docs/imports/table.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizzes.exchange.drafts import Draft, Fault, UnreadableFile
from quizzes.exchange.formats import QuestionFormat
from quizzes.exchange.table_cells import Unfit
from quizzes.exchange.table_columns import column_of, columns_of, heading_of
from quizzes.exchange.table_rows import draft_of
from quizzes.exchange.table_sheets import MOST_ROWS, OLE, Cell, SheetRows, sheets_of
from quizzes.exchange.table_writing import workbook_of

if TYPE_CHECKING:
    from quizzes.models import Question

HEADING_ROWS: Final = 30  # among the first so many the headings are looked for
SHARED: Final = ("kind", "category", "tags", "level", "points")  # may be merged over several rows


class TableFormat(QuestionFormat):
    """Questions in the rows of a table."""

    key = "table"
    label = gettext_lazy("Table (XLSX, CSV)")
    extensions: ClassVar[tuple[str, ...]] = (".xlsx", ".csv", ".tsv", ".xls", ".xlsm", ".ods")
    writes = True

    def recognises(self, name: str, content: bytes) -> bool:
        """A zip with a workbook in it; by name, what spreadsheets save."""
        if content.startswith(b"PK\3\4"):
            return (
                name.lower().endswith((".xlsx", ".xlsm", ".ods")) or b"xl/workbook.xml" in content
            )
        return name.lower().endswith(self.extensions)

    def read(self, name: str, content: bytes) -> Iterator[Draft | Fault]:
        """A draft or a fault for each row that is filled."""
        if name.lower().endswith(".ods") and content.startswith(b"PK"):
            raise UnreadableFile(_("This is a table of LibreOffice (.ods). Save it as .xlsx."))
        if name.lower().endswith(".xls") and not content.startswith((b"PK", OLE)):
            raise UnreadableFile(_("This is no workbook. Save it as .xlsx or .csv."))
        sheets = [each for each in map(_Table.of, sheets_of(content)) if each is not None]
        shown = [each for each in sheets if not each.sheet.is_hidden]
        if not shown:
            raise UnreadableFile(
                _("No table of questions was found: no row has “%(one)s” and “%(other)s”.")
                % {"one": heading_of("prompt"), "other": heading_of("key")}
            )
        if sum(len(each.rows) for each in shown) > MOST_ROWS:
            raise UnreadableFile(
                _("The file has more than %(limit)d rows. Split it.") % {"limit": MOST_ROWS}
            )
        for table in sheets:
            if table.sheet.is_hidden:
                yield Fault(
                    _("Sheet “%(name)s”") % {"name": table.sheet.name},
                    _("The sheet is hidden and was not read."),
                )
            else:
                yield from table.read(is_one=len(shown) == 1)

    def write(self, questions: Iterable[Question]) -> tuple[bytes, list[Fault]]:
        """The template as a workbook, filled in."""
        return workbook_of(questions)


class _Table:
    """A sheet with its headings found."""

    def __init__(self, sheet: SheetRows, at: int, columns: dict[str, int]) -> None:
        self.sheet, self.columns = sheet, columns
        self.heading_row, self.headings = sheet.rows[at]
        self.rows = sheet.rows[at + 1 :]

    @classmethod
    def of(cls, sheet: SheetRows) -> _Table | None:
        """The table of the sheet; None where it has none."""
        for at, (_number, cells) in enumerate(sheet.rows[:HEADING_ROWS]):
            columns = columns_of([each.text for each in cells])
            if columns is not None:
                return cls(sheet, at, columns)
        return None

    def read(self, *, is_one: bool) -> Iterator[Draft | Fault]:
        """The rows below the headings."""
        yield from self.strange_headings(is_one=is_one)
        merged = self.merged()
        last: dict[str, str] = {}
        for number, cells in self.rows:
            place = self.place(number, is_one=is_one)
            row = {name: self.at(cells, at) for name, at in self.columns.items()}
            wrong = next((cell.fault for cell in row.values() if cell.fault), "")
            texts = {name: cell.text for name, cell in row.items()}
            for name in merged.get(number, ()):
                if name not in SHARED:
                    wrong = wrong or _("Its cells are merged. Part them.")
                elif not texts[name]:
                    texts[name] = last.get(name, "")
            last.update({name: texts[name] for name in SHARED if texts.get(name)})
            if not wrong and not any(texts[name] for name in texts if name not in SHARED):
                continue
            try:
                yield Fault(place, wrong) if wrong else draft_of(place, texts)
            except Unfit as error:
                yield Fault(place, str(error))

    def place(self, number: int, *, is_one: bool) -> str:
        if is_one:
            return _("Row %(number)d") % {"number": number}
        return _("Sheet “%(name)s”, row %(number)d") % {"name": self.sheet.name, "number": number}

    def at(self, cells: list[Cell], at: int) -> Cell:
        return cells[at] if at < len(cells) else Cell()

    def strange_headings(self, *, is_one: bool) -> Iterator[Fault]:
        """Columns in which something stands that is not read: unknown, or there twice."""
        used = set(self.columns.values())
        place = self.place(self.heading_row, is_one=is_one)
        for at, heading in enumerate(self.headings):
            if at in used or column_of(heading.text) == "":
                continue
            if any(self.at(cells, at).text for _number, cells in self.rows):
                message = (
                    _("The column “%(name)s” is there twice; only the first was read.")
                    if column_of(heading.text)
                    else _("The column “%(name)s” is not known and was not read.")
                )
                yield Fault(place, message % {"name": heading.text})

    def merged(self) -> dict[int, list[str]]:
        """The columns that are merged in each row, as far as more than one cell of ours is."""
        found: dict[int, list[str]] = {}
        numbers = [number for number, _cells in self.rows]
        for left, top, right, bottom in self.sheet.merged:
            names = [name for name, at in self.columns.items() if left <= at + 1 <= right]
            inside = [number for number in numbers if top <= number <= bottom]
            if names and (len(names) > 1 or bottom > top):
                for number in inside:
                    # Side by side nobody can tell which column was meant.
                    found.setdefault(number, []).extend(names if right == left else [*names, "key"])
        return {
            number: [name for name in names if name in self.columns]
            for number, names in found.items()
        }
