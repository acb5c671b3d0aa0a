"""Moodle XML, read and written."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.exchange.drafts import Draft, Fault, UnreadableFile
from quizzes.exchange.moodle_xml import MoodleXmlFormat
from quizzes.tests.import_tables import check_table
from tests.shared_data import shared_data

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def read(content: str | bytes) -> list[Draft | Fault]:
    content = content.encode() if isinstance(content, str) else content
    return list(MoodleXmlFormat().read("a.xml", content))


def question(kind: str, inner: str, text: str = "<p>Câu?</p>") -> str:
    return (
        f'<quiz><question type="{kind}"><name><text>Tên</text></name><questiontext format="html">'
        f"<text><![CDATA[{text}]]></text></questiontext>{inner}</question></quiz>"
    )


def one(kind: str, inner: str, text: str = "<p>Câu?</p>") -> Draft:
    (found,) = read(question(kind, inner, text))
    assert isinstance(found, Draft), found
    return found


def fault(kind: str, inner: str = "", text: str = "<p>Câu?</p>") -> Fault:
    (found,) = read(question(kind, inner, text))
    assert isinstance(found, Fault), found
    return found


def answer(said: str, fraction: object, feedback: str = "", more: str = "") -> str:
    return (
        f'<answer fraction="{fraction}" format="html"><text><![CDATA[{said}]]></text>{more}'
        f'<feedback format="html"><text><![CDATA[{feedback}]]></text></feedback></answer>'
    )


# --- files of Moodle ---


def files() -> list[Path]:
    return sorted(shared_data("questions", "moodle", "xml").glob("*.xml"))


@pytest.mark.django_db
def test_the_table_in_the_docs_says_what_the_files_bring() -> None:
    check_table("moodle_xml", MoodleXmlFormat(), files())


def test_files_of_moodle() -> None:
    found = {path.name: read(path.read_bytes()) for path in files()}
    assert all(isinstance(each, Fault) for each in found["broken_cloze_questions.xml"])
    (categories,) = found["nested_categories.xml"]
    assert isinstance(categories, Draft)
    assert categories.category == ("Delta", "Epsilon", "Zeta")
    (flags,) = found["multichoice.xml"]
    assert isinstance(flags, Draft) and len(flags.pictures) == 4 and len(flags.notes) == 1
    (cities,) = found["multianswer.xml"]
    assert isinstance(cities, Draft)
    assert cities.type_key == "gaps" and len(cities.written["gaps"]) == 5
    assert cities.written["gaps"][1] == {
        "kind": "chosen",
        "answers": "Arizona",
        "wrong": "California",
    }
    (code,) = found["html_chars_in_idnumbers.xml"]
    assert isinstance(code, Draft) and code.code == "T & F"


# --- kinds ---


def test_what_all_questions_have() -> None:
    draft = one(
        "truefalse",
        answer("true", 100, "Phải") + answer("false", 0) + "<defaultgrade>2.5000000</defaultgrade>"
        "<idnumber>A &amp; B</idnumber><generalfeedback><text>Vì</text></generalfeedback>"
        "<hint format='html'><text>Gợi ý</text></hint><hint><text/></hint>"
        "<tags><tag><text>luật</text></tag><tag><text>đất</text></tag></tags>",
    )
    assert (draft.name, draft.code, draft.tags) == ("Tên", "A & B", ("luật", "đất"))
    assert (draft.explanation, draft.hints) == ("<p>Vì</p>", ["<p>Gợi ý</p>"])
    assert str(draft.points) == "2.5"
    assert draft.written["options"][0]["feedback"] == "<p>Phải</p>"


def test_multiple_choices() -> None:
    three = [answer(each, 33.33333) for each in "abc"]
    draft = one("multichoice", "".join([*three, answer("d", -50)]) + "<single>false</single>")
    assert (draft.type_key, draft.written["scheme"]) == ("multiple_choice", "per_option")
    assert sum(each["credit"] for each in draft.written["options"][:3]) == pytest.approx(100)
    draft = one("multichoice", answer("a", 100) + answer("b", 50) + "<single>true</single>")
    assert draft.type_key == "single_choice" and draft.written["options"][1]["credit"] == 50
    draft = one("multichoiceset", answer("a", 100) + answer("b", 100) + answer("c", 0))
    assert draft.written["scheme"] == "all_or_nothing"


def test_short_answers_and_case() -> None:
    draft = one("shortanswer", answer("Hà *", 100) + answer("x", 0) + "<usecase>1</usecase>")
    assert draft.written["case_matters"] is True
    assert [each["credit"] for each in draft.written["answers"]] == [100, 0]


def test_numbers_with_units() -> None:
    units = (
        "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit>"
        "<unit><multiplier>100</multiplier><unit_name>cm</unit_name></unit></units>"
    )
    inner = answer("5.2", 100, "", "<tolerance>0.1</tolerance>") + units
    draft = one("numerical", inner + "<unitgradingtype>1</unitgradingtype>")
    assert draft.written["units"] == [
        {"name": "m", "factor": 1.0},
        {"name": "cm", "factor": 0.01},
    ]
    assert (draft.written["unit_rule"], draft.written["unit_penalty"]) == ("required", 10)
    assert draft.written["answers"][0]["tolerance"] == 0.1
    draft = one("numerical", inner + "<unitgradingtype>0</unitgradingtype>")
    assert draft.written["unit_rule"] == "optional"
    draft = one("numerical", inner + "<showunits>3</showunits>")
    assert draft.written["unit_rule"] == "none"
    assert fault("numerical", answer("1,500", 100))
    assert fault("numerical", answer("*", 100))


def test_pairs() -> None:
    pair = (
        "<subquestion format='html'><text>{}</text><answer><text>{}</text></answer></subquestion>"
    )
    draft = one("matching", pair.format("a", "b &lt; c") + pair.format("", "d") * 2)
    assert draft.written["pairs"] == [{"text": "<p>a</p>", "match": "<p>b &lt; c</p>"}]
    assert draft.written["extra"] == ["<p>d</p>"]


@pytest.mark.parametrize(
    ("said", "scheme", "notes"),
    [
        ("ABSOLUTE_POSITION", "places", 0),
        ("0", "places", 0),
        ("-1", "all_or_nothing", 0),
        ("RELATIVE_NEXT_EXCLUDE_LAST", "neighbours", 0),
        ("RELATIVE_ALL_PREVIOUS_AND_NEXT", "pairs", 0),
        ("LONGEST_ORDERED_SUBSET", "longest_run", 1),
        ("RELATIVE_TO_CORRECT", "pairs", 1),
    ],
)
def test_orders(said: str, scheme: str, notes: int) -> None:
    inner = f"{answer('a', 1)}{answer('b', 2)}<gradingtype>{said}</gradingtype>"
    draft = one("ordering", inner + "<incorrectfeedback><text>Sai</text></incorrectfeedback>")
    assert draft.written["scheme"] == scheme and len(draft.notes) == notes
    assert draft.written["feedback"] == "<p>Sai</p>"
    assert fault("ordering", inner.replace(said, "WHO_KNOWS"))


def test_essays() -> None:
    draft = one(
        "essay",
        "<responseformat>noinline</responseformat><attachments>-1</attachments>"
        "<minwordlimit>5</minwordlimit><maxwordlimit></maxwordlimit>"
        "<graderinfo format='html'><text>Chấm</text></graderinfo>"
        "<responsetemplate format='html'><text>&lt;p&gt;a&lt;/p&gt;&lt;p&gt;b&lt;/p&gt;</text>"
        "</responsetemplate>",
    )
    assert draft.written == {
        "may_type": False,
        "may_attach": True,
        "files": 10,
        "minimum": 5,
        "guidance": "<p>Chấm</p>",
        "template": "a\nb",
    }


def test_words_to_choose_and_to_drag() -> None:
    words = "".join(
        f"<{{0}}><text>{text}</text><group>{group}</group></{{0}}>"
        for text, group in (("a", 1), ("b", 1), ("c", 2), ("d", 2))
    )
    for kind, name in (("gapselect", "selectoption"), ("ddwtos", "dragbox")):
        draft = one(kind, words.format(name), "<p>Hỏi</p><p>[[2]] và [[3]] và [[2]]</p>")
        assert draft.prompt == "<p>Hỏi</p>"
        assert draft.written["text"] == "<p>[[1]] và [[2]] và [[3]]</p>"
        assert [(each["answers"], each["wrong"]) for each in draft.written["gaps"]] == [
            ("b", "a"),
            ("c", "d"),
            ("b", "a"),
        ]
        assert fault(kind, words.format(name), "[[9]]")


def test_embedded_answers() -> None:
    draft = one(
        "cloze",
        "",
        "<p>Tỉnh {1:SHORTANSWER_C:=Hà Giang#a~%50%H\\}G#a~%0%*#a}, {:NM:=1.500:0.1~%50%2:0.1}, "
        "{1:MCH:có &lt;b&gt;~%100%không &amp; chưa~=&#39;x&#39;} \\{x\\}</p>",
    )
    typed, number, chosen = draft.written["gaps"]
    assert typed == {
        "kind": "typed",
        "answers": "Hà Giang\n=50=H}G",
        "feedback": "<p>a</p>",
    }
    assert (number["answers"], number["tolerance"]) == ("1.5\n=50=2", 0.1)
    assert (chosen["answers"], chosen["wrong"]) == ("không & chưa\n'x'", "có <b>")
    assert draft.written["case_matters"] is True
    assert "[[3]] \\{x\\}" in draft.written["text"]


@pytest.mark.parametrize(
    "gap",
    [
        "{1:SA:=a*b}",
        "{1:SA:%50%a}",
        "{1:NM:=một}",
        "{1:NM:=1:0.1~%50%1:0.2}",
        "{1:MULTIRESPONSE:=a~b}",
        "{1:WHAT:=a~b}",
        "{1:MC:=a}",
        "{1:MC:=a~b",
        "{1:MC}",
        "[[1]]",
    ],
)
def test_gaps_that_cannot_be_held_are_faults(gap: str) -> None:
    assert fault("cloze", "", f"<p>Điền {gap}</p>").place


def test_kinds_that_are_not_known_are_named() -> None:
    for kind in ("calculated", "ddimageortext", "ddmarker", "randomsamatch", "stack"):
        assert kind in fault(kind).message
    assert read('<quiz><question type="description"/><question type="category"/></quiz>') == []


def test_key_that_cannot_be_known_is_a_fault() -> None:
    assert fault("truefalse", answer("true", 100) + answer("false", 100))
    assert fault("truefalse", answer("yes", 100) + answer("no", 0))
    assert fault("multichoice", answer("a", 400) + answer("b", 0))
    assert fault("multichoice", answer("a", 30) + answer("b", 30) + "<single>0</single>")


def test_feedback_on_the_whole_is_told_unless_it_is_moodles_own() -> None:
    inner = answer("a", 100) + answer("b", 0)
    own = "<correctfeedback format='html'><text>&lt;p&gt;{}&lt;/p&gt;</text></correctfeedback>"
    assert one("multichoice", inner + own.format("Your answer is correct.")).notes == []
    assert len(one("multichoice", inner + own.format("Đúng theo Điều 5")).notes) == 1
    assert len(one("ordering", inner + own.format("Đúng theo Điều 5")).notes) == 1


# --- pictures ---


def test_two_pictures_of_one_name() -> None:
    def picture(content: bytes) -> str:
        data = base64.b64encode(content).decode()
        return f'<file name="a b.png" path="/" encoding="base64">\n{data}\n</file>'

    text = '<img src="@@PLUGINFILE@@/a%20b.png" alt="Cờ &quot;đỏ&quot;">'
    first = answer(text, 100, "", picture(PNG))
    draft = one("multichoice", first + answer(text, 0, "", picture(PNG + b"2")))
    assert list(draft.pictures) == ["a b.png", "a b-2.png"]
    texts = [each["text"] for each in draft.written["options"]]
    assert texts == [
        f'<img alt="Cờ &quot;đỏ&quot;" src="picture:{name}">' for name in draft.pictures
    ]


def test_other_files_are_left_out_with_a_note() -> None:
    svg = base64.b64encode(b"<svg/>").decode()
    draft = one(
        "essay",
        '<generalfeedback format="html"><text><![CDATA[<img src="@@PLUGINFILE@@/x.svg">Vì]]>'
        "</text>"
        f'<file name="x.svg" encoding="base64">{svg}</file></generalfeedback>'
        '<graderinfo format="html"><text><![CDATA[<img src="@@PLUGINFILE@@/y.png">]]></text>'
        '<file name="y.png" encoding="base64">***</file></graderinfo>',
    )
    assert draft.pictures == {} and len(draft.notes) == 2
    assert draft.written["guidance"] == '<img alt="" src="picture:y.png">'  # told as missing


# --- hostile files and junk ---


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE quiz [<!ENTITY a "b">]><quiz>&a;</quiz>',
        '<!DOCTYPE quiz [<!ENTITY a SYSTEM "file:///etc/passwd">]><quiz>&a;</quiz>',
        '<!DOCTYPE quiz SYSTEM "http://example.org/x.dtd"><quiz/>',
        "<quiz>&unknown;</quiz>",
        "<quiz><question></quiz>",
        "<other/>",
        "",
    ],
)
def test_hostile_and_damaged_files_are_refused(content: str) -> None:
    with pytest.raises(UnreadableFile):
        read(content)


def test_a_document_type_is_told_not_passed_over() -> None:
    assert MoodleXmlFormat().recognises("a.xml", b'<!DOCTYPE quiz [<!ENTITY a "<b>">]><quiz/>')
    assert MoodleXmlFormat().recognises("a.xml", b"\xef\xbb\xbf<?xml version='1.0'?>\n<quiz>")
    assert not MoodleXmlFormat().recognises("a.xml", b"<assessmentItem><quiz/></assessmentItem>")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_encodings(encoding: str) -> None:
    text = question("essay", "", "<p>Đề</p>")
    assert MoodleXmlFormat().recognises("a.xml", text.encode(encoding))
    (draft,) = read(text.encode(encoding))
    assert isinstance(draft, Draft) and draft.prompt == "<p>Đề</p>"


def test_an_encoding_that_is_not_the_one_named() -> None:
    text = '<?xml version="1.0" encoding="UTF-8"?>' + question("essay", "", "<p>Đất đai ở xã</p>")
    (draft,) = read(text.encode("cp1258", "replace"))
    assert isinstance(draft, Draft)


def test_elements_that_somebody_forgot_to_escape() -> None:
    (draft,) = read(
        '<quiz><question type="essay"><questiontext format="html"><text>Một <b>hai</b> ba</text>'
        "</questiontext></question></quiz>"
    )
    assert isinstance(draft, Draft) and draft.prompt == "<p>Một <b>hai</b> ba</p>"


@given(
    st.sampled_from(["multichoice", "truefalse", "shortanswer", "numerical", "matching", "cloze"]),
    st.text(alphabet="{}~=#:1.%5 SAMC*&;\\[]<>a", max_size=40),
    st.sampled_from(["100", "0", "-50", "nan", "1e999", "x", "33.33333", ""]),
)
def test_odd_values_never_break_the_reading(kind: str, text: str, weight: str) -> None:
    more = "<tolerance>nan</tolerance>"
    for each in read(question(kind, answer(text, weight, text, more) * 2, text)):
        assert isinstance(each, Draft | Fault)


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: f"<quiz>{text}".encode()))
def test_junk_never_breaks_the_reading(content: bytes) -> None:
    MoodleXmlFormat().recognises("a.xml", content)
    with contextlib.suppress(UnreadableFile):
        read(content)


def test_deep_and_wide_files_are_read_in_time() -> None:
    read("<quiz>" + "<question>" * 20_000 + "</question>" * 20_000 + "</quiz>")
    read(question("cloze", "", "{1:MC:" * 20_000))
    read(question("cloze", "", "<p>" * 20_000))
