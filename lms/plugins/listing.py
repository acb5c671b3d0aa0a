"""What plugins there are, in which state, and what each adds."""

from __future__ import annotations

import dataclasses
import importlib
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from typing import Any, Literal

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import module_has_submodule

from lms.plugins import faults
from lms.plugins.config import PluginConfig, registries


@dataclass(frozen=True)
class Listed:
    """A plugin as operators see it.

    `state`: "installed" (in service), "failed" (a fault keeps it, or a part of it, out of
    service; `stage` and `reason` say which), "left out" (by the operator's settings).
    """

    name: str
    path: str
    state: Literal["installed", "failed", "left out"]
    title: str = ""
    summary: str = ""
    author: str = ""
    documentation: str = ""
    version: str = ""
    requires_api: str = ""
    stage: str = ""
    reason: str = ""
    built_in: bool = False
    registers: dict[str, list[str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The same for programs; translated texts in the language that is active."""
        return {
            name: str(value) if not isinstance(value, bool | dict) else value
            for name, value in dataclasses.asdict(self).items()
        }


def list_plugins() -> list[Listed]:
    """Every plugin that was found, in the order of start-up; those that were rejected last."""
    importlib.import_module(settings.ROOT_URLCONF)  # faults in urls.py show only when it is read
    failed = {fault.plugin: fault for fault in faults.faults()}
    listed = []
    for config in apps.get_app_configs():
        if not isinstance(config, PluginConfig):
            continue
        kind = type(config)
        fault = failed.get(config.name)
        listed.append(
            Listed(
                name=config.name,
                path=f"{kind.__module__}.{kind.__name__}",
                state="failed" if fault else "installed",
                title=str(config.verbose_name),
                summary=str(config.summary),
                author=config.author,
                documentation=config.documentation,
                version=version_of(config.name),
                requires_api=config.requires_api,
                stage=fault.stage if fault else "",
                reason=fault.reason if fault else "",
                built_in=is_built_in(f"{kind.__module__}.{kind.__name__}"),
                registers=registered_by(config),
            )
        )
    return listed + [_rejected(each.path, each.reason) for each in settings.LMS_PLUGINS.rejected]


def _rejected(path: str, reason: str) -> Listed:
    name = path.rsplit(".apps.", 1)[0]
    chosen = "LMS_PLUGINS_" in reason
    return Listed(
        name=name,
        path=path,
        state="left out" if chosen else "failed",
        version=version_of(name),
        stage="settings" if chosen else "discovery",
        reason=reason,
        built_in=is_built_in(path),
    )


def registered_by(config: PluginConfig) -> dict[str, list[str]]:
    """What the plugin added, by kind: {"activity_types": ["quizzes.quiz"], …, "urls": […]}."""
    found: dict[str, list[str]] = {}
    for each in dataclasses.fields(registries):
        registry = getattr(registries, each.name)
        keys = [item.key for item in registry if registry.owner_of(item.key) == config.name]
        if keys:
            found[each.name] = keys
    in_service = not faults.has_failed(config.name) and config.module is not None
    if in_service and module_has_submodule(config.module, "urls"):
        found["urls"] = [f"/x/{config.label}/"]
    return found


def is_built_in(path: str) -> bool:
    """Whether the plugin comes with the platform."""
    return path in settings.BUILT_IN_PLUGINS


@cache
def _distributions() -> dict[str, list[str]]:
    return {name: list(found) for name, found in packages_distributions().items()}


def version_of(name: str) -> str:
    """The version of the installed package that holds the module `name`; empty where none does."""
    for distribution in _distributions().get(name.partition(".")[0], []):
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return ""
