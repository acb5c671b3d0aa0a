"""What is wrong with a file or a row, what was mended, why two look alike: the words for codes.

Checks keep codes and values, so that everybody reads them in their own language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lms.people.errors import CannotImport
from lms.people.importing import duplicates
from lms.plugins.archive import MESSAGES

#: About a whole file: why it is not taken, and what to do.
FILES: Final[dict[str, Promise]] = {
    "too-many-rows": _(
        "The file has more than %(most)s rows. Divide it into several files and send them one by"
        " one."
    ),
    "too-large": _(
        "The file is larger than %(megabytes)s MB. Remove pictures and other sheets, or divide it."
    ),
    "empty": _("The file is empty. Check that the right file was chosen."),
    "old-excel": _(
        "This is an old Excel file (.xls) or one with a password. Save it as .xlsx without a"
        " password, then send it again."
    ),
    "unreadable": _(
        "The file cannot be read as a spreadsheet. Open it in Excel or LibreOffice, save it as"
        " .xlsx, then send it again."
    ),
    "archive": _("%(why)s Save it as .xlsx in Excel or LibreOffice, then send it again."),
    "merged-too-much": _(
        "Too many cells are merged. Unmerge them (Home, Merge & Center), then send the file again."
    ),
    "not-a-table": _(
        "This is no list that can be read. Send a spreadsheet (.xlsx) or a text file (.csv)."
    ),
    "encoding": _(
        "The letters of the file cannot be made out. Save it as .xlsx or as “CSV UTF-8”, then send"
        " it again."
    ),
    "quotes": _(
        "In row %(row)s a quotation mark is opened and not closed. Save the list as .xlsx, then"
        " send it again."
    ),
    "old-font-file": _(
        "The list is written in an old font (TCVN3 or VNI). Convert it to Unicode, with UniKey for"
        " example, then send it again."
    ),
    "no-rows": _(
        "Below the headings there is no row with a name. Choose another sheet or another row of"
        " headings."
    ),
    "no-sheet": _("The file has no such sheet any more. Choose another one."),
    "no-name": _("Say in which column the names stand."),
    "gone": _("The file is not kept any more. Send it again."),
}

#: About a row: why it is not taken, and what to do.
FAULTS: Final[dict[str, tuple[Promise, Promise]]] = {
    "name-missing": (_("There is no name."), _("Write the full name, or remove the row.")),
    "name-half": (
        _("Of the name only a part is there: “%(value)s”."),
        _("Fill in both columns of the name."),
    ),
    "name-signs": (
        _("“%(value)s” is no name of a person."),
        _("Write the name with letters only."),
    ),
    "not-a-person": (
        _("“%(value)s” is a line below or above the list."),
        _("Nothing is to be done if nobody is meant."),
    ),
    "heading-row": (
        _("“%(value)s” is a heading over several columns, not a person."),
        _("Nothing is to be done. The unit of each person must stand in a column."),
    ),
    "name-is-unit": (
        _("“%(value)s” is the name of a unit, not of a person."),
        _("Nothing is to be done if nobody is meant."),
    ),
    "too-long": (_("“%(value)s” … is too long."), _("Shorten it.")),
    "old-font": (
        _("“%(value)s” is written in an old font (TCVN3 or VNI)."),
        _("Convert it to Unicode, with UniKey for example."),
    ),
    "merged": (
        _("The cell is merged over several rows: “%(value)s”."),
        _("Unmerge it and fill in each row."),
    ),
    "formula": (
        _("The cell holds a formula without a result."),
        _("Open the file in Excel, save it, then send it again; or write the value itself."),
    ),
    "cell-error": (
        _("The cell shows an error: %(value)s."),
        _("Write the value instead of the formula."),
    ),
    "date-bad": (
        _("“%(value)s” is no date."),
        _("Write day/month/year, for example 02/09/1975."),
    ),
    "date-range": (
        _("“%(value)s” cannot be a date of birth."),
        _("Check the year."),
    ),
    "phone-rounded": (
        _("Of the phone number only %(value)s is left."),
        _("Format the column as text and write the numbers again."),
    ),
    "phone-two": (
        _("There are several phone numbers: “%(value)s”."),
        _("Leave the one that the person uses."),
    ),
    "phone-bad": (
        _("“%(value)s” is no phone number."),
        _("Write all digits, for example 0912 345 678, or leave the cell empty."),
    ),
    "sex-bad": (
        _("“%(value)s” is not understood as a sex."),
        _("Write “male” or “female”, or leave the cell empty."),
    ),
    "unit-missing": (
        _("There is no unit."),
        _("Fill in the unit, or choose one for all rows without."),
    ),
    "unit-unknown": (
        _("“%(value)s” is none of the units that you look after."),
        _("Choose the unit that is meant below “Units not found”."),
    ),
    "unit-ambiguous": (
        _("Several units are called “%(value)s”."),
        _("Choose the one that is meant, or add a column with the code of the unit."),
    ),
    "unit-not-then": (
        _("The unit “%(value)s” does not exist on the day from which the posts hold."),
        _("Choose the unit that took its place, or another day."),
    ),
    "position-missing": (
        _("There is no position."),
        _("Fill in the position, or choose one for all rows without."),
    ),
    "position-unknown": (
        _("The position “%(value)s” is not known."),
        _("Choose the position that is meant below “Positions not found”."),
    ),
    "post-later": (
        _("The person has begun another main post since."),
        _("Choose a later day, or change the post on the page of the person."),
    ),
    "main-elsewhere": (
        _("The main post of the person lies outside of the units that you look after."),
        _("Ask an administrator to change it."),
    ),
    "beyond": (
        _("This person has rights beyond yours."),
        _("Ask an administrator to change what is recorded."),
    ),
    "username-bad": (
        _("“%(value)s” cannot be a user name."),
        _("Use letters, digits and the signs @ . + - _ only, or leave the cell empty."),
    ),
    "username-phone": (
        _("The phone number “%(value)s” cannot be a user name."),
        _("Put it into the column of the phone; leave the user name empty."),
    ),
    "username-taken": (
        _("There is already an account with the user name “%(value)s”."),
        _("Choose another one, or leave the cell empty."),
    ),
    "username-twice": (
        _("The user name “%(value)s” stands in an earlier row as well."),
        _("Choose another one, or leave the cell empty."),
    ),
}

#: What was mended or what follows, without anybody having to do something.
NOTES: Final[dict[str, Promise]] = {
    "name-capitals": _("The name was in capitals: “%(value)s”."),
    "name-stays": _("The name stays as it is recorded: %(value)s."),
    "short-year": _("The year of two digits in “%(value)s” was completed."),
    "date-number": _("The number %(value)s was read as the date that Excel keeps so."),
    "year-only": _("“%(value)s” gives only the year: the date of birth stays empty."),
    "phone-zero": _("The phone number had lost its zero at the beginning: %(value)s."),
    "phone-shared": _("Several people have this phone number: this one signs in with a user name."),
    "merged-shared": _("The cell is merged over several rows; “%(value)s” counts for each."),
    "row-same": _("Row %(value)s is the same person; this row adds nothing."),
    "as-before": _("Decided as when this file was taken over before."),
    "position-new": _("The position “%(value)s” is made."),
    "post-since": _("Holds this post since %(value)s."),
}

REASONS: Final[dict[str, Promise]] = {
    duplicates.SAME_NAME_AND_UNIT: _("the same name and unit"),
    duplicates.SAME_NAME_AND_BIRTH: _("the same name and date of birth"),
    duplicates.SIMILAR_NAME: _("the same name without marks, the same unit and date of birth"),
    duplicates.SAME_PHONE: _("the same phone"),
}


class FileRefused(CannotImport):
    """A whole file is not taken; `code` and `params` say why in any language."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code, self.params = code, params
        super().__init__(about_file(code, params))


def about_file(code: str, params: Mapping[str, Any]) -> str:
    """Why the file is not taken and what to do, in the language of the request."""
    values = dict(params)
    if code == "archive":
        values["why"] = gettext(MESSAGES[params["rule"]]) % {"entry": params["entry"]}
    return str(FILES[code]) % values


def about_fault(fault: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong with a row, and what to do."""
    what, remedy = FAULTS[fault["code"]]
    return str(what) % fault, str(remedy)


def about_note(note: Mapping[str, Any]) -> str:
    """What was mended in a row."""
    return str(NOTES[note["code"]]) % note
