"""Mounts each plugin's `urls.py` at /x/<label>/. One plugin's fault leaves out its own only."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import module_has_submodule

from lms.plugins import faults
from lms.plugins.config import PluginConfig

PUBLIC = "is_public"  # an attribute of ours on views


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a plugin's view as open to visitors; all others ask people to sign in first."""
    setattr(view, PUBLIC, True)
    return view


def plugin_patterns() -> list[URLResolver]:
    """The URL patterns of all plugins that are in service."""
    found: list[URLResolver] = []
    for config in apps.get_app_configs():
        if not isinstance(config, PluginConfig) or faults.has_failed(config.name):
            continue
        if config.module is None or not module_has_submodule(config.module, "urls"):
            continue
        try:
            patterns = importlib.import_module(f"{config.name}.urls").urlpatterns
            patterns = [_protected(pattern) for pattern in patterns]
        except Exception as error:
            faults.report(config.name, "urls", error)
            if settings.LMS_PLUGINS_STRICT:
                raise
            continue
        found.append(path(f"{config.label}/", include((patterns, config.label))))
    return found


def _protected(pattern: Any) -> Any:
    if isinstance(pattern, URLResolver):
        for child in pattern.url_patterns:
            _protected(child)
    elif not isinstance(pattern, URLPattern):
        raise ImproperlyConfigured(f"{pattern!r} is not a URL pattern")
    elif not getattr(pattern.callback, PUBLIC, False):
        pattern.callback = login_required(pattern.callback)
    return pattern
