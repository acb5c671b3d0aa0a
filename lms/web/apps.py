from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """What people see: catalogue, player, home, record, the instructor's view."""

    name = "lms.web"
    label = "web"
