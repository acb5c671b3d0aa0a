"""What this app adds to the Wagtail admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from lms.web.health import HealthView, may_see, retry


@hooks.register("register_admin_urls")  # type: ignore[untyped-decorator]  # Wagtail is untyped
def register_health_urls() -> list[URLPattern]:
    """The health page, and the button on it."""
    return [
        path("health/", HealthView.as_view(), name="web_health"),
        path("health/retry/", retry, name="web_health_retry"),
    ]


class HealthMenuItem(MenuItem):
    """Only in the menu of those who may see the page."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_see(request.user)


@hooks.register("register_settings_menu_item")  # type: ignore[untyped-decorator]  # as above
def register_health_menu_item() -> Any:
    """The health page among the settings."""
    return HealthMenuItem(
        HealthView.page_title,
        reverse_lazy("web_health"),
        name="health",
        icon_name=HealthView.header_icon,
        order=50,
    )
