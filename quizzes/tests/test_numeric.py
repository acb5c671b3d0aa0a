from __future__ import annotations

import json
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from quizzes.bodies import data_of, raw_of
from quizzes.contracts import Fields
from quizzes.question_types.numeric import NONE, OPTIONAL, REQUIRED, Numeric

KIND = Numeric()
KG = ("kg", 1), ("tấn", 1000), ("tạ", 100)


def row(value: Any, off: Any = 0, credit: Any = 100, **more: Any) -> dict[str, Any]:
    return {
        "key": f"k{value}",
        "value": value,
        "tolerance": off,
        "tolerance_kind": "absolute",
        "credit": credit,
        "feedback": f"<p>KEYFEEDBACK {credit}</p>",
        **more,
    }


def content(
    *rows: dict[str, Any], units: Any = (), rule: str = NONE, penalty: Any = 100
) -> dict[str, Any]:
    return {
        "prompt": "<p>?</p>",
        "answers": list(rows),
        "units": [
            {"key": f"u{at}", "name": name, "factor": factor}
            for at, (name, factor) in enumerate(units)
        ],
        "unit_rule": rule,
        "unit_penalty": penalty,
    }


numbers = st.integers(-5000, 5000) | st.floats(-1e9, 1e9)
rows = st.builds(
    row,
    st.none() | numbers,
    st.none() | st.floats(0, 1e6),
    st.none() | st.integers(0, 100),
    tolerance_kind=st.sampled_from(["absolute", "relative"]),
)
units = st.lists(
    st.tuples(st.sampled_from(["kg", "tấn", "m²", "m2", "%", "e5", "", "5", ".tạ"]), numbers),
    max_size=3,
)
contents = st.builds(
    lambda rows, units, rule, penalty: content(*rows, units=units, rule=rule, penalty=penalty),
    st.lists(rows, max_size=3),
    units,
    st.sampled_from([NONE, OPTIONAL, REQUIRED]),
    st.none() | st.integers(0, 100),
)
texts = st.text(alphabet="0123 ,.-/%e×^kgtấn", max_size=8)


def score(data: Any, text: str) -> float:
    return KIND.score(data, {"text": text})


@given(contents, texts | st.none() | st.integers())
def test_score_is_never_outside_0_to_1(data: Any, text: Any) -> None:
    assert 0.0 <= KIND.score(data, {"text": text}) <= 1.0


@given(contents, st.sampled_from(["vi", "en"]))
def test_solution_earns_everything(data: Any, code: str) -> None:
    with translation.override(code):
        solution = KIND.solution(data)
        if solution is not None:
            assert KIND.score(data, solution) == 1.0
        elif not any(problem.is_error for problem in KIND.problems(data)):
            pytest.fail("a question without errors has a solution")


@given(contents, texts, st.floats(0, 1e6))
def test_a_wider_tolerance_never_takes_away(data: Any, text: str, more: float) -> None:
    wide = [{**each, "tolerance": (each["tolerance"] or 0) + more} for each in data["answers"]]
    assert score({**data, "answers": wide}, text) >= score(data, text)


@given(contents, texts)
def test_a_higher_penalty_never_gives_more(data: Any, text: str) -> None:
    assert score({**data, "unit_penalty": 100}, text) <= score(data, text)
    assert score({**data, "unit_penalty": 0}, text) >= score(data, text)


@given(contents, st.dictionaries(st.text(max_size=3), st.lists(st.text(), max_size=2)))
def test_parse_takes_a_text_or_nothing(data: Any, sent: Any) -> None:
    answer = KIND.parse(data, Fields(sent))
    assert answer is None or (answer.keys() == {"text"} and answer["text"].strip())


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12,5", 1), ("12.5", 1), ("12", 1), ("13", 1), ("13,01", 0), ("11.99", 0), ("25/2", 1),
     ("1,25×10^1", 1), ("12,5 ha", 0), ("mười hai", 0), ("12,5.", 1)],
)  # fmt: skip
def test_absolute_tolerance(text: str, expected: float) -> None:
    assert score(content(row(12.5, 0.5)), text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("190", 1), ("210", 1), ("189,9", 0), ("211", 0), ("-200", 0)]
)
def test_relative_tolerance_is_in_percent(text: str, expected: float) -> None:
    assert score(content(row(200, 5, tolerance_kind="relative")), text) == expected


def test_relative_tolerance_of_a_number_below_0() -> None:
    assert score(content(row(-200, 5, tolerance_kind="relative")), "-190") == 1.0


@pytest.mark.parametrize("text", ["1.500", "1,500", "1500", "1 500", "1 500,0", "1,5e3"])
def test_every_reading_is_tried(text: str) -> None:
    assert score(content(row(1500)), text) == 1.0


def test_percent_is_both() -> None:
    assert score(content(row(0.12)), "12%") == 1.0
    assert score(content(row(12)), "12 %") == 1.0
    assert score(content(row(12), units=[("%", 1)], rule=REQUIRED), "12%") == 1.0
    assert score(content(row(12), units=[("%", 1)], rule=REQUIRED), "12") == 0.0


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        (OPTIONAL, "1500", 1.0),
        (OPTIONAL, "1500 kg", 1.0),
        (OPTIONAL, "1,5 tấn", 1.0),
        (OPTIONAL, "15tạ", 1.0),
        (OPTIONAL, "1500 tấn", 0.6),  # the number is right, its unit is not
        (OPTIONAL, "1500 kilôgam", 0.6),
        (OPTIONAL, "1500 KG", 0.6),  # capitals of units matter
        (OPTIONAL, "2 tấn", 0.0),
        (REQUIRED, "1500", 0.6),
        (REQUIRED, "1500 kg", 1.0),
        (REQUIRED, "1.5 tấn.", 1.0),
        (REQUIRED, "1500 lít", 0.6),
        (REQUIRED, "kg", 0.0),
        (NONE, "1500", 1.0),
        (NONE, "1500 kg", 0.0),
    ],
)
def test_units(rule: str, text: str, expected: float) -> None:
    assert score(content(row(1500), units=KG, rule=rule, penalty=40), text) == pytest.approx(
        expected
    )


def test_a_penalty_of_everything_leaves_no_trace_of_the_answer() -> None:
    data = content(row(1500), units=KG, rule=REQUIRED)
    assert KIND.comments(data, {"text": "1500"}) == []
    assert [each.label for each in KIND.replies(data, {"text": "1500"})] == ["1500"]


def test_square_metres_in_any_writing() -> None:
    data = content(row(50), units=[("m²", 1), ("ha", 10000)], rule=REQUIRED)
    for text in ("50 m2", "50m²", "50 m^2", "0,005 ha"):
        assert score(data, text) == 1.0


def test_the_best_answer_counts_and_says_why() -> None:
    data = content(row(10, 5, 50), row(10, 1, 100), row(100, 0, 0))
    assert score(data, "11") == 1.0
    assert score(data, "12") == 0.5
    assert score(data, "100") == 0.0
    assert KIND.comments(data, {"text": "12"}) == ["<p>KEYFEEDBACK 50</p>"]
    assert KIND.comments(data, {"text": "100"}) == ["<p>KEYFEEDBACK 0</p>"]
    assert KIND.comments(data, {"text": "55"}) == []


@pytest.mark.parametrize(
    ("data", "errors", "warnings"),
    [
        (content(row(12)), 0, 0),
        (content(), 1, 0),
        (content(row(None)), 1, 0),
        (content(row(12, 0, 50)), 1, 0),
        (content(row(12, -1)), 1, 0),
        (content(row(12, feedback="")), 0, 1),
        (content(row(12), units=KG), 0, 1),
        (content(row(12), units=KG, rule=OPTIONAL), 0, 0),
        (content(row(12), rule=REQUIRED), 1, 0),
        (content(row(12), units=[("kg", 0), ("g", 1)], rule=REQUIRED), 1, 0),
        (content(row(12), units=[("kg", 2)], rule=REQUIRED), 0, 1),
        (content(row(12), units=[("m2", 1), ("m²", 1)], rule=REQUIRED), 1, 0),
        (content(row(12), units=[("e5", 1)], rule=REQUIRED), 1, 0),
        (content(row(12), units=[("", 1)], rule=REQUIRED), 1, 1),
    ],
)
def test_problems(data: Any, errors: int, warnings: int) -> None:
    found = [problem.is_error for problem in KIND.problems(data)]
    assert (found.count(True), found.count(False)) == (errors, warnings)


def test_in_words() -> None:
    data = content(row(1500.5, 10), units=KG, rule=REQUIRED)
    with translation.override("vi"):
        assert KIND.solution(data) == {"text": "1.500,5 kg"}
        assert [each.label for each in KIND.possible(data)] == ["1.500,5 kg ± 10"]
    with translation.override("en"):
        assert KIND.solution(data) == {"text": "1,500.5 kg"}
    relative = content(row(200, 5, tolerance_kind="relative"))
    assert [each.label for each in KIND.possible(relative)] == ["200 ± 5%"]


def test_instruction_says_what_a_unit_costs() -> None:
    told = {
        KIND.instruct(content(row(1), units=KG, rule=rule, penalty=penalty))
        for rule in (NONE, OPTIONAL, REQUIRED)
        for penalty in (0, 40)
    }
    assert len(told) == 5
    assert sum("40%" in each for each in told) == 2


def test_what_is_asked_holds_no_key() -> None:
    data = content(row(98765, 4321), units=[("KEYUNIT", 1)], rule=OPTIONAL)
    own = KIND.ask(data, {}, None)
    page = render_to_string(KIND.ask_template, {"question": {"position": 3, "own": own}})
    for text in (page, json.dumps(own)):
        assert "98765" not in text
        assert "4321" not in text
        assert "KEY" not in text
    assert 'inputmode="text"' in page
    assert KIND.ask(content(row(1)), {}, None)["mode"] == "decimal"


@pytest.mark.parametrize(("text", "mark"), [("12", "is-right"), ("5", "is-wrong"), ("11", "60%")])
def test_review(text: str, mark: str) -> None:
    own = KIND.review(content(row(12), row(11, 0, 60)), {}, {"text": text})
    page = render_to_string(KIND.review_template, {"question": {"position": 3, "own": own}})
    assert mark in page
    assert "12" in page


def test_written_shape_becomes_data() -> None:
    block = KIND.body()
    own = KIND.complete({"answers": [12.5], "units": ["ha"], "unit_rule": "optional"})
    data = data_of(block, block.to_python(raw_of(block, own)))
    assert data["answers"][0]["value"] == 12.5
    assert data["units"][0]["factor"] == 1
    assert score(data, "12,5 ha") == 1.0
    assert (
        data_of(block, block.to_python(raw_of(block, {"answers": [{"value": 3}]})))["units"] == []
    )
