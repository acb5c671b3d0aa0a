from __future__ import annotations

import os
import subprocess
import sys
import time
import unicodedata

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lms.plugins import richtext
from lms.plugins.richtext import MAX_CHARS, MAX_DEPTH, Profile, clean

if not settings.configured and "DJANGO_SETTINGS_MODULE" not in os.environ:
    settings.configure()

BACKENDS = ("nh3", "bleach")
PARAGRAPH = (
    '<p data-block-key="a1b2c">Hoàn thiện thể chế, nâng cao năng lực lãnh đạo, quản lý của cán bộ'
    " cấp xã; <b>đẩy mạnh</b> <i>phân cấp</i>, phân quyền: “Ủy ban nhân dân xã” – 2 cấp.</p>"
)

PIECES = [
    *(
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<a href='/x'>",
        "<a href=//y>",
        "</a>",
        "<ul>",
        "<li>",
        "</ul>",
    ),
    *(
        "<table>",
        "<tr>",
        "<td>",
        "</table>",
        "<div>",
        "</div>",
        "<button>",
        "<h2>",
        "</h2>",
        "<pre>\n",
    ),
    *("<svg>", "<math>", "<mtext>", "<style>", "</style>", "<script>", "</script>", "<!--", "-->"),
    *(
        "<embed embedtype=image id=3>",
        "<embed>",
        "<img src=/m/a.png alt='e&#769;'>",
        "<br>",
        "<hr/>",
    ),
    *(
        "&lt;",
        "&amp;",
        "&nbsp;",
        "&#0;",
        "&#13;",
        "&notin",
        "\u0338",
        "e\u0301",
        "\r\n",
        "\x00",
        "\x0c",
    ),
    *(
        "<details>",
        "<summary>",
        "<p class='note lead' lang=vi>",
        "<title>",
        "<textarea>",
        "<",
        ">",
        "đ",
    ),
]
messy = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=25).map("".join)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("profile", [Profile.LEARNER, Profile.TEACHER])
def test_clean_of_vietnamese_text_changes_nothing(profile: Profile, backend: str) -> None:
    with override_settings(LMS_RICHTEXT_BACKEND=backend):
        assert clean(PARAGRAPH, profile) == PARAGRAPH


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "html",
    [
        '<p>Xem <a id="3" linktype="page">bài 1</a> và <a id="12" linktype="document">tệp</a>.</p>',
        '<embed alt="Sơ đồ &quot;2 cấp&quot; a &gt; b" embedtype="image" format="left" id="5"/>',
        '<embed embedtype="media" url="https://www.youtube.com/watch?v=x&amp;t=1"/>',
        '<h2 data-block-key="9cmhu">Mục</h2><hr data-block-key="b1c2d"/>',
        "<p>H<sub>2</sub>O<br/>m<sup>2</sup> <s>cũ</s> <code>x</code></p>",
        '<p><a href="mailto:xa@example.vn">thư</a> <a href="tel:+84241234567">gọi</a></p>',
        '<p><a href="/vi/bai-1/?a=1&amp;b=2#c">đây</a> <a href="#c">kia</a></p>',
        '<p><a href="https://a.vn/?q=1:2" rel="noopener noreferrer">a.vn</a></p>',
        '<table class="compact"><caption>B</caption><thead><tr><th scope="col">A</th></tr></thead>'
        '<tbody><tr><td class="number" colspan="2">1</td></tr></tbody></table>',
        '<figure class="wide"><img alt="Trụ sở" height="9" src="/media/a%20b.png" width="16"/>'
        "<figcaption>Trụ sở</figcaption></figure>",
        '<details><summary>Hỏi</summary><p lang="en">Why?</p></details>',
        '<ol start="3"><li data-block-key="aaaaa">ba</li></ol><blockquote>lời</blockquote>',
        '<p class="lead note"><abbr title="Ủy ban nhân dân">UBND</abbr></p>',
    ],
)
def test_clean_of_what_teachers_may_write_changes_nothing(html: str, backend: str) -> None:
    with override_settings(LMS_RICHTEXT_BACKEND=backend):
        assert clean(html, Profile.TEACHER) == html


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ('<a href=" jav&#9;ascript:alert(1)">x</a>', "x"),
        ('<a href="\\\\evil.example/">x</a>', "x"),
        ('<a href="this:that">x</a>', "x"),
        ('<a href="">x</a>', "x"),
        (
            '<a target="_blank" href="//a.vn/">x</a>',
            '<a href="//a.vn/" rel="noopener noreferrer">x</a>',
        ),
        ('<a linktype="page" id="3 or 1=1">x</a>', "x"),
        ('<a linktype="page" id="3" href="https://a.vn/">x</a>', '<a id="3" linktype="page">x</a>'),
        ('<a linktype="user" id="3">x</a>', "x"),
        ('<a id="3" href="/x">x</a>', '<a href="/x">x</a>'),
        ('<p data-block-key="&quot;onload">x</p>', "<p>x</p>"),
        ('<p id="content" name="x" style="color:red" onclick="x()">x</p>', "<p>x</p>"),
        ('<p class="note modal">x</p>', '<p class="note">x</p>'),
        ('<p class="modal">x</p>', "<p>x</p>"),
        ('<img src="https://evil.example/x.png" alt="x">', ""),
        ('<img src="//evil.example/x.png" alt="x">', ""),
        ('<img src="/&#9;/evil.example/x.png" alt="x">', ""),
        ('<img src="data:image/png;base64,AAAA">', ""),
        ('<img src="/media/x.png" onerror="x()">', '<img alt="" src="/media/x.png"/>'),
        ('<embed src="https://evil.example/x.swf">', ""),
        ('<embed embedtype="image" alt="x">', ""),
        ('<embed embedtype="media" url="javascript:x">', ""),
        ('<embed embedtype="media" url="http://a.vn/">', ""),
        ('<td colspan="100">x</td>', "x"),
        ("<p>a < b & c > d</p>", "<p>a &lt; b &amp; c &gt; d</p>"),
        ("<b>không đóng", "<b>không đóng</b>"),
        ("<p>một<!-- hai --></p>", "<p>một</p>"),
        ("a\x00b\ud800c&#1;d", "abcd"),
    ],
)
def test_clean_keeps_of_bad_markup_what_is_good(html: str, kept: str, backend: str) -> None:
    with override_settings(LMS_RICHTEXT_BACKEND=backend):
        assert clean(html, Profile.TEACHER) == kept


def test_clean_drops_script_and_style_with_their_content() -> None:
    html = "<p>a<script>alert(1)</script><style>p{}</style>b</p>"
    assert clean(html, Profile.TEACHER) == "<p>ab</p>"


def test_clean_for_learners_keeps_words_of_what_only_teachers_have() -> None:
    html = (
        '<h2>Mục</h2><p class="note" lang="vi">a<a linktype="page" id="3">b</a></p>'
        '<table><tr><td>c</td><td>d</td></tr></table><embed embedtype="image" id="3"/>'
    )
    cleaned = clean(html, Profile.LEARNER)
    assert cleaned.split() == ["Mục", "<p>ab</p>", "c", "d"]


def test_clean_parts_words_where_an_unknown_block_ends() -> None:
    assert clean("<div>một</div><div>hai</div>", Profile.TEACHER).split() == ["một", "hai"]


def test_clean_to_plain_text_gives_a_line_for_each_block_escaped() -> None:
    html = "<h2>Mục&nbsp;1</h2>\n<p>a <b>b</b>\tc<br>d &lt; &amp;lt;</p><ul><li>e<li>f</ul>"
    assert clean(html, Profile.PLAIN) == "Mục 1\na b c\nd &lt; &amp;lt;\ne\nf"


def test_clean_composes_text_and_attributes_but_not_addresses() -> None:
    html = (
        '<p><abbr title="Tie&#x302;&#x301;ng">tie\u0302\u0301ng</abbr> <a href="/e\u0301">x</a></p>'
    )
    expected = '<p><abbr title="Tiếng">tiếng</abbr> <a href="/e\u0301">x</a></p>'
    assert clean(html, Profile.TEACHER) == expected


def test_clean_survives_normalisation_of_the_whole_by_others() -> None:
    cleaned = clean("<p>\u0338x</p>", Profile.LEARNER)
    assert unicodedata.normalize("NFC", cleaned) == cleaned == "<p>&#x338;x</p>"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("profile", Profile)
@hypothesis_settings(deadline=None, max_examples=150)
@given(html=messy)
@example(html="<a href=/x>x<button><a href=/y>y</a></button></a>")
@example(html="<table><b><tr><td><b>x")
@example(html="a<embed>\u0301<embed>\u0338")
@example(html="<pre>\n\nx</pre>")
def test_clean_twice_is_clean_once(html: str, profile: Profile, backend: str) -> None:
    with override_settings(LMS_RICHTEXT_BACKEND=backend):
        once = clean(html, profile)
        assert clean(once, profile) == once


@given(text=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_clean_keeps_every_word_of_escaped_text(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    kept = clean(f"<p>x{escaped}</p>", Profile.TEACHER)
    composed = unicodedata.normalize("NFC", f"x{text}")
    expected = composed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert kept == f"<p>{expected}</p>"


@pytest.mark.parametrize(
    "html",
    [
        "<p>x</p>" * (MAX_CHARS // 8 + 1),
        "<div>" * (MAX_DEPTH + 1) + "x",
        # Unclosed, these come again in each paragraph.
        "<p>" + "".join(f"<i t={n}>" for n in range(MAX_DEPTH)) + "<p>x" * 20_000,
        "<p>" + "".join(f"<i t='>{n}' u='</i>'>" for n in range(3_000)) + "<p>x" * 40_000,
        "<p>" + "<b><i><s><u><em><tt><code><font><small><strong>" * 3 + "<p>x" * 50_000,
        "&" * (MAX_CHARS // 2),
        "<b>" * 60_000 + "x",
    ],
)
@pytest.mark.parametrize("profile", Profile)
def test_clean_of_excessive_markup_is_words_only_and_quick(profile: Profile, html: str) -> None:
    started = time.process_time()
    cleaned = clean(html, profile)
    assert clean(cleaned, profile) == cleaned
    assert time.process_time() - started < 10
    assert "<" not in cleaned


def test_clean_of_a_long_untidy_text_keeps_its_markup() -> None:
    line = '<p class="Mso"><b style="color:#00{n}">Điều {n}.</b> <font size=3>Nội dung</font></p>'
    html = "".join(line.replace("{n}", str(n % 20)) for n in range(1_000))
    cleaned = clean(html, Profile.TEACHER)
    assert (cleaned.count("<p>"), cleaned.count("<b>")) == (1_000, 1_000)


def test_backend_unknown_is_a_fault_of_the_settings() -> None:
    with override_settings(LMS_RICHTEXT_BACKEND="regex"), pytest.raises(ImproperlyConfigured):
        clean("x", Profile.PLAIN)


@pytest.mark.parametrize(("backend", "loaded"), [("nh3", "False"), ("bleach", "True")])
def test_bleach_is_loaded_only_where_selected(backend: str, loaded: str) -> None:
    program = (
        "import sys; from django.conf import settings\n"
        f"settings.configure(LMS_RICHTEXT_BACKEND={backend!r})\n"
        "from lms.plugins.richtext import Profile, clean\n"
        "clean('<p>x</p>', Profile.TEACHER); sys.stdout.write(str('bleach' in sys.modules))"
    )
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    env["PYTHONPATH"] = os.pathsep.join(sys.path)
    run = subprocess.run(  # noqa: S603 -- our own interpreter
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=env
    )
    assert run.stdout == loaded


def test_clean_without_any_settings_uses_nh3() -> None:
    program = (
        "import sys; from lms.plugins.richtext import Profile, clean\n"
        "sys.stdout.write(clean('<p>a<script>b</script></p>', Profile.TEACHER))"
    )
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    env["PYTHONPATH"] = os.pathsep.join(sys.path)
    run = subprocess.run(  # noqa: S603 -- our own interpreter
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=env
    )
    assert run.stdout == "<p>a</p>"


def test_classes_and_rules_name_the_same_elements() -> None:
    with_class = {t for t, names in richtext._TEACHER.items() if "class" in names}
    assert with_class == set(richtext.CLASSES)
