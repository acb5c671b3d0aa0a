from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register


class OperationsConfig(AppConfig):
    """What whoever runs the site needs: backup, restore, doctor. No models."""

    name = "lms.operations"
    label = "operations"

    def ready(self) -> None:
        from lms.operations.safety import check_safety  # noqa: PLC0415 -- models are ready now

        register(check_safety, Tags.security, deploy=True)
