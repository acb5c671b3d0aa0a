"""Decimals in the editor: shown with a comma in Vietnamese, taken with a comma or a dot."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield
from wagtail.users.models import UserProfile

from lms.people.models import User
from lms.people.tests.factories import UserFactory
from lms.web.decimals import WrittenDecimalField, decimal_in
from modules.content.models import LessonPage
from modules.content.tests.factories import make_course


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0,5", "0.5"),
        ("0.5", "0.5"),
        (" 0,50 ", "0.50"),
        (",5", "0.5"),
        ("2", "2"),
        ("2,", "2"),
        ("-1,5", "-1.5"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1.234.567", "1234567"),
        ("1.234.567,25", "1234567.25"),
    ],
)
def test_decimal_in_reads_comma_and_dot_alike(text: str, number: str) -> None:
    assert decimal_in(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    ["", ",", ".", "nửa", "1,2,3", "1.2.3", "1.23,4.5", "12.34,5", "1e5", "NaN", "Infinity", "٥",
     "0x1", "1 000", "--1", "1,234,56.7"],
)  # fmt: skip
def test_decimal_in_refuses_what_is_no_number_or_could_mean_two(text: str) -> None:
    with pytest.raises(ValueError):
        decimal_in(text)


@given(st.text(alphabet="0123456789,.-+ e", max_size=12))
def test_decimal_in_gives_a_finite_number_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert decimal_in(text).is_finite()


@given(st.decimals(-9999, 9999, places=2), st.sampled_from(["vi", "en"]))
def test_field_reads_what_it_shows(number: Decimal, code: str) -> None:
    field = WrittenDecimalField(max_digits=6, decimal_places=2)
    with translation.override(code):
        shown = field.widget.format_value(field.prepare_value(number))
        assert field.clean(shown) == number
        assert not field.has_changed(number, shown)


@pytest.mark.parametrize(
    ("code", "message"), [("vi", "Vui lòng nhập một số."), ("en", "Enter a number.")]
)
def test_field_refuses_words_in_the_language_of_the_editor(code: str, message: str) -> None:
    with translation.override(code), pytest.raises(Exception, match=message):
        WrittenDecimalField().clean("nửa")


def test_field_refuses_more_places_than_there_are() -> None:
    # "1.250" may be meant as 1250: it must not become that, nor 1.25, without a word.
    with translation.override("vi"), pytest.raises(Exception, match="2"):
        WrittenDecimalField(max_digits=4, decimal_places=2).clean("1.250")


# --- in the Wagtail admin


@pytest.fixture
def lesson(db: Any) -> LessonPage:
    course = make_course(modules=1, lessons=1)
    return LessonPage.objects.descendant_of(course).get()


@pytest.fixture
def editor(client: Client, db: Any) -> User:
    user: User = UserFactory(is_superuser=True, is_staff=True)
    client.force_login(user)
    return user


def speak(user: User, code: str) -> None:
    """Choose the language of the admin as its users do, in their account."""
    UserProfile.objects.update_or_create(user=user, defaults={"preferred_language": code})


def field_of(html: str) -> str:
    """The input of `periods` on an editing page."""
    start = html.index('name="periods"')
    return html[html.rindex("<input", 0, start) : html.index(">", start)]


@pytest.mark.parametrize(("code", "shown"), [("vi", "0,50"), ("en", "0.50")])
def test_editor_shows_periods_in_the_language_of_the_editor(
    client: Client, editor: User, lesson: LessonPage, code: str, shown: str
) -> None:
    speak(editor, code)
    found = field_of(client.get(f"/admin/pages/{lesson.pk}/edit/").content.decode())
    assert f'value="{shown}"' in found
    assert 'type="text"' in found
    assert 'inputmode="decimal"' in found


@pytest.mark.parametrize("typed", ["0,75", "0.75"])
@pytest.mark.parametrize("code", ["vi", "en"])
def test_editor_takes_periods_with_comma_and_dot(
    client: Client, editor: User, lesson: LessonPage, code: str, typed: str
) -> None:
    speak(editor, code)
    url = f"/admin/pages/{lesson.pk}/edit/"
    form = nested_form_data(
        {
            "title": lesson.title,
            "slug": lesson.slug,
            "code": lesson.code,
            "minutes": "12",
            "periods": typed,
            "body": streamfield([]),
            "glossary": streamfield([]),
            "legal_references": inline_formset([]),
            "comments": inline_formset([]),
        }
    )
    answer = client.post(url, form)
    assert answer.status_code == 302, answer.context["form"].errors
    lesson.refresh_from_db()
    assert lesson.get_latest_revision_as_object().periods == Decimal("0.75")


def test_comparison_of_versions_writes_numbers_as_the_editor_does(
    client: Client, editor: User, lesson: LessonPage
) -> None:
    speak(editor, "vi")
    first = lesson.save_revision()
    lesson.periods = Decimal("1.25")
    second = lesson.save_revision()
    page = client.get(f"/admin/pages/{lesson.pk}/revisions/compare/{first.pk}...{second.pk}/")
    html = page.content.decode()
    assert '<span class="deletion">0,50</span>' in html
    assert '<span class="addition">1,25</span>' in html
