from __future__ import annotations

from django.apps import AppConfig


class LearningConfig(AppConfig):
    """The learner record: enrolments, attempts, the event spine and what is folded from it."""

    name = "lms.learning"
    label = "learning"
