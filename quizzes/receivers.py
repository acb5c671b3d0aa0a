"""Framework events: what follows when something of ours is published or taken back."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from wagtail.signals import published, unpublished

from quizzes.contracts import question_types
from quizzes.models import Question, Quiz
from quizzes.services.citing import cite_for_questions, cite_for_quizzes_asking
from quizzes.services.versions import publish_new_questions, take_version, withdraw


def connect() -> None:
    """Connect every receiver, once."""
    published.connect(_published, dispatch_uid="quizzes.published")
    unpublished.connect(_unpublished, dispatch_uid="quizzes.unpublished")
    body = Question._meta.get_field("body")
    question_types.watch(body.add_kind, body.remove_kind)


def _published(sender: Any, instance: Any, **kwargs: Any) -> None:
    # Also sent for what is only scheduled: then it is not live yet.
    if not getattr(instance, "live", False):
        return
    if isinstance(instance, Question):
        revision = kwargs.get("revision")
        by_id = revision.user_id if revision is not None else None
        take_version(question=instance, at=timezone.now(), by_id=by_id)
        cite_for_quizzes_asking(question=instance)
    elif isinstance(instance, Quiz):
        publish_new_questions(quiz=instance)
        cite_for_questions(quiz=instance)


def _unpublished(sender: Any, instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, Question):
        withdraw(question=instance, at=timezone.now())
        cite_for_quizzes_asking(question=instance)
