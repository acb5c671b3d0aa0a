"""GIFT, read and written."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.bodies import as_html
from quizzes.exchange.drafts import Draft, Fault, UnreadableFile
from quizzes.exchange.gift import GiftFormat, category_path
from quizzes.exchange.texts import html_of, plain_of
from quizzes.tests.import_tables import check_table
from tests.shared_data import shared_data

KINDS = {
    "MC": {"single_choice", "multiple_choice"},
    "TF": {"true_false"},
    "Short": {"short_answer"},
    "Numerical": {"numeric"},
    "Matching": {"matching"},
    "Essay": {"essay"},
}


def read(text: str | bytes, name: str = "a.gift") -> list[Draft | Fault]:
    content = text.encode() if isinstance(text, str) else text
    return list(GiftFormat().read(name, content))


def one(text: str) -> Draft:
    (found,) = read(text)
    assert isinstance(found, Draft), found
    return found


def fault(text: str) -> Fault:
    (found,) = read(text)
    assert isinstance(found, Fault), found
    return found


# --- against the readings of another parser ---


def squashed(text: str) -> str:
    return re.sub(r"\s+(?=[.?])", "", " ".join(text.replace("_", "").split()))


def words(html: str) -> str:
    return squashed(plain_of(as_html(html)))


def expected(text: dict[str, str] | None) -> str:
    if not text:
        return ""
    return words(html_of(text["text"], text["format"]))


def check_choices(draft: Draft, choices: list[dict[str, Any]]) -> None:
    options = draft.written["options"]
    assert [words(each["text"]) for each in options] == [expected(c["text"]) for c in choices]
    assert [words(o["feedback"]) for o in options] == [expected(c["feedback"]) for c in choices]
    for option, choice in zip(options, choices, strict=True):
        weight = choice["weight"]
        if choice["isCorrect"]:
            assert option["correct"]
        elif weight is None:
            assert not option["correct"] and not option.get("credit")
        else:
            assert option["credit"] == pytest.approx(weight, abs=0.001)
            assert option["correct"] == (weight > 0 and draft.type_key == "multiple_choice")


def check_numbers(draft: Draft, choices: Any) -> None:
    listed = choices if isinstance(choices, list) else [{"text": choices}]
    listed = [each for each in listed if "type" in each["text"]]  # not the feedback on all others
    answers = draft.written["answers"]
    assert len(answers) == len(listed)
    for answer, choice in zip(answers, listed, strict=True):
        number = choice["text"]
        if number["type"] == "high-low":
            low, high = number["numberLow"], number["numberHigh"]
        else:
            margin = number.get("range", 0)
            low, high = number["number"] - margin, number["number"] + margin
        assert answer["value"] - answer["tolerance"] == pytest.approx(low)
        assert answer["value"] + answer["tolerance"] == pytest.approx(high)
        weight = choice.get("weight")
        assert answer["credit"] == pytest.approx(100 if weight is None else weight)
        assert words(answer["feedback"]) == expected(choice.get("feedback"))


def check_true_false(draft: Draft, question: dict[str, Any]) -> None:
    of_true, of_false = draft.written["options"]
    assert of_true["correct"] == question["isTrue"] and of_false["correct"] != question["isTrue"]
    # The oracle takes the first feedback for that on "true". In Moodle it is on the wrong choice.
    first, second = (expected(question[f"{each}Feedback"]) for each in ("true", "false"))
    wrong, right = (of_false, of_true) if question["isTrue"] else (of_true, of_false)
    assert (words(wrong["feedback"]), words(right["feedback"])) == (first, second)


def check(draft: Draft, question: dict[str, Any]) -> None:
    assert draft.type_key in KINDS[question["type"]]
    assert draft.name == (question["title"] or "")
    assert words(draft.prompt) == expected(question["stem"])
    assert words(draft.explanation) == expected(question["globalFeedback"])
    assert draft.code == (question["id"] or "")
    assert draft.tags == tuple(question["tags"] or ())
    if question["type"] == "MC":
        check_choices(draft, question["choices"])
    elif question["type"] == "Short":
        answers = draft.written["answers"]
        for answer, choice in zip(answers, question["choices"], strict=True):
            assert answer["pattern"] == " ".join(choice["text"]["text"].split())
            weight = choice["weight"]
            assert answer["credit"] == pytest.approx(100 if weight is None else weight)
            assert words(answer["feedback"]) == expected(choice["feedback"])
    elif question["type"] == "Numerical":
        check_numbers(draft, question["choices"])
    elif question["type"] == "TF":
        check_true_false(draft, question)
    elif question["type"] == "Matching":
        pairs = question["matchPairs"]
        full = [each for each in pairs if each["subquestion"]["text"]]
        extra = [each["subanswer"] for each in pairs if not each["subquestion"]["text"]]
        found = [(words(each["text"]), words(each["match"])) for each in draft.written["pairs"]]
        assert found == [(expected(each["subquestion"]), each["subanswer"]) for each in full]
        assert [words(each) for each in draft.written["extra"]] == extra


def test_files_read_as_another_parser_reads_them() -> None:
    folder, count = shared_data("questions", "gift-peg"), 0
    for path in sorted(folder.glob("*.gift")):
        questions = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        questions = [each for each in questions if each["type"] not in ("Category", "Description")]
        drafts = read(path.read_bytes(), path.name)
        assert len(drafts) == len(questions), path.name
        for draft, question in zip(drafts, questions, strict=True):
            assert isinstance(draft, Draft), (path.name, draft)
            check(draft, question)
            count += 1
    assert count > 80


def files() -> list[Path]:
    peg = shared_data("questions", "gift-peg").glob("*.gift")
    return [*peg, *shared_data("questions", "moodle", "gift").glob("*.txt")]


@pytest.mark.django_db
def test_the_table_in_the_docs_says_what_the_files_bring() -> None:
    check_table("gift", GiftFormat(), files())


# --- what the format says ---


def test_weights_that_can_be_chosen_together_make_a_multiple_choice() -> None:
    draft = one("Chọn{~%33.3%A ~%33.3%B ~%33.3%C ~%-100%D}")
    assert (draft.type_key, draft.written["scheme"]) == ("multiple_choice", "per_option")
    assert sum(each["credit"] for each in draft.written["options"][:3]) == pytest.approx(100)
    assert draft.written["options"][3]["credit"] == -100


def test_weights_that_do_not_add_up_are_a_fault() -> None:
    assert "80.00" in fault("Chọn{~%40%A ~%40%B ~C}").message


def test_several_right_where_one_can_be_chosen_is_told() -> None:
    draft = one("Chọn{=A =B ~C}")
    assert draft.type_key == "multiple_choice" and draft.notes


@pytest.mark.parametrize(
    "text",
    [
        "Thiếu ngoặc {=a ~b",
        "Thừa } ngoặc {=a ~b}",
        "Hai {=a ~b} câu\nliền nhau {=c ~d}",
        "Tập hợp {1;2} là gì? {=a ~b}",
        "Hai cộng hai? {~2+2=5 ~2+2=3 =4}",
        "Ghép {=a->b =c}",
        "Số {#một}",
        "Số {#5..1}",
        "Số {#1:-1}",
        "Số {#1.5:1,500}",
        "Chọn {thừa ~a =b}",
        "Chọn {~một}",
        "Chọn {~%150%a ~b}",
        "Số {#}",
        "Điền {=}",
    ],
)
def test_what_may_be_wrong_is_a_fault(text: str) -> None:
    assert fault(text).place == fault(text).place != ""


def test_a_fault_does_not_end_the_reading() -> None:
    first, second = read("Hỏng {=a\n\nTốt {=a ~b}\n")
    assert isinstance(first, Fault) and isinstance(second, Draft)


def test_an_empty_line_among_answers_parts_nothing() -> None:
    draft = one("Chọn {\n=a\n\n~b\n\n}\n")
    assert [each["correct"] for each in draft.written["options"]] == [True, False]


def test_compact_answers() -> None:
    draft = one("Chọn{~a=b~c}")
    assert [each["correct"] for each in draft.written["options"]] == [False, True, False]


def test_a_question_right_after_its_category() -> None:
    draft = one("$CATEGORY: $course$/top/Luật//Nghị định/Đất đai\nĐúng không?{T}")
    assert draft.category == ("Luật/Nghị định", "Đất đai")
    assert category_path("tom/dick") == ("tom", "dick")


def test_marks_in_html_that_are_not_escaped_part_nothing() -> None:
    draft = one('[html]<p>Chọn</p>{~<a href="http://x/?a=b#c">Một</a> =<b>Hai</b>}')
    assert len(draft.written["options"]) == 2
    assert "a=b#c" in draft.written["options"][0]["text"]


def test_signs_in_plain_text_stay_signs() -> None:
    draft = one("Nếu x < 5 & y > 3 thì <p> là gì? {=a ~b}")
    assert draft.prompt == "<p>Nếu x &lt; 5 &amp; y &gt; 3 thì &lt;p&gt; là gì?</p>"


def test_pictures_that_a_text_file_cannot_have_are_missed_by_name() -> None:
    draft = one('[html]<img src\\="@@PLUGINFILE@@/a%20b.png" alt\\="Cờ"> {T}')
    assert draft.prompt == '<img alt="Cờ" src="picture:a b.png">'


def test_decimal_commas() -> None:
    assert one("Số pi {#3,14:0,01}").written["answers"][0]["value"] == 3.14


def test_true_in_any_letters() -> None:
    assert one("Thế à? {true}").type_key == "true_false"
    assert one("Chữ gì? {=t}").type_key == "short_answer"


# --- junk ---


@given(st.text(alphabet="{}~=#:\\->%50 \n[]html$CATEGORY:/T<\"'.", max_size=60))
def test_signs_in_any_order_never_break_the_reading(text: str) -> None:
    for each in read(text):
        assert isinstance(each, Draft | Fault) and each.place


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_junk_never_breaks_the_reading(content: bytes) -> None:
    GiftFormat().recognises("a.txt", content)
    with contextlib.suppress(UnreadableFile):
        read(content)


def test_large_files_are_read_in_time() -> None:
    assert len(read("Câu hỏi {=một ~hai #sai\n~ba}\n\n" * 5000)) == 5000
    read("{" * 50_000)
    read("Chọn {" + "~a=b" * 20_000 + "}")
    read("x {~" + "<a " * 30_000 + "=b}")


@pytest.mark.parametrize(
    ("name", "content", "is_known"),
    [
        ("a.txt", b"Hai? {=a ~b}", True),
        ("a.TXT", "::Tên:: Hai?".encode("utf-16"), True),
        ("a.gift.txt", b"", True),
        ("a.txt", b"Hai?\nA. a\nB. b\nANSWER: A", False),
        ("a.txt", b"\x00\xff\x00\x01", False),
        ("a.xml", b"{=a}", False),
        ("a.txt", ("Việc gì? {=đúng ~sai}\n\n" * 5000).encode(), True),
    ],
)
def test_what_is_gift(name: str, content: bytes, is_known: bool) -> None:
    assert GiftFormat().recognises(name, content) == is_known


def test_places_are_lines_of_the_file() -> None:
    text = "// đầu\n\n$CATEGORY: A\nMột {T}\n\n\n// [id:x]\nHai {F}\n\nHỏng {\n"
    assert [each.place[-2:].strip() for each in read(text)] == ["4", "8", "10"]


def test_lists_in_markdown() -> None:
    draft = one("[markdown]Chọn *một*:\n- a\n- b{T}")
    assert "<em>một</em>" in draft.prompt and draft.prompt.count("<li>") == 2
