"""The catalogues' own tools: what they find in code, what they keep, what they refuse."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message as Entry
from django.core.management import CommandError, call_command
from django.template import Context, Engine
from django.utils import translation

from lms.web.catalogues import checks, files, packages, sources
from lms.web.catalogues.extraction import Flaw, Message, from_python, from_template

HERE = Path("here.py")


def python(source: str) -> list[Message | Flaw]:
    return list(from_python(source, HERE))


def template(source: str) -> list[Message | Flaw]:
    return list(from_template(source, HERE))


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('_("Save")', Message("Save", HERE, 1)),
        ('gettext_lazy("a" " b")', Message("a b", HERE, 1)),
        ('translation.gettext("Save")', Message("Save", HERE, 1)),
        ('_("%(n)s left") % {"n": 1}', Message("%(n)s left", HERE, 1)),
        ('ngettext("%(n)s page", "%(n)s pages", n)', Message("%(n)s page", HERE, 1, "%(n)s pages")),
        ('pgettext_lazy("month", "May")', Message("May", HERE, 1, None, "month")),
        ('npgettext("x", "one", "many", n)', Message("one", HERE, 1, "many", "x")),
    ],
)
def test_from_python_call_of_gettext_is_found(call: str, expected: Message) -> None:
    assert python(call) == [expected]


@pytest.mark.parametrize(
    "call",
    ['_(f"Hello {name}")', '_("Hello %s" % name)', '_("Hello {}".format(name))', '_("a" + name)'],
)
def test_from_python_formatted_inside_gettext_is_a_flaw(call: str) -> None:
    (flaw,) = python(f"\n{call}")
    assert (type(flaw), flaw.line) == (Flaw, 2)


def test_from_python_variable_is_left_alone() -> None:
    assert python("gettext(label)") == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('{% translate "Save" %}', Message("Save", HERE, 1)),
        ("{% trans 'Save' as word %}", Message("Save", HERE, 1)),
        ('{% translate "May" context "month" %}', Message("May", HERE, 1, None, "month")),
        ('{% translate "100% done" %}', Message("100%% done", HERE, 1)),
        ('{{ x|default:_("None yet") }}', Message("None yet", HERE, 1)),
        ('{% include "a.html" with title=_("Home") %}', Message("Home", HERE, 1)),
        (
            "{% blocktranslate trimmed with a=b %}\n  Hi {{ a }},\n  you\n{% endblocktranslate %}",
            Message("Hi %(a)s, you", HERE, 1),
        ),
        (
            "{% blocktranslate count n=n context 'c' %}{{ n }} day{% plural %}{{ n }} days"
            "{% endblocktranslate %}",
            Message("%(n)s day", HERE, 1, "%(n)s days", "c"),
        ),
        (
            "{% blocktranslate asvar t %}5% off{% endblocktranslate %}",
            Message("5%% off", HERE, 1),
        ),
    ],
)
def test_from_template_message_is_found(source: str, expected: Message) -> None:
    assert template(source) == [expected]


def test_from_template_comment_is_skipped() -> None:
    source = '{% comment %}{% translate "No" %}{% endcomment %}{# {% translate "No" %} #}'
    assert template(source) == []


def test_from_template_variable_is_left_alone() -> None:
    assert template("{% translate label %}") == []


@pytest.mark.parametrize(
    "source",
    [
        '{% translate "100% done" %}',
        '{{ x|default:_("It\'s 5% off") }}',
        "{% blocktranslate trimmed %}\n a 5% b\n {{ x }}\n{% endblocktranslate %}",
        "{% blocktranslate count n=2 %}one{% plural %}{{ n }} of {{ x }}{% endblocktranslate %}",
    ],
)
def test_from_template_msgid_is_the_one_that_django_looks_up(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django itself is the judge: it renders the template, and we watch what it asks for."""
    asked: list[str] = []

    def ask(message: str) -> str:
        asked.append(message)
        return message

    def ask_plural(one: str, many: str, number: int) -> str:
        asked.append(one)
        return many

    with translation.override("vi"):
        active = translation.trans_real._active.value
        monkeypatch.setattr(active, "gettext", ask, raising=False)
        monkeypatch.setattr(active, "ngettext", ask_plural, raising=False)
        text = "{% load i18n %}" + source
        engine = Engine(libraries={"i18n": "django.templatetags.i18n"})
        engine.from_string(text).render(Context())
    assert [message.msgid for message in template(source)] == asked


def test_updated_keeps_translations_and_sets_aside_what_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    catalog = files.updated(files.load(path), [Message("Save", HERE, 1), Message("Gone", HERE, 2)])
    catalog.get("Save").string = "Lưu"
    catalog.get("Gone").string = "Đã bỏ"
    assert files.save(path, catalog) is True

    catalog = files.updated(files.load(path), [Message("Save", HERE, 1), Message("New", HERE, 2)])
    files.save(path, catalog)
    again = files.load(path)
    assert [(entry.id, entry.string) for entry in files.entries(again)] == [
        ("Save", "Lưu"),
        ("New", ""),
    ]
    assert [entry.string for entry in again.obsolete.values()] == ["Đã bỏ"]

    revived = files.updated(again, [Message("Gone", HERE, 1)])
    assert revived.get("Gone").string == "Đã bỏ"


def test_save_unchanged_catalogue_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    files.save(path, files.updated(files.load(path), [Message("Save", HERE, 1)]))
    assert files.save(path, files.load(path)) is False


def test_compile_catalogue_gives_what_gettext_reads(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    messages = [
        Message("Save", HERE, 1),
        Message("%(n)s page", HERE, 2, "%(n)s pages"),
        Message("May", HERE, 3, None, "month"),
        Message("Untold", HERE, 4),
    ]
    catalog = files.updated(files.load(path), messages)
    catalog.get("Save").string = "Lưu"
    catalog.get("%(n)s page").string = ("%(n)s trang",)
    catalog.get("May", "month").string = "Tháng Năm"
    files.save(path, catalog)
    assert files.compile_catalogue(path) is True
    assert files.compile_catalogue(path) is False

    with path.with_suffix(".mo").open("rb") as file:
        known = gettext.GNUTranslations(file)
    assert known.gettext("Save") == "Lưu"
    assert known.ngettext("%(n)s page", "%(n)s pages", 1) == "%(n)s trang"
    assert known.pgettext("month", "May") == "Tháng Năm"
    assert known.gettext("Untold") == "Untold"


@pytest.mark.parametrize(
    ("msgid", "msgstr", "fits"),
    [
        ("Hi %(name)s", "Chào %(name)s", True),
        ("Hi %(name)s", "Chào %(ten)s", False),
        ("Hi %(name)s", "Chào", False),
        ("Hi {name}", "Chào {name}", True),
        ("Hi {name}", "Chào {ten}", False),
        ("%s of %s", "%s trên %s", True),
        ("%s of %s", "%s", False),
        ("<b>%(n)s</b> done", "xong <b>%(n)s</b>", True),
        ("<b>%(n)s</b> done", "xong %(n)s", False),
        ("%(n)s done", "xong %(n)s%", False),
        (("One page", "%(n)s pages"), ("%(n)s trang",), True),
        (("%(n)s page", "%(n)s pages"), ("một trang",), False),
    ],
)
def test_entry_faults_placeholders_and_tags_must_agree(
    msgid: str | tuple[str, str], msgstr: str | tuple[str], fits: bool
) -> None:
    faults = list(checks.entry_faults(Entry(msgid, msgstr)))
    assert (faults == []) is fits


@pytest.mark.parametrize(
    ("msgid", "good"),
    [
        ("Save", True),
        ("Welcome to Hành Trang", True),
        ("Lưu", False),
        ("đi", False),
        ("%(n)s left", True),
        ("%s left", False),
        ("100%% sure", True),
    ],
)
def test_msgid_faults_english_with_named_placeholders_only(msgid: str, good: bool) -> None:
    assert (list(checks.msgid_faults(Message(msgid, HERE, 1))) == []) is good


@pytest.fixture
def app(tmp_path: Path) -> sources.Source:
    """An app folder with one Python file and an empty catalogue."""
    (tmp_path / "views.py").write_text('_("Save")\n_("Open")\n', encoding="utf-8")
    return sources.Source(
        "sample", tmp_path, files.catalogue_path(tmp_path / "locale"), frozenset()
    )


def test_source_problems_missing_message_names_app_file_and_line(app: sources.Source) -> None:
    found = [str(problem) for problem in checks.source_problems(app)]
    assert found == [
        f"sample: {app.folder}/views.py:1: not in the catalogue: 'Save'",
        f"sample: {app.folder}/views.py:2: not in the catalogue: 'Open'",
    ]


def test_source_problems_empty_and_fuzzy_are_named(app: sources.Source) -> None:
    messages = [item for item in app.read() if isinstance(item, Message)]
    catalog = files.updated(files.load(app.catalogue), messages)
    catalog.get("Save").string = "Lưu"
    catalog.get("Save").flags.add("fuzzy")
    files.save(app.catalogue, catalog)
    assert [problem.text for problem in checks.source_problems(app)] == [
        "the Vietnamese of 'Save' is marked fuzzy",
        "no Vietnamese for 'Open'",
    ]


def test_conflicts_two_translations_of_one_message_are_named(tmp_path: Path) -> None:
    paths = []
    for name, text in (("a", "Lưu"), ("b", "Ghi lại"), ("c", "Lưu")):
        path = files.catalogue_path(tmp_path / name)
        catalog = files.updated(files.load(path), [Message("Save", HERE, 1)])
        catalog.get("Save").string = text
        files.save(path, catalog)
        paths.append(path)
    assert [problem.path for problem in checks.conflicts(paths)] == [paths[1]]


def test_sources_every_app_of_ours_and_no_package() -> None:
    labels = {source.label for source in sources.app_sources()}
    assert {"web", "content", "learning", "people", "plugins", "quizzes"} <= labels
    assert not labels & {"wagtailadmin", "account", "auth"}


def test_overlay_keeps_what_it_says_and_asks_for_what_packages_lack() -> None:
    old = files.updated(files.load(Path("none.po")), [Message("Dashboard", HERE, 1)])
    old.get("Dashboard").string = "Bàn làm việc"
    new = packages.overlay(old, "django", [(None, "A project message")])
    assert new.get("Dashboard").string == "Bàn làm việc"
    assert new.get("A project message").auto_comments == [packages.PROJECT]
    asked = {files.entry_key(entry) for entry in files.entries(new)}
    assert set(packages.untranslated()) <= asked


def test_messages_check_everything_has_its_vietnamese() -> None:
    try:
        call_command("messages", "check", verbosity=0)
    except CommandError:
        pytest.fail("\n".join(map(str, checks.all_problems())))


@pytest.mark.parametrize("text", ["Unpublish", "Sign Out", "Add an image", "Enter a whole number."])
def test_vietnamese_is_active_for_messages_of_packages(text: str) -> None:
    with translation.override("vi"):
        assert translation.gettext(text) != text


def test_vietnamese_that_learners_read_uses_no_form_of_address() -> None:
    # People of very different age and rank read this: texts speak of the thing, not to a person.
    read = {"quizzes", "task", "video", "web", "learning", "people"}
    address = re.compile(r"\b(bạn|anh chị|anh/chị|quý vị|đồng chí)\b", re.I)
    found = [
        f"{source.label}: {text}"
        for source in sources.app_sources()
        if source.label in read
        for entry in files.entries(files.load(source.catalogue))
        for text in ([entry.string] if isinstance(entry.string, str) else entry.string)
        if address.search(text)
    ]
    assert found == []
