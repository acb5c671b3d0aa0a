"""The template tags of lms/web: icons, durations, initials and the trail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.translation import override

from lms.web.templatetags.web_ui import KeptNode, duration, icon, initials, trail

LESSONS = [
    {"url": "/a/", "code": "1.1", "title": "Họp <nhanh>", "minutes": 13, "state": "done"},
    {"url": "/b/?x=1&y=2", "code": "1.2", "title": "Ra quyết định", "minutes": 9, "state": "todo"},
]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(None, "0 min"), (45, "45 min"), (60, "1 h"), (125, "2 h 5 min")],
)
def test_duration_in_english(minutes: int | None, words: str) -> None:
    with override("en"):
        assert duration(minutes) == words


@pytest.mark.parametrize(
    ("name", "letter"), [("Nguyễn Văn Bình", "B"), ("đặng", "Đ"), ("", ""), (None, "")]
)
def test_initials_are_of_the_given_name(name: str | None, letter: str) -> None:
    assert initials(name) == letter


def test_icon_points_into_the_sprite_and_is_hidden() -> None:
    assert icon("check") == (
        '<svg class="icon" aria-hidden="true"><use href="/static/web/icons.svg#check"></use></svg>'
    )


def test_trail_escapes_titles_and_says_states_in_words() -> None:
    with override("en"):
        assert trail(LESSONS, "1.2") == (
            '<ol class="trail">'
            '<li class="is-done"><a href="/a/"><b>1.1 Họp &lt;nhanh&gt;</b>'
            "<small>13 min · done</small></a></li>"
            '<li class="is-todo"><a href="/b/?x=1&amp;y=2" aria-current="page">'
            "<b>1.2 Ra quyết định</b><small>9 min</small></a></li>"
            "</ol>"
        )


def test_trail_marks_the_language_of_titles_only() -> None:
    with override("en"):
        html = Template('{% load web_ui %}{% trail lessons "" "vi" %}').render(
            Context({"lessons": LESSONS[:1]})
        )
    assert html == (
        '<ol class="trail"><li class="is-done"><a href="/a/">'
        '<b lang="vi">1.1 Họp &lt;nhanh&gt;</b><small>13 min · done</small></a></li></ol>'
    )


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:

    web = Path(__file__).parents[1]
    sprite = set(re.findall(r'id="([\w-]+)"', (web / "static/web/icons.svg").read_text()))
    named: set[str] = set()
    for page in (web / "templates").rglob("*.html"):
        named |= set(re.findall(r'{% icon "([\w-]+)" %}', page.read_text()))
    assert named - sprite == set()


def rendered(template: Template, **values: object) -> str:
    return str(template.render(Context(values)))


def test_kept_piece_is_rendered_once_for_its_values_and_language() -> None:
    template = Template(
        "{% load web_ui i18n %}{% kept key %}{{ other }} {% translate 'done' %}{% endkept %}"
    )
    with override("en"):
        assert rendered(template, key=1, other="a") == "a done"
        assert rendered(template, key=1, other="b") == "a done"
        assert rendered(template, key=2, other="b") == "b done"
    with override("vi"):
        assert rendered(template, key=1, other="c")[0] == "c"


def test_kept_piece_without_its_value_is_rendered_every_time() -> None:
    template = Template("{% load web_ui %}{% kept key %}{{ other }}{% endkept %}")
    assert rendered(template, other="a") == "a"
    assert rendered(template, key=None, other="b") == "b"


def test_kept_pieces_are_limited() -> None:
    template = Template("{% load web_ui %}{% kept key %}{{ key }}{% endkept %}")
    node = template.nodelist.get_nodes_by_type(KeptNode)[0]
    for number in range(KeptNode.KEPT + 10):
        rendered(template, key=number)
    assert len(node.pieces) == KeptNode.KEPT
    assert rendered(template, key=0) == "0"


@pytest.mark.parametrize("inside", ["{% csrf_token %}", "{% block a %}{% endblock %}"])
def test_kept_refuses_what_differs_from_person_to_person(inside: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="cannot be kept"):
        Template(f"{{% load web_ui %}}{{% kept %}}{inside}{{% endkept %}}")
