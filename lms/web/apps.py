from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """What people see: catalogue, player, home, record, the instructor's view."""

    name = "lms.web"
    label = "web"

    def ready(self) -> None:
        from lms.web import decimals  # noqa: PLC0415 -- models are ready only now

        decimals.register()
