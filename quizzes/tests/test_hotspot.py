"""Places in a picture: marked by points or by name, scored, asked without the key, reviewed."""

from __future__ import annotations

import random
import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from quizzes.contracts import Fields
from quizzes.question_types.hotspot import Hotspot

KIND = Hotspot()
# (key, name, shape, coordinates, right)
LEFT = ("k1", "Cổng chính", "rectangle", "0, 0, 20, 100", True)
MIDDLE = ("k2", "Sân", "circle", "50, 50, 10", False)
RIGHT = ("k3", "Kho", "polygon", "80,0 100,0 100,100 80,100", True)
FAR = ("k4", "Bếp", "rectangle", "65 0 70 20", False)


def content(*areas: tuple[str, str, str, str, bool], **more: Any) -> dict[str, Any]:
    return {
        "prompt": "<p>Ở đâu?</p>",
        "explanation": "",
        "hints": [],
        "basis": [],
        "picture": {"image": 1, "url": "/media/public/x.jpg", "width": 1000, "height": 500},
        "alt": "Sơ đồ trụ sở",
        "areas": [
            {
                "key": key,
                "name": name,
                "shape": shape,
                "coordinates": coordinates,
                "correct": right,
                "feedback": f"KEYFEEDBACK {name}",
            }
            for key, name, shape, coordinates, right in (areas or (LEFT, MIDDLE, RIGHT, FAR))
        ],
        "scheme": "one",
        **more,
    }


def points(*given: tuple[float, float]) -> dict[str, Any]:
    return {"points": [list(each) for each in given]}


def fields(**parts: list[str]) -> Fields:
    return Fields(parts)


def page(template: str, own: dict[str, Any]) -> str:
    question = SimpleNamespace(position=3, own=own)
    return render_to_string(template, {"question": question})


schemes = st.sampled_from(["one", "all"])
some_points = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), max_size=5)
some_keys = st.lists(st.sampled_from(["k1", "k2", "k3", "k4", "gone"]), unique=True)
answers = st.one_of(
    some_points.map(lambda each: points(*each)), some_keys.map(lambda keys: {"areas": keys})
)


@pytest.mark.parametrize(
    ("scheme", "answer", "expected"),
    [
        ("one", points((10, 50)), 1.0),
        ("one", points((80, 50)), 1.0),  # on the border
        ("one", points((50, 50)), 0.0),
        ("one", points((40, 10)), 0.0),
        ("one", {"areas": ["k3"]}, 1.0),
        ("one", {"areas": ["k2"]}, 0.0),
        ("one", {"areas": ["gone"]}, 0.0),
        ("all", points((10, 50)), 0.5),
        ("all", points((10, 50), (90, 50)), 1.0),
        ("all", points((10, 50), (11, 50)), 0.5),
        ("all", points((10, 50), (50, 50)), 0.5),
        ("all", {"areas": ["k1", "k3"]}, 1.0),
        ("all", {"areas": ["k1", "k2", "k3"]}, 0.5),
        ("all", {"areas": ["k1", "k2", "k3", "k4"]}, 0.0),
    ],
)
def test_score(scheme: str, answer: dict[str, Any], expected: float) -> None:
    assert KIND.score(content(scheme=scheme), answer) == expected


@given(scheme=schemes, answer=answers)
def test_score_is_never_outside_0_to_1(scheme: str, answer: Any) -> None:
    assert 0.0 <= KIND.score(content(scheme=scheme), answer) <= 1.0


@given(scheme=schemes)
def test_solution_earns_everything(scheme: str) -> None:
    data = content(scheme=scheme)
    answer = KIND.solution(data)
    assert answer is not None
    assert KIND.score(data, answer) == 1.0
    assert KIND.is_complete(data, answer)


def test_no_solution_without_a_right_area() -> None:
    assert KIND.solution(content(MIDDLE, FAR)) is None


@given(keys=some_keys, more=st.sampled_from(["k1", "k3"]))
def test_one_more_right_area_is_never_worse(keys: list[str], more: str) -> None:
    data = content(scheme="all")
    with_it = {"areas": [*dict.fromkeys([*keys, more])]}
    assert KIND.score(data, with_it) >= KIND.score(data, {"areas": keys})


@given(scheme=schemes, keys=some_keys, more=st.sampled_from(["k2", "k4"]))
def test_one_more_wrong_area_is_never_better(scheme: str, keys: list[str], more: str) -> None:
    data = content(scheme=scheme)
    with_it = {"areas": [*dict.fromkeys([*keys, more])]}
    assert KIND.score(data, with_it) <= KIND.score(data, {"areas": keys})


@given(scheme=schemes, key=st.sampled_from(["k1", "k2", "k3", "k4"]))
def test_a_point_and_a_name_earn_the_same(scheme: str, key: str) -> None:
    data = content(scheme=scheme)
    there = {"k1": (10, 50), "k2": (50, 50), "k3": (90, 50), "k4": (66, 10)}[key]
    assert KIND.score(data, points(there)) == KIND.score(data, {"areas": [key]})


def test_point_where_right_and_wrong_overlap_is_right() -> None:
    data = content(LEFT, ("k9", "Tường", "rectangle", "10 0 30 100", False))
    assert KIND.score(data, points((15, 50))) == 1.0


@pytest.mark.parametrize(
    ("scheme", "given_", "expected"),
    [
        ("one", {"point": ["12.5,30"]}, {"points": [[12.5, 30.0]]}),
        ("one", {"point": ["1,1 2,2"]}, {"points": [[2.0, 2.0]]}),
        ("all", {"point": ["1,1 2,2"]}, {"points": [[1.0, 1.0], [2.0, 2.0]]}),
        ("all", {"point": ["1,1", "2,2"]}, {"points": [[1.0, 1.0], [2.0, 2.0]]}),
        ("all", {"point": ["1,1 1,1"]}, {"points": [[1.0, 1.0]]}),
        ("all", {"point": ["1,1 2,2 3,3"]}, {"points": [[2.0, 2.0], [3.0, 3.0]]}),
        ("one", {"point": ["12.34567,30"]}, {"points": [[12.35, 30.0]]}),
        ("one", {"point": ["101,30"]}, None),
        ("one", {"point": [""]}, None),
        ("one", {}, None),
        ("one", {"area": ["k2"]}, {"areas": ["k2"]}),
        ("one", {"area": ["k2"], "point": ["1,1"]}, {"areas": ["k2"]}),
        ("all", {"area": ["k3", "gone", "k1"]}, {"areas": ["k1", "k3"]}),
        ("one", {"area": ["gone"], "point": ["1,1"]}, {"points": [[1.0, 1.0]]}),
    ],
)
def test_parse(scheme: str, given_: dict[str, list[str]], expected: Any) -> None:
    assert KIND.parse(content(scheme=scheme), fields(**given_)) == expected


@given(
    scheme=schemes,
    junk=st.dictionaries(
        st.sampled_from(["", "point", "area", "x"]),
        st.lists(st.one_of(st.text(), st.from_regex(r"[0-9., ]{0,20}"), st.just("k1")), max_size=4),
    ),
)
def test_parse_takes_anything(scheme: str, junk: dict[str, list[str]]) -> None:
    data = content(scheme=scheme)
    answer = KIND.parse(data, Fields(junk))
    if answer is not None:
        assert list(answer) in (["points"], ["areas"])
        assert 0.0 <= KIND.score(data, answer) <= 1.0
        assert KIND.describe(data, answer)
        assert KIND.replies(data, answer)


@given(scheme=schemes, chosen=some_points)
def test_what_the_page_holds_is_read_back(scheme: str, chosen: list[tuple[float, float]]) -> None:
    data = content(scheme=scheme)
    text = " ".join(f"{x:.2f},{y:.2f}" for x, y in chosen)
    answer = KIND.parse(data, fields(point=[text]))
    again = KIND.ask(data, {}, answer)["points"]
    assert KIND.parse(data, fields(point=[again])) == answer


def test_complete_when_all_are_marked() -> None:
    assert KIND.is_complete(content(), points((1, 1))) is True
    assert KIND.is_complete(content(scheme="all"), points((1, 1))) is False
    assert KIND.is_complete(content(scheme="all"), points((1, 1), (90, 1))) is True


def test_answers_in_words_and_for_statistics() -> None:
    data = content(scheme="all")
    answer = points((10, 10), (40, 10))
    assert KIND.describe(data, answer) == "Cổng chính; ngoài mọi vùng"
    assert KIND.describe(data, {"areas": ["k1", "k3"]}) == "Cổng chính; Kho"
    assert [(r.part, r.value, r.credit) for r in KIND.replies(data, answer)] == [
        ("k1", "k1", 0.5),
        ("-", "-", 0.0),
    ]
    assert [r.value for r in KIND.possible(data)] == ["k1", "k2", "k3", "k4", "-"]
    assert {r.part for r in KIND.possible(content())} == {""}
    assert KIND.replies(data, None) == []
    assert KIND.comments(data, answer) == ["KEYFEEDBACK Cổng chính"]


@pytest.mark.parametrize("answer", [{"options": ["k1"]}, {"points": "x"}, {"points": [[1], "ab"]}])
def test_answer_of_another_shape_is_none(answer: dict[str, Any]) -> None:
    assert KIND.score(content(), answer) == 0.0
    assert KIND.describe(content(), answer) == ""


def test_order_of_names_is_by_chance_or_by_the_alphabet() -> None:
    data = content()
    assert KIND.arrange(data, random.Random(1), shuffle=False) == {
        "order": ["k4", "k1", "k3", "k2"]
    }
    shuffled = [KIND.arrange(data, random.Random(n), shuffle=True)["order"] for n in range(20)]
    assert all(sorted(order) == ["k1", "k2", "k3", "k4"] for order in shuffled)
    assert len(set(map(tuple, shuffled))) > 1
    assert KIND.arrange(data, random.Random(7), shuffle=True) == KIND.arrange(
        data, random.Random(7), shuffle=True
    )


def test_ask_gives_nothing_away() -> None:
    data = content()
    own = KIND.ask(data, {"order": ["k2", "k1", "k4", "k3"]}, points((12.5, 50)))
    html = page(KIND.ask_template, own)
    for secret in ("KEYFEEDBACK", "correct", "is-right", "polygon", "rectangle", "<path", "80,0"):
        assert secret not in html
    assert html.index("Sân") < html.index("Cổng chính")
    assert 'name="a3-point" value="12.5,50"' in html
    assert 'cx="125" cy="250"' in html
    assert html.count('type="radio" name="a3-area"') == 4


def test_page_looks_the_same_whatever_is_right_and_wherever_areas_lie() -> None:
    data = content()
    other = content()
    other["areas"][0]["correct"], other["areas"][1]["correct"] = False, True
    other["areas"][2].update(shape="circle", coordinates="1 1 1")
    assert page(KIND.ask_template, KIND.ask(data, {}, None)) == page(
        KIND.ask_template, KIND.ask(other, {}, None)
    )


def test_learner_is_told_how_many_to_mark() -> None:
    assert KIND.instruct(content()) == "Đánh dấu một vị trí trên hình."
    assert KIND.instruct(content(scheme="all")) == (
        "Đánh dấu 2 vị trí trên hình. Mỗi vị trí đúng được một phần điểm; mỗi vị trí thừa bị trừ"
        " lại một phần."
    )


def test_review_shows_areas_points_and_reasons() -> None:
    data = content(scheme="all")
    own = KIND.review(data, {"order": ["k1", "k2", "k3", "k4"]}, points((10, 10), (40, 10)))
    html = page(KIND.review_template, own)
    assert html.count("<path") == 8  # each with its halo
    assert html.count('<path class="is-right"') == 2
    assert html.count('<path class="is-wrong"') == 2
    assert html.count('class="pin"') == 2
    assert "KEYFEEDBACK Cổng chính" in html  # right and marked
    assert "KEYFEEDBACK Kho" in html  # right, not marked
    assert "KEYFEEDBACK Sân" not in html  # wrong, not marked
    assert "Đúng · đã đánh dấu (dấu 1)" in " ".join(html.split())
    assert "Đúng · chưa đánh dấu" in html
    assert "Dấu 2 nằm ngoài mọi vùng." in html


def test_review_of_names_has_no_pins() -> None:
    own = KIND.review(content(), {}, {"areas": ["k2"]})
    html = page(KIND.review_template, own)
    assert 'class="pin"' not in html
    assert "Sai · đã đánh dấu" in html
    assert "KEYFEEDBACK Sân" in html


@pytest.mark.parametrize("template", ["ask", "review"])
def test_pages_write_nothing_into_style(template: str) -> None:
    data = content()
    own = getattr(KIND, template)(data, {}, points((10, 10)))
    html = page(getattr(KIND, f"{template}_template"), own)
    assert not re.search(r"\bstyle=|<script|\bon\w+=", html)


def messages(data: dict[str, Any], *, errors: bool) -> list[str]:
    return [str(each.message) for each in KIND.problems(data) if each.is_error is errors]


def test_whole_question_has_no_problems() -> None:
    assert messages(content(), errors=True) == []
    assert messages(content(), errors=False) == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (content(picture=None), "Chưa có hình."),
        (content(alt=" "), "Chưa mô tả hình vẽ gì."),
        (content(MIDDLE, FAR), "Chưa đánh dấu vùng nào là đúng."),
        (
            content(LEFT, ("k9", "Xa", "rectangle", "110 0 120 10", False)),
            "Vùng “Xa” nằm ngoài hình.",
        ),
        (
            content(LEFT, ("k9", "cổng CHÍNH", "circle", "50 50 5", False)),
            "Vùng “cổng CHÍNH” bị lặp.",
        ),
        (content(LEFT, ("k9", " ", "circle", "50 50 5", False)), "Một vùng chưa có tên."),
        (
            content(LEFT, ("k9", "Xa", "circle", "50 50", False)),
            "Vùng “Xa”: hình tròn có 3 số: tâm ngang, tâm dọc, bán kính; ở đây có 2.",
        ),
    ],
)
def test_error(data: dict[str, Any], expected: str) -> None:
    assert messages(data, errors=True) == [expected]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (content(LEFT, RIGHT), "Không có vùng sai: chọn theo tên thì không thể sai."),
        (
            content(LEFT, ("k9", "Tường", "rectangle", "10 0 30 100", False)),
            "“Cổng chính” và “Tường” chồng lên nhau: điểm ở đó được tính là đúng.",
        ),
        (
            content(LEFT, ("k9", "Rìa", "circle", "100 50 5", False)),
            "Một phần của vùng “Rìa” nằm ngoài hình.",
        ),
    ],
)
def test_warning(data: dict[str, Any], expected: str) -> None:
    assert messages(data, errors=True) == []
    assert messages(data, errors=False) == [expected]


def test_missing_feedback_is_a_warning() -> None:
    data = content()
    data["areas"][1]["feedback"] = ""
    assert messages(data, errors=False) == ["Vùng “Sân” chưa có phản hồi."]
