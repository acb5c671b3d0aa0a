"""What authors and reviewers do at their desks, as requests to the admin."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse
from wagtail.models import TaskState
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from lms.people.services.roles import grant_role
from lms.people.tests.factories import CentreFactory, UserFactory
from modules.content.blocks import TEXT
from modules.content.models import LessonPage


def signed_in(role: str) -> Client:
    """A browser in which somebody new with this role is signed in, as `client.user`."""
    user = UserFactory()
    centre = CentreFactory() if role == "centre_manager" else None
    grant_role(user=user, role=role, centre=centre)
    client = Client()
    client.force_login(user)
    client.user = user
    return client


def post(
    client: Client,
    lesson: LessonPage,
    *activities: Any,
    action: str = "",
    text: str | None = None,
    **fields: Any,
):
    """Send the editor's form for `lesson` as `client` would with the button `action`.

    `text`: what the rich text editor sends, where that is not what it makes of a stored text.
    """
    blocks = [("rich_text", text or rich_text("<p>Noi-dung-moi.</p>"))]
    blocks += [("activity", {"activity": str(each.pk), "required": "on"}) for each in activities]
    data = nested_form_data(
        {
            "title": "Bài đã sửa",
            "slug": lesson.slug,
            "code": lesson.code,
            "summary": lesson.summary,
            "objectives": lesson.objectives,
            "minutes": lesson.minutes,
            "periods": "0.5",
            "body": streamfield(blocks),
            "glossary": streamfield([]),
            "legal_references": inline_formset([]),
            "comments": inline_formset([]),
            **fields,
        }
    )
    if action:
        data[f"action-{action}"] = "1"
    url = reverse("wagtailadmin_pages:edit", args=[lesson.pk])
    return client.post(url, data, follow=True)


def approve(client: Client, lesson: LessonPage, state: TaskState | None = None):
    """Press "Approve" in the list of what waits for review; `state`: in a list of a while ago."""
    state = state or TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS).get()
    url = reverse("wagtailadmin_pages:workflow_action", args=[lesson.pk, "approve", state.pk])
    return client.post(url, {"comment": ""}, follow=True)


def title_of(lesson: LessonPage) -> str:
    """What learners see as the title."""
    return LessonPage.objects.get(pk=lesson.pk).title


def is_waiting() -> bool:
    """Whether anything waits for review."""
    return TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS).exists()


def approve_in_editor(client: Client, lesson: LessonPage, **fields: Any):
    """Press "Approve" in the editor, having loaded the draft and changed only `fields`."""
    draft = LessonPage.objects.get(pk=lesson.pk).get_latest_revision_as_object()
    texts = [child.value.source for child in draft.body if child.block_type == "rich_text"]
    loaded = {"title": draft.title, "text": rich_text(texts[0], features=TEXT)}
    chosen = {"workflow-action-name": "approve", **loaded, **fields}
    return post(client, lesson, action="workflow-action", **chosen)
