from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lms.plugins.config import PluginConfig, Registries


class TaskConfig(PluginConfig):
    """Workplace tasks, on the same contract that any plugin has."""

    name = "modules.activities.task"
    label = "task"
    verbose_name = _("Workplace tasks")
    summary = _("A checklist to carry out at work, with dates and a note of evidence.")
    author = "Hành Trang"

    def register(self, registries: Registries) -> None:
        """Add the task, and its panel on the home page."""
        from modules.activities.task.activity import TaskType  # noqa: PLC0415 -- models are ready now
        from modules.activities.task.panels import OpenTasks  # noqa: PLC0415 -- as above

        registries.activity_types.add(TaskType())
        registries.home_panels.add(OpenTasks())
