from __future__ import annotations

import json
import random
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from quizzes.bodies import data_of, raw_of, shown
from quizzes.contracts import Fields
from quizzes.question_types.gap_texts import placeholders
from quizzes.question_types.gaps import Gaps

KIND = Gaps()
TEXT = "<p>Cấp <b>[[1]]</b> giải quyết trong [[2]] ngày, theo [[3]].</p>"


def gap(kind: str, answers: str, wrong: str = "", **more: Any) -> dict[str, Any]:
    defaults = {"key": f"k-{kind}", "tolerance": 0, "feedback": f"<p>KEYFEEDBACK {kind}</p>"}
    return {"kind": kind, "answers": answers, "wrong": wrong, **defaults, **more}


def content(*gaps: dict[str, Any], text: str = TEXT, **more: Any) -> dict[str, Any]:
    rows = gaps or (
        gap("typed", "xã\n=50=phường"),
        gap("number", "15", tolerance=1),
        gap("chosen", "luật", "nghị định\nthông tư"),
    )
    defaults = {"case_matters": False, "diacritics_matter": True}
    return {"prompt": "<p>?</p>", "text": text, "gaps": list(rows), **defaults, **more}


RIGHT = {"k-typed": "xã", "k-number": "15", "k-chosen": "luật"}

lines = st.lists(
    st.text(alphabet="abà =50<&*.1", max_size=8)
    | st.sampled_from(["=50=a", "=100=b", "=0=c", "7"]),
    max_size=3,
).map("\n".join)
gaps = st.lists(
    st.builds(
        gap,
        st.sampled_from(["typed", "chosen", "number"]),
        lines,
        lines,
        key=st.sampled_from(["a", "b", "c", "d"]),
        tolerance=st.none() | st.floats(-1, 5),
    ),
    max_size=4,
    unique_by=lambda each: each["key"],
)
contents = st.builds(
    lambda gaps, case, marks: {**content(case_matters=case, diacritics_matter=marks), "gaps": gaps},
    gaps,
    st.booleans(),
    st.booleans(),
)
words = st.text(alphabet="abà =50<&*.17", max_size=6) | st.none() | st.integers()
answers = st.dictionaries(st.sampled_from("abcdx"), words).map(lambda filled: {"gaps": filled})


@given(contents, answers | st.just({"gaps": None}) | st.just({"x": 1}))
def test_score_is_never_outside_0_to_1(data: Any, answer: Any) -> None:
    assert 0.0 <= KIND.score(data, answer) <= 1.0


@given(contents)
def test_solution_earns_everything(data: Any) -> None:
    solution = KIND.solution(data)
    if solution is not None:
        assert KIND.score(data, solution) == 1.0
        assert KIND.is_complete(data, solution)
    elif not any(problem.is_error for problem in KIND.problems(data)):
        pytest.fail("a question without errors has a solution")


@given(contents, answers, st.sampled_from("abcd"))
def test_one_more_right_gap_is_never_worse(data: Any, answer: Any, key: str) -> None:
    solution = KIND.solution(data)
    if solution is not None and key in solution["gaps"]:
        more = {"gaps": {**answer["gaps"], key: solution["gaps"][key]}}
        assert KIND.score(data, more) >= KIND.score(data, answer)


@given(
    contents, st.dictionaries(st.text(max_size=2) | st.sampled_from("abcd"), st.lists(st.text()))
)
def test_parse_keeps_gaps_of_the_question(data: Any, sent: Any) -> None:
    answer = KIND.parse(data, Fields(sent))
    if answer is not None:
        assert answer["gaps"]
        assert set(answer["gaps"]) <= {each["key"] for each in data["gaps"]} & set(sent)
        again = Fields({key: [text] for key, text in answer["gaps"].items()})
        assert KIND.parse(data, again) == answer


@given(contents)
def test_the_solution_can_be_sent(data: Any) -> None:
    solution = KIND.solution(data)
    if solution is not None:
        sent = Fields({key: [text] for key, text in solution["gaps"].items()})
        parsed = KIND.parse(data, sent)
        assert parsed is not None
        assert KIND.score(data, parsed) == 1.0


@pytest.mark.parametrize(
    ("filled", "expected"),
    [
        (RIGHT, 1.0),
        ({**RIGHT, "k-typed": "Phường."}, 2.5 / 3),
        ({**RIGHT, "k-number": "16,0"}, 1.0),
        ({**RIGHT, "k-number": "17"}, 2 / 3),
        ({**RIGHT, "k-chosen": "thông tư"}, 2 / 3),
        ({**RIGHT, "k-chosen": "Luật"}, 2 / 3),  # no choice of the question
        ({"k-typed": "xã", "gone": "xã"}, 1 / 3),
        ({}, 0.0),
    ],
)
def test_score_is_the_mean_of_the_gaps(filled: Any, expected: float) -> None:
    assert KIND.score(content(), {"gaps": filled}) == pytest.approx(expected)


def test_a_star_is_a_letter_here() -> None:
    data = content(gap("typed", "a*"), text="[[1]]")
    assert KIND.score(data, {"gaps": {"k-typed": "a*"}}) == 1.0
    assert KIND.score(data, {"gaps": {"k-typed": "ab"}}) == 0.0


def test_choices_are_shuffled_for_each_attempt_and_tell_nothing_without() -> None:
    data = content()
    orders = {
        tuple(KIND.arrange(data, random.Random(seed), shuffle=True)["choices"]["k-chosen"])
        for seed in range(30)
    }
    assert len(orders) == 6
    alphabet = ["luật", "nghị định", "thông tư"]
    assert KIND.arrange(data, random.Random(1), shuffle=False) == {
        "choices": {"k-chosen": alphabet}
    }
    other = content(gap("chosen", "thông tư", "luật\nnghị định"), text="[[1]]")
    assert KIND.arrange(other, random.Random(1), shuffle=False) == {
        "choices": {"k-chosen": alphabet}
    }
    numbers = content(gap("chosen", "100", "20\n3"), text="[[1]]")
    assert KIND.ask(numbers, {}, None)["pieces"][1]["gap"]["choices"] == ["3", "20", "100"]


def test_an_arrangement_of_another_version_does_no_harm() -> None:
    arrangement = {"choices": {"k-chosen": ["gone", "thông tư"], "x": 3}}
    piece = KIND.ask(content(), arrangement, None)["pieces"][5]
    assert piece["gap"]["choices"] == ["thông tư", "luật", "nghị định"]
    assert KIND.ask(content(), {"choices": {"k-chosen": None}}, None)


def asked(data: Any, answer: Any = None) -> str:
    own = KIND.ask(data, KIND.arrange(data, random.Random(3), shuffle=True), answer)
    return render_to_string(KIND.ask_template, {"question": {"position": 3, "own": own}})


class Controls(HTMLParser):
    """What can be filled in, each with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("input", "select"):
            self.found.append(dict(attrs))


def test_gaps_stand_in_the_text() -> None:
    page = asked(content(), {"gaps": {"k-typed": '"<b>', "k-chosen": "luật", "k-number": "1"}})
    found = Controls(page).found
    assert [each["name"] for each in found] == ["a3-k-typed", "a3-k-number", "a3-k-chosen"]
    assert len({each["aria-label"] for each in found}) == 3
    assert found[0]["value"] == '"<b>'
    assert "[[" not in page
    assert re.search(r"<p>Cấp <b><input [^<>]*></b> giải quyết trong <input", page)
    assert re.search(r'<option value="luật" selected>', page)


def test_what_is_asked_holds_no_key_and_no_feedback() -> None:
    data = content(
        gap("typed", "KEYTYPED\n=50=KEYHALF", "KEYWRONG"),
        gap("number", "98765", tolerance=4321),
        gap("chosen", "luật", "nghị định"),
    )
    page = asked(data)
    assert "KEY" not in page
    assert "98765" not in page
    assert "4321" not in page
    own = KIND.ask(data, {}, None)
    assert "KEY" not in json.dumps(own)
    # Right and wrong choices look the same.
    assert {
        type(each) for piece in own["pieces"] if "gap" in piece for each in piece["gap"]["choices"]
    } == {str}


def test_a_placeholder_in_a_tag_or_twice_stays() -> None:
    html = shown('<p><img src="/a.png" alt="[[1]]"> [[1]] [[1]] [[9]] &lt;[[2]]&gt;</p>')
    data = content(gap("typed", "a"), gap("number", "2"), text=html)
    page = asked(data)
    assert 'alt="[[1]]"' in page
    assert [each["name"] for each in Controls(page).found] == ["a3-k-typed", "a3-k-number"]
    assert page.count("[[1]]") == 2
    assert "&lt;<input" in page


@given(st.text(alphabet='<>[]123 abp/="&', max_size=40), st.text(alphabet='<>"&a', max_size=5))
def test_whatever_is_written_the_page_holds_nothing_but_text_and_gaps(
    text: str, typed: str
) -> None:
    data = content(gap("typed", "a"), text=shown(f"<p>{text} [[1]]</p>"))
    own = KIND.ask(data, {}, {"gaps": {"k-typed": typed}})
    joined = "".join(piece.get("html", "[[1]]") for piece in own["pieces"])
    assert re.sub(r"\[\[\s*1\s*\]\]", "[[1]]", joined) == re.sub(
        r"\[\[\s*1\s*\]\]", "[[1]]", data["text"]
    )
    page = asked(data, {"gaps": {"k-typed": typed}})
    found = Controls(page).found
    assert len(found) == len(set(placeholders(data["text"])))  # what is in no tag
    if typed and found:
        assert found[0]["value"] == typed


@pytest.mark.parametrize(
    "html",
    [
        TEXT,
        "Một [[1]], hai [[2]], ba [[3]]",
        "<ul><li>[[1]]</li><li>[[2]] và <em>[[ 3 ]]</em></li></ul>",
    ],
)
def test_placeholders_survive_cleaning(html: str) -> None:
    block = KIND.body()
    own = KIND.complete(
        {"text": html, "gaps": ["a", "b", {"kind": "chosen", "answers": "c", "wrong": ["d", "e"]}]}
    )
    data = data_of(block, block.to_python(raw_of(block, own)))
    assert placeholders(data["text"]) == [1, 2, 3]
    assert data["gaps"][0]["kind"] == "typed"
    assert data["gaps"][2]["wrong"] == "d\ne"
    assert [each.is_error for each in KIND.problems(data)] == [False, False, False]  # feedback
    filled = {each["key"]: text for each, text in zip(data["gaps"], "abc", strict=True)}
    assert KIND.score(data, {"gaps": filled}) == 1.0


@pytest.mark.parametrize(
    ("data", "errors", "warnings"),
    [
        (content(), 0, 0),
        ({**content(), "gaps": []}, 4, 0),
        (content(text="<p>[[1]] [[2]]</p>"), 1, 0),
        (content(text=f"{TEXT} [[4]]"), 1, 0),
        (content(text=f"{TEXT} [[3]]"), 1, 0),
        (content(gap("typed", ""), text="[[1]]"), 1, 0),
        (content(gap("typed", "=50=a"), text="[[1]]"), 1, 0),
        (content(gap("typed", "a\nA."), text="[[1]]"), 1, 0),
        (content(gap("typed", "a", "b"), text="[[1]]"), 0, 1),
        (content(gap("typed", "a", feedback=""), text="[[1]]"), 0, 1),
        (content(gap("chosen", "a"), text="[[1]]"), 1, 0),
        (content(gap("chosen", "a", "a\nb"), text="[[1]]"), 1, 0),
        (content(gap("chosen", "a < 1", "a < 2"), text="[[1]]"), 0, 0),
        (content(gap("number", "1,5"), text="[[1]]"), 0, 0),
        (content(gap("number", "1.500"), text="[[1]]"), 0, 1),
        (content(gap("number", "mười"), text="[[1]]"), 1, 0),
        (content(gap("number", "1", tolerance=-1), text="[[1]]"), 1, 0),
        (content(gap("typed", "a"), text='<a href="/b/">b [[1]]</a>'), 1, 0),
        (content(gap("typed", "a"), text='<a href="/b/">b</a> [[1]]'), 0, 0),
    ],
)
def test_problems(data: Any, errors: int, warnings: int) -> None:
    found = [problem.is_error for problem in KIND.problems(data)]
    assert (found.count(True), found.count(False)) == (errors, warnings)


def test_in_words() -> None:
    data = content()
    answer = {"gaps": {"k-typed": "Phường.", "k-chosen": "thông tư", "gone": "x"}}
    assert KIND.describe(data, answer) == "(1) Phường.; (3) thông tư"
    assert not KIND.is_complete(data, answer)
    assert KIND.is_complete(data, {"gaps": RIGHT})
    assert [
        (each.part, each.value, each.label, each.credit) for each in KIND.replies(data, answer)
    ] == [
        ("k-typed", "phường", "phường", 0.5),
        ("k-chosen", "thông tư", "thông tư", 0.0),
    ]
    other = KIND.replies(data, {"gaps": {"k-typed": " Tỉnh"}})
    assert [(each.value, each.label, each.credit) for each in other] == [("tỉnh", " Tỉnh", 0.0)]
    assert KIND.replies(data, None) == []
    assert [(each.part, each.label, each.credit) for each in KIND.possible(data)] == [
        ("k-typed", "xã", 1.0),
        ("k-typed", "phường", 0.5),
        ("k-number", "15", 1.0),
        ("k-chosen", "luật", 1.0),
        ("k-chosen", "nghị định", 0.0),
        ("k-chosen", "thông tư", 0.0),
    ]


def test_comments_are_about_what_was_filled_only() -> None:
    found = KIND.comments(content(), {"gaps": {"k-number": "3"}})
    assert len(found) == 1
    assert found[0].startswith("<p><strong>")
    assert found[0].endswith("KEYFEEDBACK number</p>")
    assert KIND.comments(content(), {"gaps": {}}) == []


def test_review() -> None:
    answer = {"gaps": {"k-typed": "phường", "k-number": "<i>"}}
    own = KIND.review(content(), {}, answer)
    page = render_to_string(KIND.review_template, {"question": {"position": 3, "own": own}})
    assert page.count("is-wrong") == 2  # in the text, and in the list
    assert "50%" in page
    assert "is-right" not in page
    assert "<i>" not in page
    for text in ("xã", "15", "luật", "KEYFEEDBACK typed", "KEYFEEDBACK chosen"):
        assert text in page
    whole = KIND.review(content(), {}, {"gaps": RIGHT})
    page = render_to_string(KIND.review_template, {"question": {"position": 3, "own": whole}})
    assert page.count("is-right") == 6
