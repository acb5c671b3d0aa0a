"""Tables of questions, read and written."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.contracts import question_types
from quizzes.exchange.drafts import Draft, Fault, UnreadableFile
from quizzes.exchange.loading import read_questions
from quizzes.exchange.table import TableFormat
from quizzes.exchange.table_columns import HEADINGS, heading_of
from quizzes.exchange.table_template import COLUMNS, EXAMPLES, template
from quizzes.models import Question

HEAD = ["Loại", "Câu hỏi", "Phương án A", "Phương án B", "Phương án C", "Đáp án", "Giải thích"]
DOC = Path(__file__).parents[2] / "docs" / "imports" / "table.md"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def workbook(*rows, title="Câu hỏi", change=None) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if change:
        change(book, sheet)
    book.save(out)
    return out.getvalue()


def read(content: bytes | str, name: str = "a.xlsx") -> list[Draft | Fault]:
    if isinstance(content, str):
        content, name = content.encode(), "a.csv"
    assert TableFormat().recognises(name, content)
    return list(TableFormat().read(name, content))


def one(**cells: str) -> Draft | Fault:
    (found,) = read(
        workbook([heading_of(name.replace("_", " ")) for name in cells], [*cells.values()])
    )
    return found


def draft(**cells: str) -> Draft:
    found = one(**cells)
    assert isinstance(found, Draft), found
    return found


def right(found: Draft) -> list[bool]:
    return [each["correct"] for each in found.written["options"]]


@pytest.mark.parametrize(
    ("key", "kind", "expected"),
    [
        ("B", "single_choice", [False, True, False]),
        ("b", "single_choice", [False, True, False]),
        ("A, C", "multiple_choice", [True, False, True]),
        ("A;C", "multiple_choice", [True, False, True]),
        ("AC", "multiple_choice", [True, False, True]),
        ("2", "single_choice", [False, True, False]),
        ("1,3", "multiple_choice", [True, False, True]),
        ("Hà Nội", "single_choice", [False, True, False]),
        ("Huế\nVinh", "multiple_choice", [True, False, True]),
    ],
)
def test_choices(key: str, kind: str, expected: list[bool]) -> None:
    found = draft(
        prompt="Thủ đô?\nChọn.", option_A="Huế", option_B="Hà Nội", option_C="Vinh", key=key
    )
    assert (found.type_key, right(found)) == (kind, expected)
    assert found.prompt == "<p>Thủ đô?</p><p>Chọn.</p>"
    assert found.place == "Row 2"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"key": "D"}, "none of its options"),
        ({"key": "xyz"}, "none of its options"),
        ({"key": "", "kind": "Một lựa chọn"}, "key is missing"),
        ({"key": "A,B", "kind": "Một lựa chọn"}, "only one can be chosen"),
        ({"key": "A", "kind": "Chấm phá"}, "is not known"),
        ({"key": "A", "kind": "Điểm ảnh"}, "cannot be given in a table"),
        ({"key": "A", "option_A": "B", "option_B": "A"}, "text of another"),
        ({"key": "2", "option_A": "2", "option_B": "3"}, "text of another"),
        ({"key": "A", "option_B": "", "kind": "Một lựa chọn"}, "fewer than two"),
        ({"key": "A", "prompt": ""}, "no question in the row"),
        ({"key": "A", "points": "nhiều"}, "number of points"),
        ({"key": "1.500", "kind": "Số", "option_A": "", "option_B": ""}, "no number"),
        ({"key": "12 kg", "kind": "Số", "option_A": "", "option_B": ""}, "no number"),
        ({"key": "", "kind": "Ghép đôi"}, "left = right"),
        ({"key": "có thể", "kind": "Đúng/Sai", "option_A": "", "option_B": ""}, "“Đúng” or “Sai”"),
        ({"key": "A", "kind": "Điền vào chỗ trống"}, "no gap"),
        ({"key": "BA", "kind": "Sắp xếp"}, "right order"),
    ],
)
def test_bad_rows_are_faults(cells: dict[str, str], message: str) -> None:
    found = one(**{"prompt": "Thủ đô?", "option_A": "Huế", "option_B": "Hà Nội", **cells})
    assert isinstance(found, Fault), found
    assert message in found.message
    assert found.place == "Row 2"


@pytest.mark.parametrize(
    ("key", "is_true"), [("Đúng", True), ("sai", False), ("Đ", True), ("TRUE", True), ("F", False)]
)
def test_true_or_false(key: str, is_true: bool) -> None:
    assert right(draft(kind="Đúng/Sai", prompt="x", key=key)) == [is_true, not is_true]


def test_booleans_of_the_program() -> None:
    (found,) = read(workbook(HEAD, ["true/false", "x", None, None, None, True]))
    assert right(found) == [True, False]


def test_every_example_is_read_and_can_be_kept() -> None:
    found = read(template())
    assert [each.type_key for each in found] == [each["kind"] for each in EXAMPLES]
    for each in found:
        assert each.notes == []
    kept = read_questions("a.xlsx", template())
    assert kept.faults == [] and len(kept.drafts) == len(EXAMPLES)
    kinds = {each.type_key: each.written for each in found}
    assert kinds["matching"]["extra"] == [{"value": "<p>Tây Nguyên</p>"}]
    assert kinds["numeric"]["answers"][0]["tolerance"] == 0.05
    assert [gap["kind"] for gap in kinds["gaps"]["gaps"]] == ["typed", "chosen", "number"]
    assert found[0].category == ("Hành chính", "Chứng thực")
    assert found[0].tags == ("Nhận biết", "chứng thực")
    assert set(COLUMNS) == set(HEADINGS)


def test_the_columns_beside_the_key() -> None:
    found = draft(
        prompt="x", option_A="một", option_B="hai", key="A", feedback_B="Không.", feedback="Chung.",
        explanation="<p>Vì <b>thế</b></p>", hint="Một\nHai", points="0,5", category="A > B",
        tags="x, y", level="vdc", code="c-1", name="Tên",
    )  # fmt: skip
    assert found.written["options"][1]["feedback"] == "<p>Không.</p>"
    assert found.explanation == "<p>Chung.</p><p>Vì <b>thế</b></p>"
    assert found.hints == ["<p>Một</p>", "<p>Hai</p>"]
    assert found.points == Decimal("0.5")
    assert found.tags == ("Vận dụng cao", "x", "y")
    assert (found.code, found.name, found.category) == ("c-1", "Tên", ("A", "B"))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_with_separators(separator: str, encoding: str) -> None:
    rows = [["Câu hỏi", "A", "B", "Đáp án"], ["Một, hai; ba?", "mot", "hai", "B"], [], ["x"]]
    text = "\r\n".join(
        separator.join(f'"{each}"' if set(each) & set(",;") else each for each in row)
        for row in rows
    )
    found = list(TableFormat().read("a.csv", text.encode(encoding)))
    assert found[0].prompt == "<p>Một, hai; ba?</p>"
    assert right(found[0]) == [False, True]
    assert found[1].place == "Row 4"


def test_english_headings_and_other_columns() -> None:
    found = read("No,Question,Option A,Option B,Correct answer,Comment\n1,x?,one,two,B,hm\n")
    assert "“Comment” is not known" in found[0].message
    assert right(found[1]) == [False, True]


def test_numbers_dates_and_percents_are_texts() -> None:
    def change(_book, sheet) -> None:
        sheet["C2"].number_format = "0%"

    rows = [HEAD, ["", "x", 0.5, datetime(1945, 9, 2), 12.5, "B"]]
    (found,) = read(workbook(*rows, change=change))
    assert [each["text"] for each in found.written["options"]] == [
        "<p>50%</p>", "<p>02/09/1945</p>", "<p>12,5</p>",
    ]  # fmt: skip


def test_formulas() -> None:
    (found,) = read(workbook(HEAD, ["", "x", "=1+1", "b", "c", "A"]))
    assert "A formula has no result" in found.message


def test_hidden_sheets() -> None:
    def change(book, _sheet) -> None:
        other = book.create_sheet("Kín")
        other.append(HEAD)
        other.append(["", "y", "a", "b", "", "A"])
        other.sheet_state = "hidden"

    found = read(workbook(HEAD, ["", "x", "a", "b", "", "A"], change=change))
    assert isinstance(found[0], Draft)
    assert [each.place for each in found[1:]] == ["Sheet “Kín”"]

    def show(book, sheet) -> None:
        change(book, sheet)
        book["Kín"].sheet_state = "visible"

    found = read(workbook(HEAD, ["", "x", "a", "b", "", "A"], change=show))
    assert [each.place for each in found] == ["Sheet “Câu hỏi”, row 2", "Sheet “Kín”, row 2"]


def test_merged_cells() -> None:
    def kinds(_book, sheet) -> None:
        sheet.merge_cells("A2:A3")

    rows = [HEAD, ["Một lựa chọn", "x", "a", "b", "", "A"], ["", "y", "a", "b", "", "B"]]
    found = read(workbook(*rows, change=kinds))
    assert [each.type_key for each in found] == ["single_choice"] * 2

    def prompts(_book, sheet) -> None:
        sheet.merge_cells("B2:B3")

    found = read(workbook(*rows, change=prompts))
    assert ["merged" in each.message for each in found] == [True, True]

    def side(_book, sheet) -> None:
        sheet.merge_cells("C2:D2")

    assert "merged" in read(workbook(*rows, change=side))[0].message


def test_many_rows() -> None:
    line = "x,a,b,A\n"
    head = "Câu hỏi,A,B,Đáp án\n"
    assert len(read(head + line * 10_000)) == 10_000
    with pytest.raises(UnreadableFile, match="more than 10000 rows"):
        read(head + line * 10_001)


def test_cells_far_below_are_refused_at_once() -> None:
    def far(_book, sheet) -> None:
        sheet["A900000"] = "x"

    with pytest.raises(UnreadableFile, match="more than 10000 rows"):
        read(workbook(HEAD, ["", "x", "a", "b", "", "A"], change=far))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Save it as .xlsx"),
        ("a.ods", b"PK\3\4", "Save it as .xlsx"),
        ("a.xlsx", b"PK\3\4 hong", "damaged|not a zip"),
        ("a.csv", b"mot,hai\nba,bon\n", "No table of questions"),
        ("a.csv", b"\x00\x01\x02" * 100, "not text|damaged|No table"),
        ("a.xlsx", workbook(["a"], ["b"]), "No table of questions"),
    ],
)
def test_files_that_are_refused(name: str, content: bytes, message: str) -> None:
    assert TableFormat().recognises(name, content)
    with pytest.raises(UnreadableFile, match=message):
        list(TableFormat().read(name, content))


CELLS = st.sampled_from(
    ["", "A", "A, B", "Đúng", "x = y", "- = z", "[[1]]", "____", "~a", "#1,5", "12,5 ± 1", "=50=x",
     "Ghép đôi", "Sắp xếp", "Số", "Điền vào chỗ trống", "Phân nhóm", "Tự luận", "<p>x", "\n", "|"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(CELLS | st.text(max_size=8), min_size=7, max_size=7), max_size=5))
def test_nothing_stops_the_reading(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([HEAD, *rows])
    try:
        found = list(TableFormat().read("a.csv", out.getvalue().encode("utf-8", "replace")))
    except UnreadableFile:
        return
    for each in found:
        if isinstance(each, Draft) and "options" in each.written:
            assert any(option["correct"] for option in each.written["options"])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 5000))
def test_junk(junk: bytes, at: int) -> None:
    whole = workbook(HEAD, ["", "x", "a", "b", "", "A"])
    for content in (junk, b"PK\3\4" + junk, whole[:at] + junk + whole[at + len(junk) :]):
        for name in ("a.xlsx", "a.csv"):
            try:
                list(TableFormat().read(name, content))
            except UnreadableFile:
                continue


def bare(own) -> str:
    """An own part without its keys, which are by chance."""
    if isinstance(own, dict):
        return str({name: bare(each) for name, each in sorted(own.items()) if name != "key"})
    return str([bare(each) for each in own]) if isinstance(own, list) else repr(own)


def test_round_trip() -> None:
    questions = []
    for each in read(template()):
        if each.type_key not in question_types:
            continue
        question = Question(
            code=f"q-{len(questions)}",
            name=each.name,
            prompt=each.prompt,
            explanation=each.explanation or "<p>Vì <strong>thế</strong>.</p>",
            hints=json.dumps([{"type": "hint", "value": h, "id": "1"} for h in each.hints]),
        )
        question.write(each.type_key, each.written)
        questions.append(question)
    content, faults = TableFormat().write(questions)
    assert faults == []
    again = read(content)
    assert len(again) == len(questions) > 5
    for question, found in zip(questions, again, strict=True):
        other = Question()
        other.write(found.type_key, found.written)
        assert bare(other.own) == bare(question.own)
        assert (found.code, found.prompt) == (question.code, question.prompt)
        assert found.explanation == question.explanation


def test_texts_that_look_like_formulas_are_texts() -> None:
    question = Question(code="q", prompt="<p>=1+1</p>")
    question.write("true_false", {"options": [
        {"text": "=Đúng", "correct": True}, {"text": "<p>x <strong>y</strong></p>"},
    ]})  # fmt: skip
    content, faults = TableFormat().write([question])
    assert faults == []
    (found,) = read(content)
    assert found.prompt == "<p>=1+1</p>"
    assert [each["text"] for each in found.written["options"]] == [
        "<p>=Đúng</p>", "<p>x <strong>y</strong></p>",
    ]  # fmt: skip


def test_what_a_table_cannot_hold_is_told() -> None:
    question = Question(code="q", prompt="<p>x</p>")
    question.write("single_choice", {"options": [
        {"text": "A", "correct": False}, {"text": "B", "correct": True, "credit": 50},
        *({"text": str(n)} for n in range(8)),
    ]})  # fmt: skip
    _content, faults = TableFormat().write([question])
    assert "columns from A to H" in faults[0].message
    question.write("single_choice", {"options": [
        {"text": "B", "correct": False}, {"text": "A", "correct": True},
    ]})  # fmt: skip
    assert "text of another" in TableFormat().write([question])[1][0].message


def test_the_command_writes_the_template(tmp_path) -> None:
    path = tmp_path / "mau.xlsx"
    call_command("questions", "template", str(path))
    assert len(read(path.read_bytes())) == len(EXAMPLES)
    with pytest.raises(CommandError, match="is there already"):
        call_command("questions", "template", str(path))


def test_the_docs_name_every_column() -> None:
    text = DOC.read_text()
    for column in COLUMNS:
        if not column.endswith(tuple(" BCDEFGH"[1:])):
            assert f"`{heading_of(column)}" in text, column
    for block in text.split("```csv\n")[1:]:
        found = read(block.split("```")[0])
        assert found and all(isinstance(each, Draft) and not each.notes for each in found)
