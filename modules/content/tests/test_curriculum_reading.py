from __future__ import annotations

from pathlib import Path

import pytest

from modules.content.curriculum.body import plain, read_body, read_rich_text
from modules.content.curriculum.frontmatter import TextError, TextErrors, split
from modules.content.curriculum.reading import natural, read_curriculum
from modules.content.tests.curriculum_texts import edit, write_curriculum


def pieces(body: str) -> list[tuple[str, object]]:
    return [(piece.kind, piece.value) for piece in read_body("x.md", body, 1)]


def fault(body: str) -> str:
    with pytest.raises(TextError) as caught:
        read_body("x.md", body, 1)
    return str(caught.value)


def test_paragraphs_and_lists_between_headings_are_one_text():
    assert pieces("## Một\n\nHai *ba*.\n\n- bốn\n- năm\n\n### Sáu\n") == [
        ("heading", {"text": "Một", "level": "2"}),
        ("rich_text", "<p>Hai <em>ba</em>.</p>\n<ul>\n<li>bốn</li>\n<li>năm</li>\n</ul>"),
        ("heading", {"text": "Sáu", "level": "3"}),
    ]


def test_link_is_kept_and_script_address_is_not():
    ((_, html),) = pieces("[a](https://example.org/x) [b](javascript:alert(1))")
    assert 'href="https://example.org/x"' in html
    assert "javascript" not in html


@pytest.mark.parametrize("kind", ["key", "warning", "law"])
def test_callout_may_go_without_a_title(kind):
    assert pieces(f"::: {kind}\nMột.\n:::") == [
        ("callout", {"kind": kind, "title": "", "body": "<p>Một.</p>", "more": []})
    ]


def test_callout_that_begins_with_a_table_has_no_text():
    ((_, value),) = pieces("::: key Bảng\n| a | b |\n|---|---|\n| c | d |\n:::")
    assert value["body"] == ""
    assert [kind for kind, _ in value["more"]] == ["table"]


def test_checklist_line_may_go_on_in_the_next():
    assert pieces("::: checklist Việc\n- [ ] Một\n  và hai\n- [x] Ba\n:::") == [
        ("checklist", {"title": "Việc", "items": ["Một và hai", "Ba"]})
    ]


def test_activity_is_known_by_its_code():
    assert pieces("::: activity 1.1-quiz\n:::") == [("activity", {"code": "1.1-quiz"})]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Một\n\n::: key Hai\nba", "x.md:3: this ::: block is not closed by a line :::"),
        ("::: lạ\nba\n:::", "x.md:1: ::: must be followed by one of key, "),
        ("::: table\n| a | b |\n:::", "x.md:1: ::: table needs words after it"),
        ("::: key Một\n\n:::", "x.md:1: ::: key is empty"),
        ("::: checklist Một\nhai\n:::", "x.md:2: lines of a checklist begin with - [ ]"),
        ("::: activity a\nhai\n:::", "x.md:2: ::: activity has no text; close it with ::: at once"),
        ("::: table Một\n| a | b |\n| c |\n:::", "x.md:3: this row has not as many cells as"),
        ("::: reveal Một?\n| a | b |\n:::", "x.md:2: no table can stand here"),
        ("# Một", "x.md:1: headings are ## or ###; the title stands in the front matter"),
        ("| a | b |", "x.md:1: a table needs a caption: put it into ::: table Caption"),
        ("Một\n<b>hai</b>", "x.md:2: HTML cannot stand in a course text"),
        ("Một\n- hai", "x.md:2: put an empty line before a list"),
        ("Một **hai", "x.md:1: ** without its other half"),
        ("> hai", "x.md:1: code, > quotations and pictures cannot stand here"),
        ("![a](b.png)", "x.md:1: code, > quotations and pictures cannot stand here"),
        ("::: key Một\n## Hai\n:::", "x.md:2: no heading can stand here"),
    ],
)
def test_text_that_would_come_out_garbled_is_refused_with_its_line(body, message):
    assert fault(body).startswith(message)


def test_sign_below_another_is_text_and_not_markup():
    assert pieces("Số 3 < 5 và 7 > 6.") == [("rich_text", "<p>Số 3 &lt; 5 và 7 &gt; 6.</p>")]


def test_introduction_holds_nothing_but_text():
    with pytest.raises(TextError, match=r"x\.md:3: only text and lists may stand here"):
        read_rich_text("x.md", "Một\n\n::: key\nHai\n:::", 1)
    assert read_rich_text("x.md", "\n\n", 1) == ""


def test_emphasis_is_left_out_of_plain_text():
    assert plain("**Một** và *hai **ba*** 2 * 3") == "Một và hai ba 2 * 3"


def test_front_matter_must_be_closed():
    with pytest.raises(TextError, match="x.md:1: the front matter has no closing line ---"):
        split("x.md", "---\na: b\n")


def test_key_given_twice_is_named_with_its_line():
    with pytest.raises(TextError) as caught:
        split("x.md", "---\na: b\nc: d\na: e\n---\n")
    assert str(caught.value) == "x.md:4: not YAML: the key 'a' is given twice"


def test_windows_line_ends_and_nfd_are_read_like_others():
    found = split("x.md", "---\r\ntitle: Hòa\r\n---\r\nMột\r\n")
    assert (found.front.text("title"), found.body, found.first_line) == ("Hòa", "Một\n", 4)


def test_codes_sort_as_numbers():
    assert sorted(["1.10", "1.9", "1.1", "1.1a"], key=natural) == ["1.1", "1.1a", "1.9", "1.10"]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("1.1-bai-mot.md", "minutes: 12", "minutse: 12", ":1: minutes: is missing"),
        ("1.1-bai-mot.md", "summary: Tóm tắt bài.", "summary: Tóm.\nlạ: 1", ":8: lạ: is not a key"),
        ("1.1-bai-mot.md", "slug: bai-mot", "slug: Bài một", ":4: slug: holds small letters"),
        ("1.1-bai-mot.md", "minutes: 12", "minutes: 999", ":11: minutes: must be 1 to 240"),
        ("1.1-bai-mot.md", "2027-06-30", "30/6/2027", ":13: review_by: must be a date"),
        ("1.1-bai-mot.md", "kind: lesson", "kind: module", ":2: kind: must be lesson"),
        ("1.1-bai-mot.md", "term: Chủ trương", "từ: Chủ trương", ":15: glossary: each entry"),
        ("1.1-bai-mot.md", "activity 1.1-quiz", "activity 1.9-quiz", "no activity with the code"),
        ("1.2-bai-hai.md", 'code: "1.2"', 'code: "1.1"', ":3: code: the same lesson is in"),
        ("1.2-bai-hai.md", "periods: 0.5", "periods: 2", "module.md:10: periods: says 1, the"),
        ("activities/1.1-quiz.md", "basis: [luat-10-2022-d15]", "basis: [nd-cu]", "a key rests on"),
        ("activities/1.1-quiz.md", "basis: [luat-10-2022-d15]", "basis: [la]", "has no reference"),
        (
            "../course.md",
            "summary: Tóm tắt khóa.",
            "access: mọi người\nsummary: T.",
            "access: must",
        ),
    ],
)
def test_fault_in_a_text_is_named_with_file_and_line(tmp_path: Path, file, old, new, message):
    module = write_curriculum(tmp_path)
    edit(module / file, old, new)
    with pytest.raises(TextErrors) as caught:
        read_curriculum(tmp_path)
    assert message in str(caught.value)


def test_reference_with_a_fault_is_named_with_its_line(tmp_path: Path):
    write_curriculum(tmp_path)
    edit(tmp_path / "references.yaml", "certainty: remembered", "certainty: chắc")
    with pytest.raises(TextErrors) as caught:
        read_curriculum(tmp_path)
    assert str(caught.value).startswith("references.yaml:14: certainty: must be one of read, ")


def test_activity_that_stands_nowhere_is_named(tmp_path: Path):
    module = write_curriculum(tmp_path)
    edit(module / "1.1-bai-mot.md", "::: activity 1.1-quiz\n:::\n", "")
    with pytest.raises(TextErrors, match=r"1\.1-quiz\.md:4: code: stands in no lesson"):
        read_curriculum(tmp_path)


def test_folder_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(TextErrors, match="there is no such folder"):
        read_curriculum(tmp_path / "nowhere")
