from __future__ import annotations

from django.apps import AppConfig


class FeedbackConfig(AppConfig):
    """What readers tell the authors, and what the authors answer."""

    name = "lms.feedback"
    label = "feedback"
