from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from lms.plugins import API_VERSION, faults
from lms.plugins.config import registries
from lms.plugins.contracts import EventSink
from lms.plugins.discovery import Discovered, Rejected
from lms.plugins.listing import list_plugins


class Sink(EventSink):
    key = "extra.sink"


@pytest.fixture
def rejected(settings):
    """Two plugins that were found and not installed, besides those of this site."""
    settings.LMS_PLUGINS = Discovered(
        settings.LMS_PLUGINS.apps,
        [
            Rejected("gone.apps.Gone", "ModuleNotFoundError: No module named 'nothing'"),
            Rejected("unwanted.apps.Unwanted", "disabled by LMS_PLUGINS_DISABLED"),
        ],
    )


def listed(*options: str) -> str:
    output = io.StringIO()
    call_command("plugins", "list", *options, stdout=output)
    return output.getvalue()


def test_list_names_each_plugin_with_state_api_and_what_it_adds(settings):
    lines = listed().splitlines()

    names = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert names[: len(settings.LMS_PLUGINS.apps)] == [
        path.rsplit(".apps.", 1)[0] for path in settings.LMS_PLUGINS.apps
    ]
    for activity_type in registries.activity_types:
        owner = registries.activity_types.owner_of(activity_type.key)
        at = next(i for i, line in enumerate(lines) if line.split()[0] == owner)
        assert lines[at].endswith("api >=1.0,<2  in service")
        assert activity_type.key in lines[at + 1]


def test_list_shows_rejected_plugins_with_the_reason(rejected):
    lines = listed().splitlines()

    assert lines[-4].split() == ["gone", "out", "of", "service"]
    assert lines[-3] == "    discovery: ModuleNotFoundError: No module named 'nothing'"
    assert lines[-2].split() == ["unwanted", "left", "out"]
    assert lines[-1] == "    settings: disabled by LMS_PLUGINS_DISABLED"


def test_list_as_json_says_the_same(rejected, settings):
    content = json.loads(listed("--json"))

    assert content["api"] == API_VERSION
    assert [each["path"] for each in content["plugins"]] == [
        *settings.LMS_PLUGINS.apps, "gone.apps.Gone", "unwanted.apps.Unwanted",
    ]  # fmt: skip
    assert [each["state"] for each in content["plugins"][-2:]] == ["failed", "left out"]
    assert {each["built_in"] for each in content["plugins"][-2:]} == {False}


def test_plugin_with_a_fault_is_listed_as_failed_with_its_stage(settings):
    path = settings.LMS_PLUGINS.apps[0]
    name = path.rsplit(".apps.", 1)[0]
    faults.report(name, "urls", "ImportError: nothing")
    try:
        first = list_plugins()[0]
    finally:
        faults.clear(name)

    assert (first.path, first.state, first.stage) == (path, "failed", "urls")
    assert first.reason == "ImportError: nothing"
    assert first.built_in is True
    assert "urls" not in first.registers


def test_keys_are_listed_under_the_plugin_that_added_them(settings):
    name = settings.LMS_PLUGINS.apps[0].rsplit(".apps.", 1)[0]
    registries.event_sinks.owner = name
    try:
        registries.event_sinks.add(Sink())
        owners = [each.name for each in list_plugins() if "extra.sink" in str(each.registers)]
    finally:
        registries.event_sinks.owner = ""
        registries.event_sinks.remove("extra.sink")

    assert owners == [name]


@pytest.mark.parametrize("arguments", [[], ["delete"], ["verify"]])
def test_command_refuses_what_it_does_not_know(arguments):
    with pytest.raises(CommandError):
        call_command("plugins", *arguments)
