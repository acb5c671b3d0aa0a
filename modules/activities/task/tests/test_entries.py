from __future__ import annotations

import datetime as dt
import unicodedata
import uuid

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from modules.activities.task.entries import (
    EARLIEST,
    mark_of,
    plain_text,
    read_changes,
    read_date,
    step_field,
)
from modules.activities.task.models import NOTE_LIMIT

TODAY = dt.date(2026, 11, 23)
BEGUN = dt.date(2026, 11, 9)
KEY = uuid.UUID("7e9c2d54-32c2-4b6a-9a8e-1d1c7d8b0001")
NAME = step_field(KEY)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("", None),
        ("  ", None),
        ("2026-11-23", TODAY),
        ("23/11/2026", TODAY),
        ("1.2.2026", dt.date(2026, 2, 1)),
        (" 01-02-2026 ", dt.date(2026, 2, 1)),
    ],
)
def test_read_date_takes_both_ways_of_writing(text, date):
    assert read_date(text, today=TODAY, begun_on=BEGUN) == date


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hôm qua", "Write the date as day/month/year, such as 23/11/2026."),
        ("20261123", "Write the date as day/month/year, such as 23/11/2026."),
        ("٢٣/١١/٢٠٢٦", "Write the date as day/month/year, such as 23/11/2026."),
        ("31/02/2026", "There is no such day in the calendar."),
        ("0000-01-01", "There is no such day in the calendar."),
        (
            "24/11/2026",
            "This day is still to come. Give the day on which it was done.",
        ),
        ("2025-11-01", "This is more than a year before you began the task."),
    ],
)
def test_read_date_refuses_with_a_reason(text, message):
    with translation.override("en"), pytest.raises(ValueError) as caught:
        read_date(text, today=TODAY, begun_on=BEGUN)
    assert str(caught.value) == message


@given(st.text(max_size=30))
def test_read_date_gives_a_possible_date_or_a_message(text):
    try:
        date = read_date(text, today=TODAY, begun_on=BEGUN)
    except ValueError as error:
        assert str(error).strip()
    else:
        assert date is None or BEGUN - EARLIEST <= date <= TODAY


@given(st.text())
def test_plain_text_is_stable_and_can_be_stored(text):
    once = plain_text(text)
    assert plain_text(once) == once
    once.encode()
    assert not [char for char in once if unicodedata.category(char) == "Cc" and char not in "\n\t"]


def test_plain_text_keeps_lines_and_angle_brackets():
    assert plain_text(" a\r\nb < 5 người\x00 \x0b<b>\r") == "a\nb < 5 người <b>"


def test_read_changes_takes_only_what_was_changed():
    data = {
        NAME: "2026-11-20",
        f"seen-{NAME}": "2026-11-20",
        "note": "x",
        "seen-note": mark_of("x"),
    }
    assert not read_changes(data, [KEY], today=TODAY, begun_on=BEGUN)


def test_read_changes_of_a_cleared_date_takes_it_away():
    data = {NAME: "", f"seen-{NAME}": "2026-11-20"}
    changes = read_changes(data, [KEY], today=TODAY, begun_on=BEGUN)
    assert changes.dates == {KEY: None}


def test_read_changes_leaves_unknown_steps_alone():
    data = {step_field(uuid.uuid4()): "2026-11-20"}
    assert not read_changes(data, [KEY], today=TODAY, begun_on=BEGUN)


def test_read_changes_of_a_long_note_is_refused_whole():
    data = {"note": "x" * (NOTE_LIMIT + 1)}
    changes = read_changes(data, [KEY], today=TODAY, begun_on=BEGUN)
    assert changes.note is None
    assert list(changes.errors) == ["note"]
    assert read_changes({"note": "x" * NOTE_LIMIT}, [], today=TODAY, begun_on=BEGUN).note
