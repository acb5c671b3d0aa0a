"""The health of the site for its administrators: plugins, deliveries, marking, what is missing."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.auth import permission_denied
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from lms.learning.models import Attempt, Delivery
from lms.learning.services.delivering import retry_dead
from lms.people.rights import rights_of
from lms.plugins import API_VERSION
from lms.plugins.config import registries
from lms.plugins.listing import Listed, list_plugins

SHOWN = 20
LATE = dt.timedelta(hours=1)  # what is due longer than that waits for a command that does not run


@dataclass(frozen=True)
class SinkHealth:
    """How deliveries to one sink stand."""

    key: str
    is_installed: bool
    waiting: int
    failed: int
    dead: int
    oldest: dt.datetime | None
    last_error: str

    @property
    def is_well(self) -> bool:
        """Nothing was refused, nothing given up."""
        return self.is_installed and not self.failed and not self.dead


@dataclass(frozen=True)
class Database:
    """The engine that holds the record."""

    engine: str
    version: str
    name: str


def may_see(user: Any) -> bool:
    """Administrators only: the page shows errors with what they contain."""
    return bool(user.is_superuser or rights_of(user).is_administrator)


def refused(request: HttpRequest) -> HttpResponse:
    """The admin's answer to people who may not see something."""
    answer: HttpResponse = permission_denied(request)
    return answer


class HealthView(WagtailAdminTemplateMixin, TemplateView):
    """Everything on one page; reads only."""

    page_title = gettext_lazy("Health of the site")
    header_icon = "view"
    template_name = "web/admin/health.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_see(request.user):
            return refused(request)
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        context: dict[str, Any] = super().get_context_data(**kwargs)
        plugins = list_plugins()
        sinks = sink_health()
        return context | {
            "api_version": API_VERSION,
            "plugins": [
                {
                    "plugin": each,
                    "state": STATES[each.state],
                    "adds": [(KINDS[kind], keys) for kind, keys in each.registers.items()],
                }
                for each in plugins
            ],
            "faulty": [each for each in plugins if each.state == "failed"],
            "sinks": sinks,
            "dead_letters": dead_letters(),
            "dead_total": sum(sink.dead for sink in sinks),
            "unmarked": unmarked(),
            "unmarked_total": Attempt.objects.exclude(grading_due=None).count(),
            "database": database(),
            "missing": missing(now, plugins),
        }


STATES = {
    "installed": gettext_lazy("in service"),
    "failed": gettext_lazy("out of service"),
    "left out": gettext_lazy("left out by the settings"),
}
KINDS = {
    "activity_types": gettext_lazy("Activity types"),
    "event_sinks": gettext_lazy("Receivers of events"),
    "lesson_blocks": gettext_lazy("Blocks of lessons"),
    "home_panels": gettext_lazy("Panels of the home page"),
    "search_sources": gettext_lazy("Sources of search"),
    "chores": gettext_lazy("Daily chores"),
    "urls": gettext_lazy("Addresses"),
}


@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Try dead letters again: those of one sink, or all."""
    if not may_see(request.user):
        return refused(request)
    number = retry_dead(sink_key=request.POST.get("sink", ""))
    text = ngettext(
        "%(count)d delivery will be tried again.",
        "%(count)d deliveries will be tried again.",
        number,
    )
    messages.success(request, text % {"count": number})
    return redirect("web_health")


def sink_health() -> list[SinkHealth]:
    """Each sink that is installed or still has something to get, by key."""
    open_ = ~Q(state=Delivery.State.DONE)
    waiting = Q(state=Delivery.State.WAITING)
    counted: dict[str, dict[str, Any]] = {
        row["sink_key"]: dict(row)
        for row in Delivery.objects.filter(open_)
        .values("sink_key")
        .annotate(
            waiting=Count("pk", filter=waiting),
            failed=Count("pk", filter=waiting & Q(attempts__gt=0)),
            dead=Count("pk", filter=Q(state=Delivery.State.DEAD)),
            oldest=Min("event__recorded_at"),
            newest_failure=Max("pk", filter=Q(attempts__gt=0)),
        )
    }
    failures = [row["newest_failure"] for row in counted.values() if row["newest_failure"]]
    errors = dict(Delivery.objects.filter(pk__in=failures).values_list("sink_key", "last_error"))
    keys = {*counted, *(sink.key for sink in registries.event_sinks)}
    return [
        SinkHealth(
            key=key,
            is_installed=key in registries.event_sinks,
            waiting=counted.get(key, {}).get("waiting", 0),
            failed=counted.get(key, {}).get("failed", 0),
            dead=counted.get(key, {}).get("dead", 0),
            oldest=counted.get(key, {}).get("oldest"),
            last_error=errors.get(key, ""),
        )
        for key in sorted(keys)
    ]


def dead_letters() -> list[Delivery]:
    """The newest deliveries that were given up."""
    return list(Delivery.objects.dead().select_related("event").order_by("-pk")[:SHOWN])


def unmarked() -> list[Attempt]:
    """Attempts that were handed in and that their type failed to mark; the oldest first."""
    waiting = Attempt.objects.exclude(grading_due=None).select_related("activity")
    return list(waiting.order_by("submitted_at")[:SHOWN])


def database() -> Database:
    """Which engine runs, and which version of it."""
    version = connection.get_database_version()
    name = str(connection.settings_dict["NAME"])
    return Database(
        engine=connection.display_name,
        version=".".join(str(part) for part in version),
        name=Path(name).name if connection.vendor == "sqlite" else name,
    )


def missing(now: dt.datetime, plugins: list[Listed]) -> list[str]:
    """What an operator still has to do, in words."""
    found = []
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = ", ".join(f"{step.app_label}.{step.name}" for step, _backwards in plan[:5])
        found.append(
            _("Migrations have not run: %(names)s. Run manage.py migrate.") % {"names": names}
        )
    late = now - LATE
    if (
        Delivery.objects.due(late).exists()
        or Attempt.objects.filter(grading_due__lte=late).exists()
    ):
        found.append(
            _(
                "Deliveries or marks are due for more than an hour. Have manage.py tick run every"
                " minute."
            )
        )
    if not os.access(settings.MEDIA_ROOT, os.W_OK):
        found.append(_("Files cannot be stored: the media folder is missing or read-only."))
    if uncompiled := uncompiled_catalogues():
        found.append(
            _("Translations are not compiled: %(apps)s. Run manage.py messages compile.")
            % {"apps": ", ".join(uncompiled)}
        )
    if settings.DEBUG:
        found.append(_("DEBUG is on: visitors would see the inside of the site with every error."))
    known = {fault.reason for fault in plugins if fault.reason}
    for check in run_checks(tags=["lms.plugins"]):
        if check.level >= WARNING and not any(reason in str(check.msg) for reason in known):
            found.append(str(check.msg))
    return found


def uncompiled_catalogues() -> list[str]:
    """The labels of the apps of this project whose Vietnamese catalogue was not compiled."""
    found = []
    for config in apps.get_app_configs():
        if not Path(config.path).is_relative_to(settings.BASE_DIR):
            continue
        source = Path(config.path) / "locale" / "vi" / "LC_MESSAGES" / "django.po"
        if source.exists() and not source.with_suffix(".mo").exists():
            found.append(config.label)
    return found
