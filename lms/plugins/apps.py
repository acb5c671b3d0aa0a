from __future__ import annotations

from django.apps import AppConfig


class PluginsConfig(AppConfig):
    """The contract itself: no models, only checks and the `plugins` command."""

    name = "lms.plugins"
    label = "plugins"

    def ready(self) -> None:
        from lms.plugins import checks  # noqa: F401, PLC0415 -- registering checks needs settings
