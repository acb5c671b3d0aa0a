"""The class that a plugin subclasses, and the registries that it fills."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, final

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import module_has_submodule

from lms.plugins import faults
from lms.plugins.contracts import (
    ActivityType,
    EventSink,
    HomePanel,
    LessonBlock,
    SearchSource,
)
from lms.plugins.registry import Registry

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


@dataclass
class Registries:
    """What a plugin may add to the platform, one typed registry for each kind."""

    activity_types: Registry[ActivityType] = field(default_factory=lambda: Registry(ActivityType))
    event_sinks: Registry[EventSink] = field(default_factory=lambda: Registry(EventSink))
    lesson_blocks: Registry[LessonBlock] = field(default_factory=lambda: Registry(LessonBlock))
    home_panels: Registry[HomePanel] = field(default_factory=lambda: Registry(HomePanel))
    search_sources: Registry[SearchSource] = field(default_factory=lambda: Registry(SearchSource))

    def all(self) -> list[Registry[Any]]:
        """Every registry."""
        return [getattr(self, each.name) for each in fields(self)]


registries = Registries()


class PluginConfig(AppConfig):
    """The only class that a plugin must subclass. `register` is where it says what it adds."""

    requires_api: ClassVar[str] = ">=1.0,<2"
    summary: ClassVar[_StrOrPromise] = ""
    author: ClassVar[str] = ""
    documentation: ClassVar[str] = ""
    default_settings: ClassVar[Mapping[str, Any]] = {}

    def register(self, registries: Registries) -> None:
        """Add activity types, sinks, blocks … Import your own classes inside: models are ready."""

    def setting(self, name: str) -> Any:
        """The operator's value from LMS_PLUGIN_SETTINGS, else the plugin's default."""
        chosen = settings.LMS_PLUGIN_SETTINGS.get(self.label, {})
        if name in chosen:
            return chosen[name]
        if name in self.default_settings:
            return self.default_settings[name]
        raise ImproperlyConfigured(f"{self.label} has no setting {name!r}")

    @final
    def ready(self) -> None:
        """Register, then import the plugin's Wagtail hooks; a fault leaves nothing behind."""
        try:
            register_plugin(self, registries)
        except Exception as error:  # noqa: BLE001 -- a plugin must not stop the site
            faults.report(self.name, "register", error)
            if settings.LMS_PLUGINS_STRICT:
                raise
        self._import_hooks()

    def _import_hooks(self) -> None:
        # Wagtail imports <app>.wagtail_hooks without a net, some of it while apps are still
        # getting ready. Importing it first, here, keeps a broken one from stopping start-up:
        # an empty module takes its place before Wagtail looks.
        if self.module is None or not module_has_submodule(self.module, "wagtail_hooks"):
            return
        name = f"{self.name}.wagtail_hooks"
        if faults.has_failed(self.name):
            sys.modules[name] = ModuleType(name)
            return
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 -- as above
            sys.modules[name] = ModuleType(name)
            faults.report(self.name, "hooks", error)
            if settings.LMS_PLUGINS_STRICT:
                raise


def register_plugin(plugin: PluginConfig, into: Registries) -> None:
    """Call the plugin's `register`; when it raises, all that it had added is taken out again."""
    for registry in into.all():
        registry.owner = plugin.name
    try:
        plugin.register(into)
    except Exception:
        for registry in into.all():
            registry.remove_of(plugin.name)
        raise
    finally:
        for registry in into.all():
            registry.owner = ""
