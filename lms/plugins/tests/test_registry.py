from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from lms.plugins.contracts import EventSink
from lms.plugins.registry import Registry


class Sink(EventSink):
    def __init__(self, key: str) -> None:
        self.key = key  # type: ignore[misc]


@pytest.fixture
def registry() -> Registry[EventSink]:
    return Registry(EventSink)


def test_add_gives_the_item_back_and_get_finds_it(registry):
    sink = registry.add(Sink("a.sink"))

    assert registry.get("a.sink") is sink
    assert "a.sink" in registry
    assert len(registry) == 1


def test_iteration_keeps_the_order_of_adding(registry):
    for key in ("b.sink", "a.sink", "c.sink"):
        registry.add(Sink(key))

    assert [each.key for each in registry] == ["b.sink", "a.sink", "c.sink"]


def test_iteration_bears_removal_meanwhile(registry):
    registry.add(Sink("a.sink"))
    registry.add(Sink("b.sink"))

    for each in registry:
        registry.remove(each.key)

    assert list(registry) == []


@pytest.mark.parametrize("wrong", [Sink, object(), None, "a.sink"])
def test_add_refuses_what_is_not_of_the_kind(registry, wrong):
    with pytest.raises(ImproperlyConfigured, match="is not a EventSink"):
        registry.add(wrong)

    assert len(registry) == 0


@pytest.mark.parametrize("key", ["", "x" * 81, None, 7])
def test_add_refuses_a_key_that_cannot_be_stored(registry, key):
    with pytest.raises(ImproperlyConfigured, match="needs a key of 1 to 80 characters"):
        registry.add(Sink(key))


def test_add_refuses_a_taken_key_and_keeps_the_first(registry):
    first = registry.add(Sink("a.sink"))

    with pytest.raises(ImproperlyConfigured, match="'a.sink' is taken by"):
        registry.add(Sink("a.sink"))

    assert registry.get("a.sink") is first


def test_add_refuses_an_item_with_a_defect():
    registry = Registry(EventSink, lambda sink: "too short" if len(sink.key) < 5 else "")

    with pytest.raises(ImproperlyConfigured, match="a.b: too short"):
        registry.add(Sink("a.b"))

    assert registry.add(Sink("a.sink")).key == "a.sink"
    assert len(registry) == 1


def test_get_of_an_unknown_key_is_none(registry):
    assert registry.get("gone.sink") is None


def test_remove_of_an_unknown_key_is_no_error(registry):
    registry.remove("gone.sink")

    assert len(registry) == 0


def test_remove_of_an_owner_leaves_the_others(registry):
    registry.add(Sink("platform.sink"))
    registry.owner = "one"
    registry.add(Sink("one.a"))
    registry.add(Sink("one.b"))
    registry.owner = "two"
    registry.add(Sink("two.a"))

    registry.remove_of("one")

    assert [each.key for each in registry] == ["platform.sink", "two.a"]
    assert [registry.owner_of(key) for key in ("platform.sink", "one.a", "two.a")] == [
        "",
        "",
        "two",
    ]


def test_watchers_hear_of_what_is_there_what_comes_and_what_goes(registry):
    heard = []
    registry.add(Sink("early.sink"))

    registry.watch(
        lambda item: heard.append(("added", item.key)),
        lambda item: heard.append(("removed", item.key)),
    )
    registry.add(Sink("late.sink"))
    registry.remove("early.sink")
    registry.remove("early.sink")

    assert heard == [("added", "early.sink"), ("added", "late.sink"), ("removed", "early.sink")]


def test_a_watcher_that_refuses_keeps_the_item_out_and_the_others_hear_of_it(registry):
    heard = []

    def refuse(item: EventSink) -> None:
        raise ImproperlyConfigured("no room")

    registry.watch(lambda item: heard.append("added"), lambda item: heard.append("removed"))
    registry.watch(refuse, lambda item: heard.append("never"))

    with pytest.raises(ImproperlyConfigured, match="no room"):
        registry.add(Sink("a.sink"))
    registry.remove("a.sink")

    assert len(registry) == 0
    assert heard == ["added", "removed"]
