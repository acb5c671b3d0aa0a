from __future__ import annotations

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """What is taught: courses, modules, lessons, activities and their legal bases."""

    name = "modules.content"
    label = "content"

    def ready(self) -> None:
        from modules.content import receivers  # noqa: PLC0415 -- models are ready only now

        receivers.connect()
