"""Finds plugins before Django starts, and leaves out those that cannot run.

Only the config class of a plugin is imported here, so a plugin that is broken further in is
still found; what it breaks is contained later (see `config`).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from lms.plugins import API_VERSION, faults

GROUP = "lms.plugins"
# Labels of the platform and of what it stands on: an app of the same label stops start-up.
TAKEN = (
    *("plugins", "people", "content", "learning", "web", "admin", "auth", "contenttypes"),
    *("sessions", "messages", "staticfiles", "humanize", "account", "mfa", "csp", "taggit"),
    *("modelcluster", "django_tasks", "django_tasks_database"),
)


@dataclass(frozen=True)
class Rejected:
    """A plugin that was found and not installed, by dotted path of its config, and why."""

    path: str
    reason: str


@dataclass
class Discovered:
    """`apps` goes into INSTALLED_APPS as it stands; `rejected` is shown on the health page."""

    apps: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def discover(
    built_in: Iterable[str],
    *,
    allowed: Iterable[str] | None = None,
    disabled: Iterable[str] = (),
    found: Iterable[EntryPoint] | None = None,
) -> Discovered:
    """The plugins to install: `built_in` paths first, then entry points of group `lms.plugins`.

    `allowed` (None: all) and `disabled` name config paths (`pkg.apps:Config` or with a dot) or
    top-level package names. A plugin whose config cannot be imported, or whose `requires_api`
    does not admit API_VERSION, is rejected with the reason and never raises.
    """
    result = Discovered()
    allow = None if allowed is None else {_dotted(name) for name in allowed}
    deny = {_dotted(name) for name in disabled}
    labels = dict.fromkeys(TAKEN, "the platform")
    third_party = entry_points(group=GROUP) if found is None else found
    for path in (*built_in, *sorted(_dotted(point.value) for point in third_party)):
        names = {path, path.rsplit(".apps.", 1)[0], path.split(".", 1)[0]}
        if path in result.apps:
            continue
        if names & deny:
            result.rejected.append(Rejected(path, "disabled by LMS_PLUGINS_DISABLED"))
        elif allow is not None and not names & allow and path not in built_in:
            result.rejected.append(Rejected(path, "not in LMS_PLUGINS_ALLOWED"))
        elif reason := _why_not(path, labels):
            result.rejected.append(Rejected(path, reason))
            faults.report(path.rsplit(".apps.", 1)[0], "discovery", reason)
        else:
            result.apps.append(path)
    return result


def _dotted(value: str) -> str:
    return value.replace(":", ".").strip()


def _why_not(path: str, labels: dict[str, str]) -> str:
    """Why the plugin cannot be installed; if it can, empty, and its label is entered."""
    module_name, _, class_name = path.rpartition(".")
    try:
        config = getattr(importlib.import_module(module_name), class_name)
        wanted = SpecifierSet(config.requires_api)
        importlib.import_module(config.name)
        label = getattr(config, "label", config.name.rpartition(".")[2])
    except InvalidSpecifier as error:
        return f"requires_api is not a version specifier: {error}"
    except Exception as error:  # noqa: BLE001 -- a plugin that cannot be imported must not stop us
        return f"{type(error).__name__}: {error}"
    if not wanted.contains(API_VERSION):
        return f"needs plugin API {wanted}, this platform has {API_VERSION}"
    if label in labels or label.startswith("wagtail"):
        return f"its label {label!r} is taken by {labels.get(label, 'the platform')}"
    labels[label] = path
    return ""
