"""An empty list to fill in: headings that are known again, and a sheet that explains them."""

from __future__ import annotations

import io

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from lms.people.importing.columns import FIELDS
from lms.web.manage.access import STAFF, for_roles
from lms.web.requests import SignedInRequest

ROWS = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _columns() -> list[tuple[str, str, str, int]]:
    """Field, whether it is needed, how to fill it in, and the width of the column."""
    needed, free = _("needed"), _("as you like")
    return [
        ("full_name", needed, _("Family name first, with all marks"), 28),
        (
            "birth_date",
            free,
            _("Day/month/year: 02/09/1975. It tells people of one name apart."),
            14,
        ),
        ("sex", free, _("“male” or “female”"), 10),
        ("phone", free, _("All digits: 0912 345 678. People can sign in with it."), 16),
        ("position", needed, _("As on this site, for example: Cell secretary"), 26),
        ("unit", needed, _("The name of the unit as on this site"), 32),
        ("unit_code", free, _("Where several units have the same name"), 14),
        ("username", free, _("Without it one is made from the name"), 18),
    ]


@require_GET
@for_roles(*STAFF)
def template(request: SignedInRequest) -> HttpResponse:
    """The workbook, in the language of the request."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _("List")
    notes = book.create_sheet(_("How to fill it in"))
    notes.append([_("Column"), _("Is it needed?"), _("What to write")])
    for at, (field, need, how, width) in enumerate(_columns(), start=1):
        heading = str(FIELDS[field])
        cell = sheet.cell(row=1, column=at, value=heading)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True)
        sheet.column_dimensions[get_column_letter(at)].width = width
        # As text: a spreadsheet takes the zero from a number and turns days and months round.
        for row in range(2, ROWS + 2):
            sheet.cell(row=row, column=at).number_format = "@"
        notes.append([heading, need, how])
    sheet.freeze_panes = "B2"
    for cell in notes[1]:
        cell.font = Font(bold=True)
    for letter, width in (("A", 20), ("B", 16), ("C", 70)):
        notes.column_dimensions[letter].width = width
    out = io.BytesIO()
    book.save(out)
    response = HttpResponse(out.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename="danh-sach-mau.xlsx"
    )
    return response
