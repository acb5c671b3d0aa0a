"""The plugins here are packages that the tests write and import for real."""

from __future__ import annotations

import itertools
from importlib.metadata import EntryPoint

import pytest

from lms.plugins import faults
from lms.plugins.discovery import GROUP, Rejected, discover

_numbers = itertools.count(1)
CONFIG = """
from lms.plugins.config import PluginConfig

class Config(PluginConfig):
    name = {name!r}
    requires_api = {requires!r}
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Writes an importable package with this `apps.py`; gives its name, new for each."""
    monkeypatch.syspath_prepend(tmp_path)
    before = {fault.plugin for fault in faults.faults()}

    def make(apps_py: str | None = None, *, requires: str = ">=1.0,<2", label: str = "") -> str:
        name = f"found{next(_numbers)}"
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        text = CONFIG.format(name=name, requires=requires) if apps_py is None else apps_py
        if label:
            text += f"    label = {label!r}\n"
        (tmp_path / name / "apps.py").write_text(text)
        return name

    yield make
    for fault in faults.faults():
        if fault.plugin not in before:
            faults.clear(fault.plugin)


def point(name: str) -> EntryPoint:
    return EntryPoint(name, f"{name}.apps:Config", GROUP)


def path(name: str) -> str:
    return f"{name}.apps.Config"


def test_discover_takes_built_in_plugins_first_then_entry_points_by_path(package):
    b, a, built_in = package(), package(), package()

    result = discover([path(built_in)], found=[point(a), point(b)])

    assert result.apps == [path(built_in), *sorted([path(a), path(b)])]
    assert result.rejected == []


def test_discover_takes_a_plugin_named_twice_once(package):
    name = package()

    assert discover([path(name)], found=[point(name)]).apps == [path(name)]


@pytest.mark.parametrize(
    ("apps_py", "reason"),
    [
        ("import a_module_that_is_missing\n", "ModuleNotFoundError: No module named"),
        ("def (:\n", "SyntaxError:"),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
        ("Other = 1\n", "AttributeError: module"),
        ("class Config: name = 'x'\n", "AttributeError: type object 'Config' has no attribute"),
    ],
)
def test_discover_leaves_out_a_plugin_that_cannot_be_imported(package, apps_py, reason):
    broken, good = package(apps_py), package()

    result = discover([], found=[point(broken), point(good)])

    assert result.apps == [path(good)]
    assert [each.path for each in result.rejected] == [path(broken)]
    assert result.rejected[0].reason.startswith(reason)
    assert faults.has_failed(broken)
    assert not faults.has_failed(good)


@pytest.mark.parametrize("requires", [">=2", "<1.0", "==0.9", ">1.2"])
def test_discover_leaves_out_a_plugin_for_another_contract(package, requires):
    name = package(requires=requires)

    result = discover([], found=[point(name)])

    assert result.apps == []
    assert result.rejected == [
        Rejected(path(name), f"needs plugin API {requires}, this platform has 1.2")
    ]


@pytest.mark.parametrize(
    "requires", [">=1.0", ">=1.0,<2", "~=1.0", ">=1.2", ">=0.9,<1.5", "", "==1.*"]
)
def test_discover_takes_a_plugin_whose_specifier_admits_the_contract(package, requires):
    name = package(requires=requires)

    assert discover([], found=[point(name)]).apps == [path(name)]


def test_discover_names_a_specifier_that_is_none(package):
    name = package(requires="one or so")

    result = discover([], found=[point(name)])

    assert result.rejected[0].reason.startswith("requires_api is not a version specifier")


def test_discover_leaves_out_a_plugin_whose_app_is_missing(package):
    name = package(CONFIG.format(name="an_app_that_is_missing", requires=">=1.0"))

    result = discover([], found=[point(name)])

    assert result.apps == []
    assert result.rejected[0].reason.startswith("ModuleNotFoundError")


@pytest.mark.parametrize("label", ["content", "people", "auth", "wagtailcore"])
def test_discover_leaves_out_a_plugin_with_a_label_of_the_platform(package, label):
    name = package(label=label)

    result = discover([], found=[point(name)])

    assert result.rejected == [
        Rejected(path(name), f"its label {label!r} is taken by the platform")
    ]


def test_discover_leaves_out_the_second_plugin_with_a_label(package):
    first, second = package(label="twin"), package(label="twin")

    result = discover([path(first)], found=[point(second)])

    assert result.apps == [path(first)]
    assert result.rejected[0].reason == f"its label 'twin' is taken by {path(first)}"


def test_discover_obeys_the_list_of_disabled_plugins_without_importing(package):
    by_package, by_path, by_colon = package("1 / 0\n"), package("1 / 0\n"), package("1 / 0\n")
    names = (by_package, by_path, by_colon)

    result = discover(
        [path(by_package)],
        disabled=[by_package, path(by_path), f"{by_colon}.apps:Config"],
        found=[point(by_path), point(by_colon)],
    )

    assert result.apps == []
    assert {each.reason for each in result.rejected} == {"disabled by LMS_PLUGINS_DISABLED"}
    assert not any(faults.has_failed(name) for name in names)


def test_discover_obeys_the_list_of_allowed_plugins_and_keeps_built_in_ones(package):
    built_in, allowed, other = package(), package(), package("1 / 0\n")

    result = discover([path(built_in)], allowed=[allowed], found=[point(allowed), point(other)])

    assert result.apps == [path(built_in), path(allowed)]
    assert result.rejected == [Rejected(path(other), "not in LMS_PLUGINS_ALLOWED")]


def test_discover_with_an_empty_list_of_allowed_plugins_takes_none(package):
    name = package()

    assert discover([], allowed=[], found=[point(name)]).apps == []
