"""Framework events that make us derive outlines again. All receivers of this app are here."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.utils import timezone
from wagtail.models import WorkflowMixin
from wagtail.signals import (
    page_published,
    page_slug_changed,
    page_unpublished,
    post_page_move,
    published,
    unpublished,
)

from lms.plugins.config import registries
from modules.content.models import (
    Activity,
    CoursePage,
    LegalReference,
    LessonPage,
    ModulePage,
    Placement,
)
from modules.content.rendering import render_lesson
from modules.content.services.outlines import (
    derive_outline,
    derive_outline_of_page,
    derive_outlines_citing,
    placed_in,
)
from modules.content.services.reviews import review_newest_draft

COURSE_PAGES = (CoursePage, ModulePage, LessonPage)


def connect() -> None:
    """Connect every receiver, once."""
    page_published.connect(_page_published, dispatch_uid="content.page_published")
    page_unpublished.connect(_page_changed, dispatch_uid="content.page_unpublished")
    page_slug_changed.connect(_page_changed, dispatch_uid="content.page_slug_changed")
    post_page_move.connect(_page_moved, dispatch_uid="content.page_moved")
    for model in COURSE_PAGES:
        post_delete.connect(_page_deleted, sender=model, dispatch_uid=f"content.{model.__name__}")
    published.connect(_activity_changed, dispatch_uid="content.activity_published")
    unpublished.connect(_activity_changed, dispatch_uid="content.activity_unpublished")
    post_save.connect(
        _reference_saved, sender=LegalReference, dispatch_uid="content.reference_saved"
    )
    post_save.connect(_draft_saved, dispatch_uid="content.draft_saved")
    body = LessonPage._meta.get_field("body")
    registries.lesson_blocks.watch(body.add_block, body.remove_block)


def _page_published(sender: Any, instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, LessonPage):
        _publish_new_activities(instance)
    if isinstance(instance, COURSE_PAGES):
        derive_outline_of_page(instance)
    if isinstance(instance, LessonPage):
        # Rendering makes the sizes of its pictures, which is a write: do it now, so that the
        # first reader's GET does not.
        render_lesson(instance, timezone.localdate())


def _publish_new_activities(lesson: LessonPage) -> None:
    # Who approves a lesson approves the new activities in it. Later edits of an activity go
    # through a review of their own.
    ids = [activity_id for activity_id, _ in placed_in(lesson)]
    for activity in Activity.objects.filter(pk__in=ids, live=False, first_published_at=None):
        revision = activity.latest_revision
        if revision is not None:
            revision.publish()


def _page_changed(sender: Any, instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, COURSE_PAGES):
        derive_outline_of_page(instance)


def _page_moved(sender: Any, instance: Any, **kwargs: Any) -> None:
    # Wagtail sends the moved page as a plain Page, whatever kind it is.
    if isinstance(instance.specific, COURSE_PAGES):
        before, after = kwargs["parent_page_before"], kwargs["parent_page_after"]
        for page in {before.pk: before, after.pk: after, instance.pk: instance}.values():
            specific = page.specific
            if isinstance(specific, COURSE_PAGES):
                derive_outline_of_page(specific)


def _page_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, CoursePage):
        derive_outline(instance.translation_key)
        return
    course_path = instance.path[: CoursePage.steplen * 3]
    course = CoursePage.objects.filter(path=course_path).first()
    if course is not None:
        transaction.on_commit(lambda: derive_outline(course.translation_key))


def _activity_changed(sender: Any, instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, Activity):
        keys = Placement.objects.filter(activity_id=instance.pk).values_list(
            "outline__course_key", flat=True
        )
        for key in set(keys):
            derive_outline(key)


def _reference_saved(sender: Any, instance: LegalReference, **kwargs: Any) -> None:
    if not kwargs.get("created"):
        derive_outlines_citing(instance)


def _draft_saved(sender: Any, instance: Any, **kwargs: Any) -> None:
    # Wagtail notes a new draft at the thing itself, by a save of these few fields.
    noted = kwargs.get("update_fields") or ()
    if "latest_revision" in noted and isinstance(instance, WorkflowMixin):
        review_newest_draft(draft_of=instance)
