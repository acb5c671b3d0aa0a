"""What a plugin's config does while the site starts. The package `half` is written by the tests."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.urls import include, path
from django.utils.module_loading import module_has_submodule
from django.views.generic import View
from wagtail.blocks import CharBlock

from lms.plugins import faults, mounting
from lms.plugins.config import PluginConfig, Registries, register_plugin, registries
from lms.plugins.contracts import ActivityType, EventSink, LessonBlock
from modules.content.models import LessonPage


class Sink(EventSink):
    key = "half.sink"


class Good(PluginConfig):
    name = "half"
    label = "half"
    default_settings = {"colour": "green", "size": 3}

    def register(self, registries: Registries) -> None:
        registries.event_sinks.add(Sink())


class HalfWay(Good):
    def register(self, registries: Registries) -> None:
        registries.event_sinks.add(Sink())
        raise RuntimeError("half way")


class Tip(LessonBlock):
    key = "half_tip"

    def block(self) -> CharBlock:
        return CharBlock()


class WithRules(ActivityType):
    key = "half.activity"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """The importable package `half`: a folder for the modules that a test gives it."""
    folder = tmp_path / "half"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    faults.clear("half")
    registries.event_sinks.remove("half.sink")
    for name in [name for name in sys.modules if name.partition(".")[0] == "half"]:
        del sys.modules[name]


@pytest.fixture
def contained(settings):
    settings.LMS_PLUGINS_STRICT = False


def config(kind: type[PluginConfig] = Good) -> PluginConfig:
    return kind("half", importlib.import_module("half"))


def faults_of_half() -> list[tuple[str, str]]:
    return [(each.stage, each.reason) for each in faults.faults() if each.plugin == "half"]


# --- registering


def test_register_notes_who_added_what(package):
    into = Registries()

    register_plugin(config(), into)

    assert into.event_sinks.owner_of("half.sink") == "half"
    assert {registry.owner for registry in into.all()} == {""}


def test_register_that_fails_half_way_leaves_nothing_behind(package):
    into = Registries()

    with pytest.raises(RuntimeError, match="half way"):
        register_plugin(config(HalfWay), into)

    assert [len(registry) for registry in into.all()] == [0] * 6
    assert {registry.owner for registry in into.all()} == {""}


def test_ready_contains_a_failing_register(package, contained):
    config(HalfWay).ready()

    assert "half.sink" not in registries.event_sinks
    assert faults_of_half() == [("register", "RuntimeError: half way")]


def test_ready_in_strict_mode_raises_and_still_leaves_nothing_behind(package, settings):
    settings.LMS_PLUGINS_STRICT = True

    with pytest.raises(RuntimeError, match="half way"):
        config(HalfWay).ready()

    assert "half.sink" not in registries.event_sinks


def test_ready_cannot_take_a_key_away_from_another_plugin(package, contained):
    first = registries.event_sinks.add(Sink())

    config().ready()

    assert registries.event_sinks.get("half.sink") is first
    assert faults_of_half()[0][1].startswith("ImproperlyConfigured: the key 'half.sink' is taken")


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("completion_rules", ()), ("completion_rules", ("viewed",)), ("traits", {"graded"}),
     ("media", ["a.css"])],
)  # fmt: skip
def test_activity_type_that_would_break_pages_is_not_taken(attribute, value):
    kind = type("Unsound", (WithRules,), {attribute: value})

    with pytest.raises(ImproperlyConfigured, match=f"half.activity: {attribute} must be"):
        Registries().activity_types.add(kind())


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("half.tip", "Wagtail wants an identifier"),
        ("heading", "there is a block 'heading' already"),
    ],
)
def test_lesson_block_cannot_take_a_name_that_is_bad_or_taken(package, contained, key, reason):
    blocks = LessonPage._meta.get_field("body").stream_block.child_blocks
    before = dict(blocks)

    class WithBlock(Good):
        def register(self, registries: Registries) -> None:
            registries.lesson_blocks.add(type("Tip", (Tip,), {"key": key})())

    config(WithBlock).ready()

    assert dict(blocks) == before
    assert reason in faults_of_half()[0][1]


def test_lesson_block_is_offered_and_taken_back_when_registering_fails_later(package, contained):
    blocks = LessonPage._meta.get_field("body").stream_block.child_blocks
    offered = []

    class WithBlock(Good):
        def register(self, registries: Registries) -> None:
            registries.lesson_blocks.add(Tip())
            offered.append("half_tip" in blocks)
            raise RuntimeError("half way")

    config(WithBlock).ready()

    assert offered == [True]
    assert "half_tip" not in blocks


# --- hooks


def test_ready_imports_the_hooks(package):
    (package / "wagtail_hooks.py").write_text("loaded = True\n")

    config().ready()

    assert sys.modules["half.wagtail_hooks"].loaded is True
    assert faults_of_half() == []


def test_ready_puts_an_empty_module_in_place_of_broken_hooks(package, contained):
    (package / "wagtail_hooks.py").write_text("from nowhere import nothing\n")

    config().ready()

    assert not hasattr(importlib.import_module("half.wagtail_hooks"), "nothing")
    assert module_has_submodule(importlib.import_module("half"), "wagtail_hooks")
    assert [stage for stage, _ in faults_of_half()] == ["hooks"]


def test_ready_does_not_load_the_hooks_of_a_plugin_that_failed_before(package, contained):
    (package / "wagtail_hooks.py").write_text("loaded = True\n")

    config(HalfWay).ready()

    assert not hasattr(importlib.import_module("half.wagtail_hooks"), "loaded")
    assert [stage for stage, _ in faults_of_half()] == ["register"]


# --- settings


def test_setting_is_the_plugins_default(package, settings):
    settings.LMS_PLUGIN_SETTINGS = {"other": {"colour": "red"}}

    assert config().setting("colour") == "green"


def test_setting_is_what_the_operator_chose(package, settings):
    settings.LMS_PLUGIN_SETTINGS = {"half": {"colour": "red"}}

    assert (config().setting("colour"), config().setting("size")) == ("red", 3)


def test_setting_that_nobody_defined_is_an_error(package):
    with pytest.raises(ImproperlyConfigured, match="half has no setting 'weight'"):
        config().setting("weight")


# --- addresses


@pytest.fixture
def installed(package, monkeypatch):
    """The plugin `half` is the only app, with this `urls.py`."""

    def make(urls: str) -> PluginConfig:
        Path(package / "urls.py").write_text(urls)
        plugin = config()
        monkeypatch.setattr(mounting.apps, "get_app_configs", lambda: [plugin])
        return plugin

    return make


URLS = """
from django.http import HttpResponse
from django.urls import include, path
from lms.plugins.mounting import public

def seen(request):
    return HttpResponse("seen")

@public
def open_to_all(request):
    return HttpResponse("open")

urlpatterns = [
    path("closed/", seen, name="closed"),
    path("open/", open_to_all, name="open"),
    path("deep/", include([path("closed/", seen, name="deep")])),
]
"""


def resolve(pattern, address):
    return pattern.resolve(address).func


def test_patterns_ask_visitors_to_sign_in_unless_the_view_is_public(installed, rf):

    installed(URLS)
    (pattern,) = mounting.plugin_patterns()
    request = rf.get("/")
    request.user = AnonymousUser()

    answers = {
        address: resolve(pattern, f"half/{address}/")(request).status_code
        for address in ("closed", "open", "deep/closed")
    }

    assert answers == {"closed": 302, "open": 200, "deep/closed": 302}
    assert pattern.namespace == "half"


@pytest.mark.parametrize(
    "urls",
    ["1 / 0", "urlpatterns = 7", "x = []", "urlpatterns = ['closed/']",
     "from django.urls import include, path\nurlpatterns = [path('a/', include('nowhere'))]"],
)  # fmt: skip
def test_patterns_leave_out_a_plugin_whose_urls_are_broken(installed, contained, urls):
    installed(urls)

    assert mounting.plugin_patterns() == []
    assert [stage for stage, _ in faults_of_half()] == ["urls"]


def test_patterns_leave_out_a_plugin_that_failed_before(installed):
    installed(URLS)
    faults.report("half", "register", "RuntimeError: half way")

    assert mounting.plugin_patterns() == []


def test_public_works_on_class_based_views(installed, rf):
    view = mounting.public(View.as_view())
    pattern = path("x/", include([path("open/", view)]))

    mounting._protected(pattern)

    assert resolve(pattern, "x/open/") is view


# --- faults


def test_the_first_fault_of_a_plugin_stands():
    faults.report("half", "register", ValueError("first"))
    try:
        faults.report("half", "urls", "second")
        assert faults_of_half() == [("register", "ValueError: first")]
    finally:
        faults.clear("half")
    assert faults_of_half() == []
