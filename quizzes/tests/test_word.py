"""Tests written in Word, read and written."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.exchange.drafts import Draft, Fault, UnreadableFile
from quizzes.exchange.loading import read_questions
from quizzes.exchange.word import WordFormat
from quizzes.exchange.word_writing import MAIN
from quizzes.models import Question
from quizzes.tests.word_files import document, listed, lists, p, picture, table


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


FOUR = ("A. Huế", "B. Hà Nội", "C. Vinh", "D. Đà Lạt")
FOUR_TEXTS = ["Huế", "Hà Nội", "Vinh", "Đà Lạt"]


def read(*blocks: str, parts=None) -> list[Draft | Fault]:
    return list(WordFormat().read("de.docx", document(*blocks, parts=parts)))


def one(*blocks: str, parts=None) -> Draft:
    (found,) = read(*blocks, parts=parts)
    assert isinstance(found, Draft), found
    return found


def fault(*blocks: str, parts=None) -> str:
    (found,) = read(*blocks, parts=parts)
    assert isinstance(found, Fault), found
    assert found.place.startswith("Question ")
    return found.message


def texts(draft: Draft) -> list[str]:
    return [
        each["text"].removeprefix("<p>").removesuffix("</p>") for each in draft.written["options"]
    ]


def right(draft: Draft) -> str:
    rows = zip("ABCDEFGH", draft.written["options"], strict=False)
    return "".join(letter for letter, each in rows if each["correct"])


@pytest.mark.parametrize(
    "number",
    ["Câu 1: ", "Câu 1. ", "Câu hỏi 1) ", "1. ", "1) ", "CÂU 1 - ", "Câu 1 (NB): ", "‹b›Câu 1:‹› "],
)
@pytest.mark.parametrize(
    "options",
    [
        FOUR,
        ("a) Huế", "b) Hà Nội", "c) Vinh", "d) Đà Lạt"),
        ("A. Huế\tB. Hà Nội\tC. Vinh\tD. Đà Lạt",),
        ("A. Huế    B. Hà Nội    C. Vinh    D. Đà Lạt",),
        ("A. Huế B. Hà Nội C. Vinh D. Đà Lạt",),
        ("A. Huế\tB. Hà Nội", "C. Vinh\tD. Đà Lạt"),
        ("A. Huế\nB. Hà Nội\nC. Vinh\nD. Đà Lạt",),
        ("(A) Huế", "(B) Hà Nội", "(C) Vinh", "(D) Đà Lạt"),
        (table(["A. Huế", "B. Hà Nội"], ["C. Vinh", "D. Đà Lạt"]),),
        (table(["A.", "Huế", "B.", "Hà Nội"], ["C.", "Vinh", "D.", "Đà Lạt"]),),
    ],
)
def test_numbers_and_options(number: str, options: tuple[str, ...]) -> None:
    draft = one("ĐỀ THI", f"{number}Thủ đô là?", *options, "Đáp án: B")
    assert draft.type_key == "single_choice"
    assert draft.prompt == "<p>Thủ đô là?</p>"
    assert texts(draft) == FOUR_TEXTS
    assert right(draft) == "B"
    assert draft.notes == []


@pytest.mark.parametrize(
    ("key", "letters"),
    [
        ("Đáp án: B", "B"),
        ("Đáp án đúng: A, C", "AC"),
        ("ĐA: B", "B"),
        ("Đ/A: AC", "AC"),
        ("Đáp án: A và C", "AC"),
        ("Đáp án: (B)", "B"),
        ("Đáp án: b.", "B"),
        ("Đáp án B", "B"),
        ("Đáp án đúng là B.", "B"),
        ("Chọn B", "B"),
        ("Đáp án: Hà Nội", "B"),
        ("Đáp án: B. Hà Nội", "B"),
        ("Answer: B", "B"),
        ("Đáp án: B (SGK trang 5)", "B"),
        ("Đáp án: B, vì luật nói", "B"),
        ("Đáp án\nB", "B"),
    ],
)
def test_written_keys(key: str, letters: str) -> None:
    draft = one("Câu 1: Thủ đô là?", *FOUR, key)
    assert right(draft) == letters
    assert draft.type_key == ("multiple_choice" if len(letters) > 1 else "single_choice")


@pytest.mark.parametrize(
    ("options", "letters"),
    [
        (("A. Huế", "‹b›B. Hà Nội", "C. Vinh"), "B"),
        (("‹b›A.‹› Huế", "‹bu›B.‹› Hà Nội", "‹b›C.‹› Vinh"), "B"),
        (("A. Huế", "B. ‹r›Hà Nội", "C. Vinh"), "B"),
        (("A. Huế", "‹h›B. Hà Nội", "‹h›C. Vinh", "D. X"), "BC"),
        (("A. Huế", "*B. Hà Nội", "C. Vinh"), "B"),
        (("A. Huế", "B. Hà Nội", "C*. Vinh"), "C"),
        (("A. Huế\t‹u›B. Hà Nội‹›\tC. Vinh",), "B"),
        (("A. Huế", "‹bur›B. Hà Nội", "C. Vinh"), "B"),
        (("A. Có ‹b›không‹› nhé", "‹b›B. Hà Nội", "C. Vinh"), "B"),
    ],
)
def test_keys_by_looks(options: tuple[str, ...], letters: str) -> None:
    draft = one("Câu 1: Thủ đô là?", *options)
    assert right(draft) == letters
    assert all("<strong>Hà" not in each for each in texts(draft))


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        (("A. Huế", "B. Hà Nội"), "no key"),
        (("‹b›A. Huế", "‹b›B. Hà Nội"), "no key"),
        (("A. Huế", "‹b›B. Hà Nội", "Đáp án: A"), "the line with the key says A, bold text says B"),
        (("*A. Huế", "‹u›B. Hà Nội"), "asterisk or tick says A, underlined text says B"),
        (("‹u›A‹›. ‹› Huế", "B. ‹h›Hà Nội"), "highlighted text says B, underlined text says A"),
        (("A. Huế", "B. Hà Nội", "Đáp án: D"), "no such option"),
        (("A. Huế", "B. Hà Nội", "Đáp án: Vinh"), "none of its options"),
        (("A. Huế", "B. Hà Nội", "Đáp án: A. Hà Nội"), "its text is that of B"),
        (("A. Huế", "B. Hà Nội", "Đáp án: A", "Đáp án: B"), "two keys"),
        (("A. Huế", "B. Hà Nội", "Đáp án: A-B"), "not clear"),
        (("A. Huế", "B. Hà Nội", "Đáp án: A, B hoặc C"), "not clear"),
        (("A. Huế", "B. Hà Nội", "Đáp án: A hoặc B"), "none of its options"),
        (("A. Huế", "C. Hà Nội", "Đáp án: A"), "Option B is missing"),
        (("A. Huế", "B. Hà Nội", "A. x", "B. y", "Đáp án: A"), "option A twice"),
        (("A. Huế", "Đáp án: A"), "only one option"),
        (("A. Huế", "B.", "Đáp án: A"), "Option B has no text"),
        (("Đáp án: B",), "no options were found"),
        ((), "neither options nor a key"),
        (("- một", "- hai"), "neither options nor a key"),
        (("‹b›A. Huế", "‹b›B. Hà Nội", "‹b›C. X", "D. Y"), "Most of its options are bold"),
        (("Đáp án: 1-b, 2-a",), "Matching and ordering"),
        (("Loại: Ghép đôi", "Đáp án: 1-b"), "not read from Word"),
        (("A. Huế", "B. Hà Nội", "Loại: Một lựa chọn", "Đáp án: A, B"), "only one can be chosen"),
    ],
)
def test_contradictions_are_faults(blocks: tuple[str, ...], message: str) -> None:
    assert message in fault("Câu 12: Thủ đô là?", *blocks)


def test_faults_name_the_question_as_people_do() -> None:
    found = read("Câu 11: Một?", *FOUR, "Đáp án: A", "Câu 12: Hai?", *FOUR)
    assert isinstance(found[0], Draft)
    assert found[1].place == "Question 12"


@pytest.mark.parametrize(
    "keys",
    [
        ("BẢNG ĐÁP ÁN", "1-A 2-C 3B"),
        ("ĐÁP ÁN", "1.A\t2.C\t3.B"),
        ("Bảng đáp án", "1A, 2C, 3B"),
        ("ĐÁP ÁN", "Câu 1: A", "Câu 2: C", "Câu 3: B"),
        ("BẢNG ĐÁP ÁN", table(["1-A", "2-C", "3-B"])),
        ("BẢNG ĐÁP ÁN", table(["Câu", "1", "2", "3"], ["Đáp án", "A", "C", "B"])),
        ("BẢNG ĐÁP ÁN", table(["Câu", "Đáp án"], ["1", "A"], ["2", "C"], ["3", "B"])),
        ("BẢNG ĐÁP ÁN", table(["1", "A", "3", "B"], ["2", "C", "", ""])),
        (table(["1", "2", "3"], ["A", "C", "B"]),),
        ("Câu 1: A", "Câu 2: C", "Câu 3: B"),
    ],
)
def test_tables_of_keys(keys: tuple[str, ...]) -> None:
    asked = [line for n in (1, 2, 3) for line in (f"Câu {n}: Số {n}?", *FOUR)]
    found = read(*asked, "----- HẾT -----", *keys)
    assert [right(each) for each in found] == ["A", "C", "B"], found
    assert [texts(each) for each in found] == [FOUR_TEXTS] * 3


def test_keys_of_versions_are_refused() -> None:
    rows = table(["Câu", "Mã 101", "Mã 102"], ["1", "A", "C"], ["2", "B", "D"])
    found = read("Câu 1: Một?", *FOUR, "Câu 2: Hai?", *FOUR, "BẢNG ĐÁP ÁN", rows)
    assert all(isinstance(each, Fault) for each in found)
    assert (
        "One key per question" in found[-1].message or "one key per question" in found[-1].message
    )
    twice = read("Câu 1: Một?", *FOUR, "BẢNG ĐÁP ÁN", "1-A", "1-B")
    assert "two different keys" in twice[0].message
    none = read("Câu 1: Một?", *FOUR, "BẢNG ĐÁP ÁN", "1-A 7-B")
    assert right(none[0]) == "A"
    assert "question 7" in none[1].message
    wrong = read("Câu 1: Một?", *FOUR, "Đáp án: C", "BẢNG ĐÁP ÁN", "1-A")
    assert "says C" in wrong[0].message and "table of keys says A" in wrong[0].message
    both = read("Câu 1: Một?", *FOUR, "Câu 1: Hai?", *FOUR, "BẢNG ĐÁP ÁN", "1-A")
    assert ["Several questions" in each.message for each in both] == [True, True]


def test_explanations_behind_the_table() -> None:
    found = read(
        "Câu 1: Một?", *FOUR, "Câu 2: Hai?", *FOUR,
        "HƯỚNG DẪN CHẤM", "Câu 1: A. Vì thế.", "Thêm nữa.", "Câu 2. B",
    )  # fmt: skip
    assert [right(each) for each in found] == ["A", "B"]
    assert found[0].explanation == "<p>Vì thế.</p><p>Thêm nữa.</p>"


def test_automatic_numbers_and_letters() -> None:
    parts = lists([("decimal", "Câu %1:"), ("upperLetter", "%2.")], [("lowerRoman", "%1.")])
    found = read(
        listed("Một?", 1), listed("x", 1, 1), listed("y", 1, 1), "Đáp án: B",
        listed("Hai?", 1), listed("khoản một", 2), listed("khoản hai", 2),
        listed("x", 1, 1), listed("‹b›y", 1, 1),
        parts=parts,
    )  # fmt: skip
    assert [right(each) for each in found] == ["B", "B"]
    assert [each.place for each in found] == ["Question 1", "Question 2"]
    assert found[1].prompt == "<p>Hai?</p><p>i. khoản một</p><p>ii. khoản hai</p>"
    parts = lists([("decimal", "%1.")], [("upperLetter", "%1.")])
    found = read(
        listed("Một?", 1), listed("x", 2), listed("‹b›y", 2),
        listed("Hai?", 1), listed("‹b›x", 2), listed("y", 2),  # the list goes on with C and D
        parts=parts,
    )  # fmt: skip
    assert [right(each) for each in found] == ["B", "A"]


def test_lists_in_a_question_are_no_questions() -> None:
    found = read(
        "1. Cho các ý sau:", "1. Một", "2) Hai", "A. x", "B. y", "Đáp án: A",
        "2. Câu kế tiếp", "A. x", "B. y", "Đáp án: B",
    )  # fmt: skip
    # "2) Hai" follows question 1 as a question would: rather a fault than a wrong question.
    assert any(isinstance(each, Fault) for each in found)
    found = read("Câu 1: Các ý:", "1. Một", "2. Hai", "a) ba", "b) bốn", *FOUR, "Đáp án: A")
    assert texts(found[0]) == FOUR_TEXTS
    assert found[0].prompt == ("<p>Các ý:</p><p>1. Một</p><p>2. Hai</p><p>a) ba</p><p>b) bốn</p>")


def test_names_that_look_like_letters() -> None:
    draft = one("Câu 1: Ai viết?", "C. Mác và Ph. Ăngghen", "A. C. Mác\tB. V.I. Lênin", "Đáp án: A")
    assert texts(draft) == ["C. Mác", "V.I. Lênin"]


@pytest.mark.parametrize(
    ("blocks", "is_true"),
    [
        (("Đáp án: Đúng",), True),
        (("Đáp án: Sai",), False),
        (("Đáp án: S",), False),
        (("A. Đúng", "B. Sai", "Đáp án: B"), False),
        (("A. Đúng B. Sai", "Đáp án: A"), True),
        (("Đúng", "Sai", "Đáp án: Đúng"), True),
        (("‹b›Đúng", "Sai"), True),
        (("☐ Đúng   ☑ Sai",), False),
        (("Đúng ☑   Sai ☐",), True),
        (("Đúng / ‹u›Sai",), False),
        (("BẢNG ĐÁP ÁN", "1-Đ"), True),
        (("A. Đúng", "B. Sai", "BẢNG ĐÁP ÁN", "1-S"), False),
    ],
)
def test_true_or_false(blocks: tuple[str, ...], is_true: bool) -> None:
    draft = one("Câu 1: Một tuần có bảy ngày.", *blocks)
    assert draft.type_key == "true_false"
    assert texts(draft) == ["Đúng", "Sai"]
    assert [each["correct"] for each in draft.written["options"]] == [is_true, not is_true]


@pytest.mark.parametrize("key", ["a) Đúng; b) Sai; c) Đúng; d) Sai", "ĐSĐS", "a-Đ, b-S, c-Đ, d-S"])
def test_statements_of_the_new_exams(key: str) -> None:
    draft = one("Câu 1: Xét:", "a) một", "b) hai", "c) ba", "d) bốn", f"Đáp án: {key}")
    assert draft.type_key == "grouping"
    assert [[item["value"] for item in each["items"]] for each in draft.written["groups"]] == [
        ["<p>một</p>", "<p>ba</p>"],
        ["<p>hai</p>", "<p>bốn</p>"],
    ]


def test_words_and_numbers_to_write() -> None:
    draft = one("Câu 1: Thủ đô là ____.", "Đáp án: Hà Nội | thành phố Hà Nội hoặc H*")
    assert draft.type_key == "short_answer"
    assert draft.written == {
        "answers": [{"pattern": each} for each in ("Hà Nội", "thành phố Hà Nội", "H\\*")]
    }
    assert draft.prompt == "<p>Thủ đô là ____.</p>"
    draft = one("Câu 1: Năm nào?", "Đáp án: 12,5 ± 0,1")
    assert draft.type_key == "numeric"
    assert draft.written["answers"][0]["value"] == 12.5
    assert draft.written["answers"][0]["tolerance"] == 0.1
    assert one("Câu 1: Bao nhiêu?", "Đáp án: 1.500").type_key == "short_answer"
    assert "no number" in fault("Câu 1: Bao nhiêu?", "Loại: Số", "Đáp án: 1.500")


@pytest.mark.parametrize(
    "key", ["Hà Nội; Huế", "1) Hà Nội; 2) Huế", "(1) Hà Nội (2) Huế", "Hà Nội, Huế"]
)
def test_gaps(key: str) -> None:
    draft = one("Câu 1: Điền vào chỗ trống:", "Nay là ____, xưa là ……", f"Đáp án: {key}")
    assert draft.type_key == "gaps"
    assert draft.prompt == "<p>Điền vào chỗ trống:</p>"
    assert draft.written["text"] == "<p>Nay là [[1]], xưa là [[2]]</p>"
    assert [each["answers"] for each in draft.written["gaps"]] == ["Hà Nội", "Huế"]
    assert "2 gaps" in fault("Câu 1: ____ và ____", "Đáp án: Hà Nội")


def test_essays() -> None:
    found = read(
        "PHẦN I. TRẮC NGHIỆM", "Câu 1: Một?", *FOUR, "Đáp án: A",
        "II. PHẦN TỰ LUẬN (3 điểm)", "Câu 2 (3 điểm): Trình bày.", "a) Một", "b) Hai", "..........",
        "Hướng dẫn chấm: Nêu đủ.", "Câu 3: Nêu ý kiến.", "Đáp án: Tùy ý.",
    )  # fmt: skip
    assert [each.type_key for each in found] == ["single_choice", "essay", "essay"]
    assert found[1].prompt == "<p>Trình bày.</p><p>a) Một</p><p>b) Hai</p>"
    assert found[1].written == {"guidance": "<p>Nêu đủ.</p>"}
    assert found[1].points == 3
    assert found[2].written == {"guidance": "<p>Tùy ý.</p>"}
    assert one("Câu 1: Nêu.", "Loại: Tự luận").type_key == "essay"
    assert one("Câu 1 (Tự luận): Nêu.").type_key == "essay"


def test_what_else_is_said() -> None:
    draft = one(
        "Câu 1 (NB) (0,5 điểm): Thủ đô?", *FOUR, "Đáp án: B", "Lời giải", "Vì ‹b›luật‹› nói.",
        "Thêm một dòng.", "Phản hồi A: Không phải.", "Mức độ: vận dụng cao", "Căn cứ: Điều 13",
        "Gợi ý: Sông Hồng", "Nhãn: địa lý, thủ đô", "Mã: DL-1", "Tên: Thủ đô",
    )  # fmt: skip
    assert draft.explanation == (
        "<p>Vì <strong>luật</strong> nói.</p><p>Thêm một dòng.</p><p>Căn cứ: Điều 13</p>"
    )
    assert draft.written["options"][0]["feedback"] == "<p>Không phải.</p>"
    assert draft.tags == ("Vận dụng cao", "Nhận biết", "địa lý", "thủ đô")
    assert draft.points == Decimal("0.5")
    assert (draft.code, draft.name, draft.hints) == ("DL-1", "Thủ đô", ["<p>Sông Hồng</p>"])
    draft = one("Câu 1: Thủ đô?", *FOUR, "Đáp án: B. Theo Điều 13.")
    assert draft.explanation == "<p>Theo Điều 13.</p>"


def test_headings_are_categories() -> None:
    styled = '<w:outlineLvl w:val="0"/>'
    found = read(
        p("Luật đất đai", properties=styled), p("Thu hồi", properties='<w:outlineLvl w:val="1"/>'),
        "Câu 1: Một?", *FOUR, "Đáp án: A", "CHƯƠNG II: HỘ TỊCH", "Câu 2: Hai?", *FOUR, "Đáp án: A",
        p("Câu 3: Ba?", properties=styled), *FOUR, "Đáp án: A",
    )  # fmt: skip
    assert [each.category for each in found] == [
        ("Luật đất đai", "Thu hồi"),
        ("Luật đất đai", "CHƯƠNG II: HỘ TỊCH"),
        ("Luật đất đai", "CHƯƠNG II: HỘ TỊCH"),
    ]
    assert all(texts(each) == FOUR_TEXTS for each in found)


def test_passages_stand_before_their_questions() -> None:
    found = read(
        "Câu 1: Một?", *FOUR, "Đáp án: A",
        "Đọc đoạn văn sau và trả lời các câu hỏi từ 2 đến 3:", "Ngày xưa.",
        "Câu 2: Hai?", *FOUR, "Đáp án: A", "Câu 3: Ba?", *FOUR, "Đáp án: A",
        "Câu 4: Bốn?", *FOUR, "Đáp án: A",
    )  # fmt: skip
    assert ["Ngày xưa" in each.prompt for each in found] == [False, True, True, False]
    assert all(texts(each) == FOUR_TEXTS for each in found)


def test_lines_after_the_last_option_are_told() -> None:
    draft = one("Câu 1: Một?", *FOUR, "dòng lạ", "Đáp án: A")
    assert texts(draft)[3] == "Đà Lạt</p><p>dòng lạ"
    assert "dòng lạ" in draft.notes[0]


def test_tables_are_kept() -> None:
    draft = one("Câu 1: Xem bảng:", table(["Năm", "Số"], ["2024", "7 < 8"]), *FOUR, "Đáp án: A")
    assert draft.prompt == (
        "<p>Xem bảng:</p><table><tbody><tr><td>Năm</td><td>Số</td></tr>"
        "<tr><td>2024</td><td>7 &lt; 8</td></tr></tbody></table>"
    )
    merged = (
        '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p/></w:tc></w:tr>'
        '<w:tr><w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr><w:p/></w:tc><w:tc><w:p/></w:tc>'
        "</w:tr><w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc><w:tc><w:p/></w:tc></w:tr>"
        "</w:tbl>"
    )
    draft = one("Câu 1: Xem:", merged, *FOUR, "Đáp án: A")
    assert '<td colspan="2"></td>' in draft.prompt and '<td rowspan="2"></td>' in draft.prompt
    found = read(
        "Câu 1: x", *FOUR, "Đáp án: A", table(["STT", "Câu hỏi", "Đáp án"], ["1", "x", "A"])
    )
    assert "XLSX or CSV" in found[-1].message


def test_what_belongs_to_no_question_is_told() -> None:
    found = read("1. Một?", *FOUR, "Đáp án: A", "Câu 2: Hai?", *FOUR, "Đáp án: B")
    assert [each.place for each in found] == ["Question 2", "Outside of the questions"]
    found = read("Câu 1: Một?", *FOUR, "Đáp án: A", "CHƯƠNG II", "Hai?", *FOUR, "Đáp án: B")
    assert right(found[0]) == "A" and "Options or keys" in found[1].message
    found = read("Câu 1: Theo", "Mục 2: Điều 5", "Mục 3 Chương IV", *FOUR, "Đáp án: A")
    assert found[0].prompt == "<p>Theo</p><p>Mục 2: Điều 5</p><p>Mục 3 Chương IV</p>"
    found = read("PHẦN II: TỰ LUẬN", "Bài 1 (2 điểm): Nêu.", "Bài 2. Trình bày.")
    assert [each.type_key for each in found] == ["essay", "essay"]
    assert "neither options nor a key" in fault("Câu 1: Nêu.", "Trả lời: ..........")
    assert "5000 characters" in fault("Câu 1: Nêu.", "x " * 3000, *FOUR, "Đáp án: A")
    link = "<w:p><w:r><w:t>A. </w:t></w:r><w:hyperlink><w:r><w:rPr><w:u w:val='single'/></w:rPr>"
    link += "<w:t>x.vn</w:t></w:r></w:hyperlink></w:p>"
    assert "no key" in fault("Câu 1: Một?", link, "B. y")


def test_long_lines_take_no_time() -> None:
    for line in (
        " " * 4000 + "x",
        ". " * 2400 + "x",
        "A. " * 1600,
        "câu " * 1200,
        "1" * 4900,
        "…" * 4900 + "x",
        "A " * 2400,
        "1-A " * 1200 + "x",
        "[ " * 2400,
        "_ " * 2400,
        "Đáp án: " + "A, " * 1600,
        "Đáp án: " + "…(" * 2000,
        "Câu 1 " + "(a)" * 1500,
    ):
        began = time.process_time()
        list(WordFormat().read("a.docx", document("Câu 1: Một", line, *FOUR, "Đáp án: A")))
        assert time.process_time() - began < 1, line[:20]
    began = time.process_time()
    assert "twice" in fault("Câu 1: Một", "A. x\n\n" * 3000)
    assert time.process_time() - began < 5


def test_layout_tables() -> None:
    draft = one(table(["Câu 1: Thủ đô?", ""], ["A. Huế", "B. Hà Nội"]), "Đáp án: B")
    assert right(draft) == "B"


def test_pictures() -> None:
    shown, parts = picture("Bản đồ &lt;xã&gt;")
    draft = one("Câu 1: Xem hình:", shown, *FOUR, "Đáp án: A", parts=parts)
    assert '<img alt="Bản đồ &lt;xã&gt;" src="picture:image1.png">' in draft.prompt.replace(
        "'", '"'
    )
    assert list(draft.pictures) == ["image1.png"]
    assert draft.notes == []
    shown, parts = picture()
    draft = one("Câu 1: Xem hình:", shown, *FOUR, "Đáp án: A", parts=parts)
    assert draft.notes == ["A picture has no description."]
    shown, parts = picture("x", "emf", b"\1\0\0\0 EMF")
    assert "EMF" in fault("Câu 1: Xem:", shown, *FOUR, "Đáp án: A", parts=parts)
    option = shown.replace("<w:p>", "<w:p><w:r><w:t>A. </w:t></w:r>")
    shown, parts = picture("Hình tròn")
    option = shown.replace("<w:p>", "<w:p><w:r><w:t>A. </w:t></w:r>")
    draft = one("Câu 1: Hình nào?", option, "B. không có", "Đáp án: A", parts=parts)
    assert texts(draft)[0].startswith("<img alt")
    # A picture before the first question is a letter head and of no concern.
    assert one(shown, "Câu 1: Một?", *FOUR, "Đáp án: A", parts=parts).pictures == {}


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("<w:p><w:r><w:object/></w:r></w:p>", "embedded object"),
        ("<w:p><w:r><w:drawing><wp:inline/></w:drawing></w:r></w:p>", "drawing or a chart"),
        ('<w:p><w:r><w:sym w:font="Symbol" w:char="F061"/></w:r></w:p>', "Symbol"),
        ("<w:p><m:oMath><m:nary/></m:oMath></w:p>", "formula"),
        (p("‹&›Caâu hoûi"), "VNI"),
    ],
)
def test_what_cannot_be_shown_is_a_fault(xml: str, message: str) -> None:
    assert message in fault("Câu 1: Xem:", xml, *FOUR, "Đáp án: A")


def test_formulas_in_plain_text() -> None:
    def part(name: str, inner: str) -> str:
        return f"<m:{name}>{inner}</m:{name}>"

    def text(words: str) -> str:
        return f"<m:r><m:t>{words}</m:t></m:r>"

    power = part("sSup", part("e", text("x")) + part("sup", text("2")))
    half = part("f", part("num", text("a+1")) + part("den", text("2")))
    root = part("rad", part("deg", "") + part("e", text("3")))
    xml = f"<w:p><m:oMath>{power}{text('=')}{half}{root}</m:oMath></w:p>"
    draft = one("Câu 1: Tính:", xml, *FOUR, "Đáp án: A")
    assert draft.prompt == "<p>Tính:</p><p>x<sup>2</sup>=(a+1)/2√(3)</p>"


def test_old_fonts() -> None:
    draft = one("‹~›C©u 1: Thñ ®« lµ?", *FOUR, "‹~›§¸p ¸n: B")
    assert draft.prompt == "<p>Thủ đô là?</p>"


def test_tracked_changes_and_hidden_text() -> None:
    line = (
        "<w:p><w:r><w:t>Câu 1: Thủ đô </w:t></w:r>"
        "<w:del><w:r><w:delText>cũ</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>mới?</w:t></w:r></w:ins><w:r><w:commentReference/></w:r></w:p>"
    )
    draft = one(line, *FOUR, "Đáp án: B")
    assert draft.prompt == "<p>Thủ đô mới?</p>"
    draft = one("Câu 1: Thủ đô?‹?›bí mật", *FOUR, "Đáp án: B")
    assert draft.notes == ["Hidden text is left out."] and "bí mật" not in draft.prompt
    merged = p("A. Hu", properties="<w:rPr><w:del/></w:rPr>") + p("ế")
    assert texts(one("Câu 1: Thủ đô?", merged, "B. x", "Đáp án: A")) == ["Huế", "x"]
    box = (
        "<w:p><w:r><w:t>Xem khung</w:t></w:r><w:r><w:pict><v:shape><v:textbox><w:txbxContent>"
        "<w:p><w:r><w:t>trong khung</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape>"
        "</w:pict></w:r></w:p>"
    )
    draft = one("Câu 1: Thủ đô?", box, *FOUR, "Đáp án: B")
    assert "text box" in draft.notes[0]


def test_styles_count_as_looks() -> None:
    styles = (
        f'<w:styles xmlns:w="{MAIN}"><w:style w:type="paragraph" w:styleId="Right">'
        '<w:name w:val="Right"/><w:rPr><w:b/></w:rPr></w:style></w:styles>'
    )
    bold = p("B. Hà Nội", properties='<w:pStyle w:val="Right"/>')
    assert right(one("Câu 1: Thủ đô?", "A. Huế", bold, parts={"word/styles.xml": styles})) == "B"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Save it as .docx"),
        ("a.docx", b"khong phai", "Save it as .docx"),
        ("a.docx", b"PK\3\4 hong", "damaged|not a zip"),
        ("a.docx", document("Không có câu nào"), "No question was found"),
        (
            "a.docx",
            document(parts={"word/document.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
            "declares entities",
        ),
        ("a.docx", document(parts={"word/document.xml": "<w:document"}), "damaged"),
        ("a.docx", document(parts={"word/document.xml": "<a/>"}), "no text"),
        ("a.docx", document(parts={"word/styles.xml": "<a>" * 400 + "</a>" * 400}), "damaged"),
        ("a.docx", document(parts={"../x": "x"}), "not allowed"),
        ("a.docx", document(parts={"word/vbaProject.bin": "x"}), "macros"),
    ],
)
def test_files_that_are_refused(name: str, content: bytes, message: str) -> None:
    assert WordFormat().recognises(name, content)
    with pytest.raises(UnreadableFile, match=message):
        list(WordFormat().read(name, content))


PIECES = st.sampled_from(
    [
        "Câu 1: ", "Câu 2. x", "1. ", "2) y", "A. ", "*B. z", "a) ", "‹b›C. w", "Đáp án: B", "ĐA: ",
        "BẢNG ĐÁP ÁN", "1-A 2B", "Giải thích: x", "Phản hồi A: y", "____", "……", "Đúng", "Sai",
        "☑ Đúng ☐ Sai", "PHẦN II. TỰ LUẬN", "CHƯƠNG I", "\t", "\n", "Đáp án: Đúng", "Loại: Số",
        "Câu 3 (NB): ", "từ câu 2 đến câu 4", "D. ", "Đáp án: a) Đ b) S", "12,5", " ; ", "Căn cứ: ",
        table(["A. x", "B. y"]), table(["1", "2"], ["A", "B"]), table(["", ""]), "<w:p/>",
        "<w:p><m:oMath/></w:p>", "<w:p><w:r><w:pict/></w:r></w:p>",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | st.text("Câu123ABab.:)* \t_…ĐSđs|;,-", max_size=20), max_size=14))
def test_nothing_stops_the_reading(blocks: list[str]) -> None:
    try:
        found = list(WordFormat().read("a.docx", document(*blocks)))
    except UnreadableFile:
        return
    for each in found:
        assert isinstance(each, Draft | Fault)
        if isinstance(each, Draft) and "options" in each.written:
            count = sum(option["correct"] for option in each.written["options"])
            assert count >= 1 and (count == 1 or each.type_key == "multiple_choice")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 2000))
def test_junk(junk: bytes, at: int) -> None:
    whole = document("Câu 1: Một?", *FOUR, "Đáp án: A")
    for content in (junk, b"PK\3\4" + junk, whole[:at] + junk + whole[at + len(junk) :]):
        try:
            list(WordFormat().read("a.docx", content))
        except UnreadableFile:
            continue


WRITTEN = [
    ("single_choice", {"options": [
        {"text": "<p>Một <strong>hai</strong></p>", "correct": True, "feedback": "<p>Vâng.</p>"},
        {"text": "x < y", "correct": False, "feedback": ""},
    ]}),
    ("multiple_choice", {"options": [
        {"text": "Một", "correct": True, "feedback": ""},
        {"text": "Hai", "correct": False, "feedback": ""},
        {"text": "Ba", "correct": False, "feedback": ""},
    ]}),
    ("true_false", {"options": [
        {"text": "Đúng", "correct": False, "feedback": "<p>Sai.</p>"},
        {"text": "Sai", "correct": True, "feedback": ""},
    ]}),
    ("short_answer", {"answers": [{"pattern": "1945"}, {"pattern": "năm 1945 \\*"}]}),
    ("numeric", {"answers": [{"value": 12.5, "tolerance": 0.5}]}),
    ("essay", {"guidance": "<p>Nêu đủ.</p><p>Có ví dụ.</p>"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "written"), WRITTEN, ids=[kind for kind, _own in WRITTEN])
def test_round_trip(kind: str, written: dict) -> None:
    question = Question(
        code="q-1",
        name="Tên câu",
        prompt="<p>Thủ đô <em>là</em>?</p><p>Nói rõ.</p>",
        explanation="<p>Vì <strong>thế</strong>.</p>",
        hints=json.dumps([{"type": "hint", "value": "<p>Gợi.</p>", "id": "1"}]),
    )
    question.pk = None
    question.write(kind, written)
    content, faults = WordFormat().write([question])
    assert faults == []
    (draft,) = WordFormat().read("a.docx", content)
    assert isinstance(draft, Draft), draft
    assert read_questions("a.docx", content).faults == []
    again = Question()
    again.write(draft.type_key, draft.written)

    def bare(own: dict) -> str:
        return json.dumps(
            {
                **own,
                **{n: [{**r, "key": ""} for r in v] for n, v in own.items() if isinstance(v, list)},
            },
            sort_keys=True,
        )

    assert draft.type_key == kind
    assert bare(again.own) == bare(question.own)
    assert (draft.code, draft.name) == ("q-1", "Tên câu")
    assert draft.prompt == "<p>Thủ đô <em>là</em>?</p><p>Nói rõ.</p>"
    assert draft.explanation == "<p>Vì <strong>thế</strong>.</p>"
    assert draft.hints == ["<p>Gợi.</p>"]


def test_what_a_document_cannot_hold_is_told() -> None:
    question = Question(code="q-2", prompt="<p>Ghép</p>")
    question.write("short_answer", {"answers": [{"pattern": "a*b"}]})
    content, faults = WordFormat().write([question])
    assert [each.place for each in faults] == ["q-2"]
    with pytest.raises(UnreadableFile, match="No question"):
        list(WordFormat().read("a.docx", content))


def test_what_would_read_as_something_else_is_told() -> None:
    question = Question(code="q-3", prompt="<p>Xem:</p><p>Đáp án: một</p>")
    question.write("essay", {})
    _content, faults = WordFormat().write([question])
    assert faults[0].message == "Its text would be read as something else in Word."
    question = Question(code="q-4", prompt="<p>Một</p><p>Câu 7: hai</p>")
    question.write("short_answer", {"answers": [{"pattern": "x"}]})
    assert "something else" in WordFormat().write([question])[1][0].message


DOC = Path(__file__).parents[2] / "docs" / "imports" / "word.md"


def test_the_example_of_the_docs_reads() -> None:
    """Every block of the docs that is a test is read without a problem."""
    blocks = DOC.read_text().split("```text\n")[1:]
    assert len(blocks) > 5
    for block in blocks:
        found = read(*block.split("```")[0].strip("\n").split("\n"))
        assert all(isinstance(each, Draft) and not each.notes for each in found), (block, found)
