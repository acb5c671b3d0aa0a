"""The class that a plugin subclasses, and the registries that it fills."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from typing import TYPE_CHECKING, Any, ClassVar, final

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.forms import Media
from django.utils.module_loading import module_has_submodule

from lms.plugins import faults
from lms.plugins.contracts import (
    ActivityType,
    Chore,
    CompletionRule,
    EventSink,
    HomePanel,
    LessonBlock,
    SearchSource,
    Trait,
)
from lms.plugins.registry import Registry

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


def _defect_of_type(activity_type: Any) -> str:
    # What pages touch outside the guard, because it is data and not code, must be sound.
    rules = activity_type.completion_rules
    if not rules or not all(isinstance(rule, CompletionRule) for rule in rules):
        return "completion_rules must be CompletionRules, at least one"
    if not all(isinstance(trait, Trait) for trait in activity_type.traits):
        return "traits must be Traits"
    if not isinstance(activity_type.media, Media):
        return "media must be a django.forms.Media"
    return ""


def _defect_of_block(lesson_block: LessonBlock) -> str:
    return "" if lesson_block.key.isidentifier() else "Wagtail wants an identifier as its name"


@dataclass
class Registries:
    """What a plugin may add to the platform, one typed registry for each kind."""

    activity_types: Registry[ActivityType] = field(
        default_factory=lambda: Registry(ActivityType, _defect_of_type)
    )
    event_sinks: Registry[EventSink] = field(default_factory=lambda: Registry(EventSink))
    lesson_blocks: Registry[LessonBlock] = field(
        default_factory=lambda: Registry(LessonBlock, _defect_of_block)
    )
    chores: Registry[Chore] = field(default_factory=lambda: Registry(Chore))
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
        except Exception as error:
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
            sys.modules[name] = module_from_spec(ModuleSpec(name, None))
            return
        try:
            importlib.import_module(name)
        except Exception as error:
            sys.modules[name] = module_from_spec(ModuleSpec(name, None))
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
