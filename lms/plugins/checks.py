"""System checks: plugins that were left out or failed, and what the types themselves report."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from lms.plugins import faults
from lms.plugins.config import registries
from lms.plugins.guard import PluginFailure, guard


@register("lms.plugins")
def plugin_faults(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """A warning for each plugin that is out of service, so that `check` shows it."""
    importlib.import_module(settings.ROOT_URLCONF)  # faults in urls.py show only when it is read
    for fault in faults.faults():
        yield Warning(
            f"plugin {fault.plugin} is out of service ({fault.stage}): {fault.reason}",
            hint="Mend it, or name it in LMS_PLUGINS_DISABLED.",
            id="plugins.W001",
        )


@register("lms.plugins")
def activity_type_checks(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """What each activity type says of itself, and an error where it lacks what is required."""
    for activity_type in registries.activity_types:
        model = getattr(activity_type, "model", None)
        if model is None:
            yield Error(f"activity type {activity_type.key} names no model", id="plugins.E001")
        try:
            with guard(activity_type.key, "check", writes=False):
                yield from list(activity_type.check())
        except PluginFailure as failure:
            yield Error(f"{failure}: {failure.__cause__}", id="plugins.E002")
