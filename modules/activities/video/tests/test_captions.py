from __future__ import annotations

import re

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from modules.activities.video.captions import BadCaptions, clean_line, parse, written

NASTY = """WEBVTT - Tiêu đề

STYLE
::cue { background: url(https://evil.example/x) }

REGION
id:fred

NOTE
<script>alert(1)</script>

1
00:01.000 --> 00:04.500 align:start line:90% region:fred onclick:x
<v Hòa><c.red onmouseover="x">Xin <b>chào</c> <script>alert(1)</script></b>

01:00:00.000 --> 01:00:01.000
5 &lt; 6 & <00:00:01.000>7 --> 8
"""


def test_parse_keeps_times_and_words_only():
    assert written(parse(NASTY.encode("utf-8-sig"))) == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 00:00:04.500 align:start line:90%\n"
        "Xin <b>chào alert(1)</b>\n\n"
        "01:00:00.000 --> 01:00:01.000\n"
        "5 &lt; 6 &amp; 7 --&gt; 8\n"
    )


def test_written_is_read_the_same_again():
    once = written(parse(NASTY.encode()))
    assert written(parse(once.encode())) == once


@given(st.text(alphabet=st.sampled_from("<>/bivcu &;lt-\n\"'=a "), max_size=60))
def test_clean_line_gives_balanced_plain_markup(text):
    line = clean_line(text)
    tags = re.findall(r"<[^>]*>", line)
    assert set(tags) <= {"<b>", "</b>", "<i>", "</i>", "<u>", "</u>"}
    still_open = []
    for tag in tags:
        if tag[1] == "/":
            assert still_open.pop() == tag[2]
        else:
            still_open.append(tag[1])
    assert still_open == []
    assert "-->" not in line


@given(st.binary(max_size=200))
def test_parse_of_anything_gives_cues_or_a_message(content):
    try:
        cues = parse(b"WEBVTT\n\n00:01.000 --> 00:02.000\nx\n\n" + content)
    except BadCaptions as error:
        assert str(error).strip()
    else:
        again = written(cues)
        assert written(parse(again.encode())) == again


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "The captions must be a text file in UTF-8."),
        (b"", "The first line of the captions must be WEBVTT."),
        (b"1\n00:00:01,000 --> 00:00:02,000\nx", "The first line of the captions must be WEBVTT."),
        (b"WEBVTT\n\nNOTE x\n", "The captions hold no words yet."),
        (
            b"WEBVTT\n\n00:01 --> 00:02\nx",
            "Captions, line 3: the times must look like 00:01.000 --> 00:04.000.",
        ),
        (
            b"WEBVTT\n\nmot\n00:02.000 --> 00:01.000\nx",
            "Captions, line 4: it ends before it begins.",
        ),
    ],
)
def test_parse_refuses_with_the_line(content, message):
    with translation.override("en"), pytest.raises(BadCaptions) as caught:
        parse(content)
    assert str(caught.value) == message
