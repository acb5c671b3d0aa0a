"""The pages of an import: who may, what they show, that it goes through to the end."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from openpyxl import load_workbook

from lms.people.importing import storing
from lms.people.importing.columns import find_head, guess
from lms.people.importing.committing import commit
from lms.people.importing.reading import chosen_sheet, open_table
from lms.people.models import PeopleImport, Person, Position, Role, Unit, User
from lms.people.services.roles import grant_role
from lms.people.tests.factories import CentreFactory, PositionFactory, UnitFactory, UserFactory
from lms.people.tests.importing import HEADINGS, sent, workbook
from lms.web.manage import import_progress

pytestmark = pytest.mark.django_db
HOA = ("Nguyễn Thị Hòa", "02/09/1975", "0912 345 678", "Bí thư", "Xã Suối Vân")
TWIN = (unicodedata.normalize("NFD", "Nguyễn Thị Hoà"), "02/09/1975", None, "Bí thư", "Xã Suối Vân")
AN = ("Lò Văn Ơn", "31/2/1980", None, "Trưởng thôn", "Xã Không Có")


@pytest.fixture
def unit() -> Unit:
    return UnitFactory(name="Xã Suối Vân")


@pytest.fixture
def secretary() -> Position:
    return PositionFactory()


@pytest.fixture
def signed_in(client: Client, unit: Unit, secretary: Position) -> Callable[..., User]:
    def account(role: str, **reach: Any) -> User:
        user = UserFactory()
        if role == Role.CENTRE_MANAGER:
            reach = {"centre": CentreFactory(serves=[unit])}
        elif role in (Role.UNIT_OFFICER, Role.OBSERVER):
            reach = {"unit": unit}
        grant_role(user=user, role=role, **reach)
        client.force_login(user)
        return user

    return account


@pytest.fixture
def manager(signed_in: Callable[..., User]) -> User:
    return signed_in(Role.CENTRE_MANAGER)


def upload(client: Client, content: bytes, name: str = "Danh sách.xlsx") -> Any:
    return client.post("/manage/imports/", {"file": SimpleUploadedFile(name, content)})


def fields(response: HttpResponse) -> dict[str, str]:
    """What a browser would send back from the form of columns, untouched."""
    text = response.content.decode()
    found = dict(re.findall(r'<input type="hidden" name="(sheet|header)" value="([^"]*)"', text))
    for name, options in re.findall(r'<select name="(\w+)"(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    found["on"] = re.search(r'name="on" value="([\d-]+)"', text)[1]  # type: ignore[index]
    found["accounts"] = "on"
    return found


def begun(client: Client, *rows: tuple[Any, ...]) -> str:
    """The address of an import whose rows were checked."""
    address: str = upload(client, workbook(HEADINGS, *rows))["Location"]
    columns = client.get(address, follow=True)
    response = client.post(f"{address}columns/", fields(columns))
    assert (response.status_code, response["Location"]) == (302, address)
    return address


def test_from_the_file_to_the_people(
    client: Client, manager: User, django_capture_on_commit_callbacks: Any
) -> None:
    address = begun(client, HOA, TWIN, AN)
    page = client.get(address)
    assert page.status_code == 200
    assert [(each["value"], each["rows"]) for each in page.context["counts"]] == [
        ("unsure", 1), ("refused", 1), ("new", 1),
    ]  # fmt: skip
    assert [row["number"] for row in page.context["rows"]] == [3]
    assert [each["value"] for each in page.context["rows"][0]["choices"]] == [
        "row:2", "other", "out",
    ]  # fmt: skip
    refused = client.get(f"{address}?show=refused").context["rows"][0]
    assert [(fault["place"], fault["what"]) for fault in refused["faults"]] == [
        ("Cột B (Ngày sinh)", "“31/2/1980” không phải ngày."),
        ("Cột E (Đơn vị)", "“Xã Không Có” không có trong các đơn vị thuộc phạm vi phụ trách."),
        ("Cột D (Chức danh)", "Chưa có chức danh “Trưởng thôn”."),
    ]
    answered = client.post(f"{address}decide/", {"row": "3", "row_3": "row:2"})
    assert answered["Location"] == address
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(f"{address}commit/")
    assert done["Location"] == address
    end = client.get(address).content.decode()
    person = Person.objects.get(full_name="Nguyễn Thị Hòa")
    uuid = PeopleImport.objects.get().uuid
    assert f"{reverse('web:manage-slips')}?import={uuid}" in end
    listed = client.get(f"/manage/people/?import={uuid}").context["people"]
    assert [each["uuid"] for each in listed] == [person.uuid]
    assert not storing.path_of(PeopleImport.objects.get()).exists()


def test_the_english_pages_speak_english(client: Client, manager: User) -> None:
    address = begun(client, AN)
    page = client.get(f"/en{address}")
    assert [fault["what"] for fault in page.context["rows"][0]["faults"]] == [
        "“31/2/1980” is no date.",
        "“Xã Không Có” is none of the units that you look after.",
        "The position “Trưởng thôn” is not known.",
    ]


def test_units_are_chosen_once_for_all_rows(client: Client, manager: User, unit: Unit) -> None:
    other = ("Vi Thị Én", None, None, "Bí thư", "Suối Vân")
    address = begun(client, other, ("Lò Văn Ơn", None, None, "Bí thư", "SUỐI VÂN"))
    form = client.get(address).context["places"]
    (row,) = form.unit_rows()
    assert (row["text"], row["rows"], row["suggestion"]) == ("Suối Vân", 2, unit.pk)
    assert client.post(f"{address}places/", {row["field"].name: str(unit.pk)}).status_code == 302
    assert PeopleImport.objects.get().counts == {"new": 2}
    wrong = client.post(f"{address}places/", {row["field"].name: "999999"})
    assert wrong.status_code == 302  # that text is known by now: nothing is asked any more


def test_a_unit_that_is_not_offered_is_refused(client: Client, manager: User) -> None:
    address = begun(client, ("Vi Thị Én", None, None, "Bí thư", "Suối Vân"))
    (row,) = client.get(address).context["places"].unit_rows()
    outside = UnitFactory(name="Xã khác")
    response = client.post(f"{address}places/", {row["field"].name: str(outside.pk)})
    assert response.status_code == 422


# --- files and columns ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Tệp trống."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "Excel cũ (.xls)"),
        (b"PK\3\4" + b"\0" * 99, "lưu lại thành .xlsx"),
        (b"%PDF-1.7" + bytes(range(256)) * 9, "không phải danh sách đọc được"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_what_to_do_and_not_kept(
    client: Client, manager: User, content: bytes, words: str
) -> None:
    before = set(storing.folder().iterdir()) if storing.folder().exists() else set()
    response = upload(client, content)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not PeopleImport.objects.exists()
    assert set(storing.folder().iterdir()) == before


def test_without_a_file_the_form_says_so(client: Client, manager: User) -> None:
    response = client.post("/manage/imports/")
    assert response.status_code == 422
    assert response.context["form"].errors == {"file": ["Hãy chọn tệp."]}


def test_hidden_sheets_are_named_and_another_row_of_headings_can_be_looked_at(
    client: Client, manager: User
) -> None:
    def hide(book: Any) -> None:
        old = book.create_sheet("Cũ")
        for row in (("Danh sách cũ",), ("Họ tên", "Đơn vị"), ("Vi Thị Én", "Xã Suối Vân")):
            old.append(row)
        old.sheet_state = "hidden"

    address = upload(client, workbook(HEADINGS, HOA, change=hide))["Location"]
    page = client.get(f"{address}columns/")
    assert [each.name for each in page.context["hidden"]] == ["Cũ"]
    assert page.context["sheet"].name == "Sheet"
    old = client.get(f"{address}columns/?sheet=Cũ&header=2")
    assert [each.heading for each in old.context["head"].columns] == ["Họ tên", "Đơn vị"]
    assert fields(old)["column_1"] == "full_name"
    assert PeopleImport.objects.get().sheet == "Sheet"  # a look writes nothing


def test_columns_need_a_name_and_no_field_twice(client: Client, manager: User) -> None:
    address = upload(client, workbook(HEADINGS, HOA))["Location"]
    sent_back = fields(client.get(f"{address}columns/"))
    twice = client.post(f"{address}columns/", {**sent_back, "column_2": "unit"})
    assert twice.status_code == 422
    assert list(twice.context["form"].errors) == ["column_5"]
    nameless = client.post(f"{address}columns/", {**sent_back, "column_1": ""})
    assert nameless.status_code == 422
    assert "Hãy chỉ ra cột ghi họ tên." in nameless.content.decode()


def test_a_file_that_is_gone_is_said_and_the_import_can_be_discarded(
    client: Client, manager: User
) -> None:
    address = upload(client, workbook(HEADINGS, HOA))["Location"]
    storing.path_of(PeopleImport.objects.get()).unlink()
    page = client.get(f"{address}columns/")
    assert page.status_code == 422
    assert "Tệp không còn được lưu." in page.content.decode()
    assert client.post(f"{address}discard/")["Location"] == "/manage/imports/"
    assert PeopleImport.objects.get().state == PeopleImport.State.DISCARDED
    assert client.get(address).status_code == 200


def test_the_empty_list_is_read_by_the_import(client: Client, manager: User, tmp_path: Any) -> None:
    for language, first in (("", "Họ và tên"), ("/en", "Full name")):
        response = client.get(f"{language}/manage/imports/template.xlsx")
        book = load_workbook(io.BytesIO(response.content))
        assert book.active is not None
        assert book.active["A1"].value == first
        book.active.append(["Nguyễn Thị Hòa"])
        path = tmp_path / "filled"
        book.save(str(path) + ".xlsx")
        table = open_table(tmp_path / "filled.xlsx")
        sheet = chosen_sheet(table, "")
        assert sheet is not None
        found = guess(find_head(table.grid(sheet)).columns)
        assert list(found) == [
            "full_name", "birth_date", "sex", "phone", "position", "unit", "unit_code", "username",
        ]  # fmt: skip


def test_refused_rows_come_as_a_workbook(client: Client, manager: User) -> None:
    address = begun(client, AN)
    response = client.get(f"{address}faults.xlsx")
    rows = list(load_workbook(io.BytesIO(response.content)).active.values)
    assert rows[0] == ("Dòng", "Cột", "Tên", "Sai ở đâu", "Cần làm gì")
    assert [row[:3] for row in rows[1:]] == [
        (2, place, "Lò Văn Ơn")
        for place in ("Cột B (Ngày sinh)", "Cột E (Đơn vị)", "Cột D (Chức danh)")
    ]


# --- progress ------------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows are already worth a bar."""
    monkeypatch.setattr(import_progress, "AT_ONCE", 1)


def test_many_rows_are_shown_as_they_are_done_and_lead_on_without_a_script(
    client: Client, manager: User, few: None
) -> None:
    address = upload(client, workbook(HEADINGS, HOA, AN))["Location"]
    response = client.post(f"{address}columns/", fields(client.get(f"{address}columns/")))
    assert (response.status_code, response.streaming) == (200, True)
    pieces = [piece.decode() for piece in response.streaming_content]  # type: ignore[attr-defined]
    assert "<progress" not in pieces[0]
    assert '<progress class="bar" value="2" max="2"' in "".join(pieces)
    assert f'<meta http-equiv="refresh" content="0;url={address}">' in "".join(pieces)
    assert pieces[-1].rstrip().endswith("</html>")
    assert PeopleImport.objects.get().state == PeopleImport.State.CHECKED


def test_whoever_leaves_while_it_is_written_finds_it_finished(
    client: Client, manager: User, few: None
) -> None:
    begun_in_pieces(client)
    request = RequestFactory().post("/")
    request.user = manager
    response = import_progress.answer(
        request,  # type: ignore[arg-type]
        commit(PeopleImport.objects.get()),
        rows=2,
        title="",
        then="/",
        refused=lambda error: HttpResponse(str(error)),
    )
    pieces = response._iterator  # type: ignore[attr-defined]  # what a server closes
    next(pieces), next(pieces)
    pieces.close()
    assert PeopleImport.objects.get().state == PeopleImport.State.COMMITTED
    assert Person.objects.filter(full_name="Nguyễn Thị Hòa").count() == 1


def test_a_refusal_in_the_middle_is_told_on_the_page(
    client: Client, manager: User, few: None
) -> None:
    rows = [("NguyÔn ThÞ Hoµ", None, None, "Bí thư", "Xã Suối Vân")] * 4
    address = upload(client, workbook(HEADINGS, *rows))["Location"]
    response = client.post(f"{address}columns/", fields(client.get(f"{address}columns/")))
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert "phông cũ (TCVN3 hoặc VNI)" in text
    assert PeopleImport.objects.get().state == PeopleImport.State.SENT


def begun_in_pieces(client: Client) -> str:
    address: str = upload(client, workbook(HEADINGS, HOA, AN))["Location"]
    response = client.post(f"{address}columns/", fields(client.get(f"{address}columns/")))
    assert b"".join(response.streaming_content)  # type: ignore[attr-defined]
    return address


# --- who may -------------------------------------------------------------------------------------

PAGES = ["", "columns/", "faults.xlsx"]
DEEDS = ["columns/", "places/", "decide/", "check/", "commit/", "discard/"]


@pytest.mark.parametrize("role", [None, *Role.values])
def test_pages_are_for_centre_managers_and_administrators(
    client: Client, signed_in: Callable[..., User], unit: Unit, role: str | None
) -> None:
    owner = UserFactory()
    grant_role(user=owner, role=Role.CENTRE_MANAGER, centre=CentreFactory(serves=[unit]))
    other = f"/manage/imports/{sent(owner, workbook(HEADINGS, HOA)).uuid}/"
    if role is not None:
        signed_in(role)
    general = {client.get(f"/manage/imports/{page}").status_code for page in ("", "template.xlsx")}
    got = {client.get(f"{other}{page}", follow=role is not None).status_code for page in PAGES}
    if role is None:
        assert (general, got) == ({302}, {302})
    elif role == Role.ADMINISTRATOR:
        assert (general, got) == ({200}, {200})
    elif role == Role.CENTRE_MANAGER:
        assert (general, got) == ({200}, {404})  # another one's import is not there
    else:
        assert (general, got) == ({403}, {403})
    if role not in (None, Role.ADMINISTRATOR):
        wanted = 404 if role == Role.CENTRE_MANAGER else 403
        assert {client.post(f"{other}{deed}").status_code for deed in DEEDS} == {wanted}
        assert PeopleImport.objects.get().state == PeopleImport.State.SENT


def test_looking_changes_nothing(client: Client, manager: User) -> None:
    address = begun(client, HOA, TWIN)
    before = list(PeopleImport.objects.values())
    for page in PAGES:
        assert client.get(f"{address}{page}").status_code == 200
    for deed in DEEDS[1:]:
        assert client.get(f"{address}{deed}").status_code == 405
    assert list(PeopleImport.objects.values()) == before


def test_an_import_that_has_ended_takes_no_more_answers(client: Client, manager: User) -> None:
    address = begun(client, HOA)
    client.post(f"{address}commit/")
    assert client.post(f"{address}decide/", {"row": "2", "row_2": "out"}).status_code == 422
    assert client.post(f"{address}discard/").status_code == 422
    assert client.post(f"{address}commit/")["Location"] == address
    assert client.get(f"{address}columns/")["Location"] == address


def test_queries_do_not_grow_with_rows(
    client: Client, manager: User, django_assert_max_num_queries: Any
) -> None:
    few = begun(client, HOA, TWIN, AN)
    client.get(few)
    rows = [
        (f"Vi {letter * count}", f"{day}/1/1980", None, "Bí thư", "Xã Suối Vân")
        for letter in "abcdeghiklm"
        for count in (1, 2)
        for day in (1, 1, 2)
    ]
    many = begun(client, *rows, AN)
    for address in (few, many):
        for show in ("unsure", "refused", "new"):
            with django_assert_max_num_queries(24):
                client.get(f"{address}?show={show}")
    with django_assert_max_num_queries(10):
        client.get("/manage/imports/")
