from __future__ import annotations

import json
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from quizzes.bodies import data_of, raw_of
from quizzes.contracts import Fields
from quizzes.question_types.short_answer import LONGEST, ShortAnswer

KIND = ShortAnswer()


def row(pattern: str, credit: Any = 100, **more: Any) -> dict[str, Any]:
    return {
        "key": f"k-{pattern}",
        "pattern": pattern,
        "credit": credit,
        "feedback": f"<p>KEYFEEDBACK {credit}</p>",
        **more,
    }


def content(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    defaults = {"case_matters": False, "diacritics_matter": True}
    return {"prompt": "<p>?</p>", "answers": list(rows), **defaults, **more}


def shown(template: str, own: dict[str, Any]) -> str:
    return render_to_string(template, {"question": {"position": 3, "own": own}})


texts = st.text(alphabet="aăđoòhà *\\.!", max_size=8)
rows = st.builds(row, texts, st.none() | st.integers(0, 100))
contents = st.builds(
    lambda rows, case, marks: content(*rows, case_matters=case, diacritics_matter=marks),
    st.lists(rows, max_size=4),
    st.booleans(),
    st.booleans(),
)
junk: Any = st.none() | st.integers() | st.text(max_size=5) | st.lists(st.text(), max_size=2)
answers = st.builds(lambda text: {"text": text}, junk) | st.builds(lambda value: {"x": value}, junk)


@given(contents, answers)
def test_score_is_never_outside_0_to_1(data: Any, answer: Any) -> None:
    assert 0.0 <= KIND.score(data, answer) <= 1.0


@given(contents)
def test_solution_earns_everything(data: Any) -> None:
    solution = KIND.solution(data)
    if solution is not None:
        assert KIND.score(data, solution) == 1.0
        assert KIND.describe(data, solution)
    elif not any(problem.is_error for problem in KIND.problems(data)):
        pytest.fail("a question without errors has a solution")


@given(contents, rows, texts)
def test_one_more_accepted_answer_never_takes_away(data: Any, more: Any, text: str) -> None:
    wider = {**data, "answers": [*data["answers"], more]}
    assert KIND.score(wider, {"text": text}) >= KIND.score(data, {"text": text})


@given(contents, st.dictionaries(st.text(max_size=3), st.lists(st.text(), max_size=2)))
def test_parse_takes_a_text_or_nothing(data: Any, sent: Any) -> None:
    answer = KIND.parse(data, Fields(sent))
    assert answer is None or (answer.keys() == {"text"} and answer["text"].strip())
    if answer is not None:
        again = Fields({"": [answer["text"]]})
        assert KIND.parse(data, again) == answer


def test_parse_keeps_what_was_typed() -> None:
    assert KIND.parse(content(), Fields({"": ["  Hoa\u0300\n bình "]})) == {"text": "Hoà bình"}
    assert KIND.parse(content(), Fields({"": [" "], "x": ["y"]})) is None
    long = KIND.parse(content(), Fields({"": ["ab" * LONGEST]}))
    assert long is not None
    assert len(long["text"]) == LONGEST


def test_the_best_of_the_answers_that_fit_counts() -> None:
    data = content(row("hoà*", 30), row("hoà bình", 80), row("hòa bình lâu dài"), row("*", 0))
    for text, credit, label in (
        ("Hòa bình!", 0.8, "hoà bình"),
        ("hoà hợp", 0.3, "hoà*"),
        ("Hoà bình lâu dài", 1.0, "hòa bình lâu dài"),
        ("gì khác", 0.0, "*"),
    ):
        answer = {"text": text}
        assert KIND.score(data, answer) == credit
        assert [(each.label, each.credit) for each in KIND.replies(data, answer)] == [
            (label, credit)
        ]
        assert len(KIND.comments(data, answer)) == 1


def test_replies_of_what_nobody_expected() -> None:
    data = content(row("hòa bình"))
    [reply] = KIND.replies(data, {"text": "Chiến  tranh."})
    assert (reply.value, reply.label, reply.credit) == ("chiến tranh", "Chiến  tranh.", 0.0)
    assert KIND.replies(data, None) == []
    assert KIND.comments(data, {"text": "Chiến tranh"}) == []
    assert [each.label for each in KIND.possible(data)] == ["hòa bình"]


def test_solution_prefers_an_answer_without_star() -> None:
    assert KIND.solution(content(row("ủy ban*"), row("ủy ban xã"))) == {"text": "ủy ban xã"}
    assert KIND.solution(content(row("ủy * xã"))) == {"text": "ủy … xã"}
    assert KIND.solution(content(row("xã", 50))) is None


def test_instruction_says_what_is_told_apart() -> None:
    plain = KIND.instruct(content())
    assert KIND.instruct(content(case_matters=True)) != plain
    assert KIND.instruct(content(diacritics_matter=False)) != plain


@pytest.mark.parametrize(
    ("data", "errors", "warnings"),
    [
        (content(row("hòa bình")), 0, 0),
        (content(), 1, 0),
        (content(row("hòa bình", 50)), 1, 0),
        (content(row("hòa bình", None)), 0, 0),
        (content(row("hòa bình"), row("Hoà  bình.")), 1, 0),
        (content(row("hòa bình"), row(" ")), 1, 0),
        (content(row("hòa bình", feedback="")), 0, 1),
        (content(row("hòa bình"), row("*", 0)), 0, 0),
        (content(row("hòa bình"), row("*", 50)), 0, 1),
    ],
)
def test_problems(data: Any, errors: int, warnings: int) -> None:
    found = [problem.is_error for problem in KIND.problems(data)]
    assert (found.count(True), found.count(False)) == (errors, warnings)


def test_what_is_asked_holds_no_key() -> None:
    data = content(row("KEYPATTERN"), row("KEYOTHER*", 50))
    own = KIND.ask(data, {}, {"text": '<b>"tôi"'})
    assert "KEY" not in json.dumps(own)
    page = shown(KIND.ask_template, own)
    assert "KEY" not in page
    assert 'value="&lt;b&gt;&quot;tôi&quot;"' in page
    assert 'name="a3"' in page
    assert f'maxlength="{LONGEST}"' in page


@pytest.mark.parametrize(
    ("text", "expected", "missing"),
    [
        ("hòa bình", ["is-right", "KEYFEEDBACK 100"], ["is-wrong", "KEYFEEDBACK 50"]),
        ("hòa", ["50%", "KEYFEEDBACK 50", "hòa bình", "KEYFEEDBACK 100"], ["is-right", "is-wrong"]),
        ("<i>", ["is-wrong", "&lt;i&gt;", "hòa bình"], ["is-right", "<i>"]),
        (None, ["hòa bình"], ["is-wrong", "is-right"]),
    ],
)
def test_review(text: Any, expected: list[str], missing: list[str]) -> None:
    data = content(row("hòa bình"), row("hòa", 50))
    own = KIND.review(data, {}, {"text": text} if text else None)
    page = shown(KIND.review_template, own)
    assert [each for each in expected if each not in page] == []
    assert [each for each in missing if each in page] == []


def test_review_shows_no_pattern() -> None:
    assert KIND.review(content(row(r"luật * 5\*")), {}, None)["right"] == ["luật … 5*"]


def test_written_shape_becomes_data() -> None:
    block = KIND.body()
    own = KIND.complete({"answers": ["hoà bình", {"pattern": "hoà*", "credit": 50}]})
    data = data_of(block, block.to_python(raw_of(block, own)))
    assert [(each["pattern"], each["credit"]) for each in data["answers"]] == [
        ("hoà bình", 100),
        ("hoà*", 50),
    ]
    assert data["diacritics_matter"] is True
    assert data["case_matters"] is False
    assert KIND.score(data, {"text": "hòa bình"}) == 1.0
