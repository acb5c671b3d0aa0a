from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from wagtail.models import (
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Site,
    WorkflowContentType,
    WorkflowPage,
)

from lms.people.services.roles import grant_role
from lms.people.tests.factories import CentreFactory, UserFactory
from modules.content.models import CataloguePage, LegalReference, PeerReviewTask
from modules.content.services.site import ensure_catalogue, ensure_site
from modules.content.tests.factories import make_course, make_lesson, registered

pytestmark = pytest.mark.django_db


def user_with(role: str):
    user = UserFactory()
    if role:
        centre = CentreFactory() if role == "centre_manager" else None
        grant_role(user=user, role=role, centre=centre)
    return type(user).objects.get(pk=user.pk)


def counts() -> list[int]:
    models = (Page, Group, GroupPagePermission, GroupCollectionPermission, WorkflowPage)
    through = Group.permissions.through
    return [each.objects.count() for each in (*models, PeerReviewTask, through)]


def test_catalogue_is_the_front_page_of_the_default_site():
    catalogue = ensure_catalogue()
    assert Site.objects.get(is_default_site=True).root_page_id == catalogue.pk
    assert (catalogue.live, catalogue.locale.language_code) == (True, "vi")


def test_page_that_came_with_wagtail_is_gone():
    ensure_catalogue()
    below_root = Page.get_first_root_node().get_children().specific()
    assert [type(page) for page in below_root] == [CataloguePage, CataloguePage]


def test_front_page_that_somebody_wrote_stays():
    site = Site.objects.get(is_default_site=True)
    written = site.root_page
    written.add_child(instance=Page(title="Của tác giả"))
    ensure_catalogue()
    assert Page.objects.filter(pk=written.pk).count() == 1


def test_english_catalogue_is_its_translation():
    catalogue = ensure_catalogue()
    english = CataloguePage.objects.get(locale__language_code="en")
    assert english.translation_key == catalogue.translation_key
    assert english.live


def test_second_call_adds_nothing():
    ensure_site()
    before = counts()
    ensure_site()
    assert counts() == before


def test_front_page_that_an_administrator_chose_stays():
    ensure_site()
    other = Page.get_first_root_node().add_child(instance=Page(title="Trang khác"))
    Site.objects.update(root_page=other)
    ensure_site()
    assert Site.objects.get().root_page_id == other.pk


def test_workflow_that_an_administrator_chose_stays():
    catalogue = ensure_site()
    own = WorkflowPage.objects.get(page=catalogue).workflow
    other = type(own).objects.create(name="Quy trình khác")
    WorkflowPage.objects.filter(page=catalogue).update(workflow=other)
    ensure_site()
    assert WorkflowPage.objects.get(page=catalogue).workflow == other


def test_lessons_are_under_the_review_by_somebody_else():
    ensure_site()
    lesson = make_lesson(make_course())
    (task,) = lesson.get_workflow().tasks.specific()
    assert isinstance(task, PeerReviewTask)
    names = sorted(task.groups.values_list("name", flat=True))
    assert names == ["centre_manager", "reviewer"]


def test_activities_of_an_installed_type_are_under_the_review():
    with registered() as plain:
        ensure_site()
        types = WorkflowContentType.objects.values_list("content_type__model", flat=True)
        assert plain.model._meta.model_name in types


# Nobody but administrators publishes as such: everybody else's pages go out by approval.
@pytest.mark.parametrize(
    ("role", "may_add", "may_edit", "may_publish", "may_delete"),
    [
        ("", False, False, False, False),
        ("learner", False, False, False, False),
        ("observer", False, False, False, False),
        ("instructor", True, True, False, False),
        ("reviewer", False, True, False, False),
        ("centre_manager", True, True, False, False),
        ("administrator", True, True, True, True),
    ],
)
def test_role_may_do_with_pages(role, may_add, may_edit, may_publish, may_delete):
    ensure_site()
    course = make_course()
    lesson = make_lesson(course)
    user = user_with(role)
    on_module = lesson.get_parent().permissions_for_user(user)
    on_lesson = lesson.permissions_for_user(user)
    assert (
        on_module.can_add_subpage(),
        on_lesson.can_edit(),
        on_lesson.can_publish(),
        on_lesson.can_delete(),
    ) == (may_add, may_edit, may_publish, may_delete)


@pytest.mark.parametrize(
    ("role", "verbs"),
    [
        ("learner", set()),
        ("instructor", {"view", "add", "change"}),
        ("reviewer", {"view", "change"}),
        ("centre_manager", {"view", "add", "change"}),
        ("administrator", {"view", "add", "change", "delete"}),
    ],
)
def test_role_may_do_with_legal_references(role, verbs):
    ensure_site()
    user = user_with(role)
    name = LegalReference._meta.model_name
    held = {
        verb
        for verb in ("view", "add", "change", "delete")
        if user.has_perm(f"content.{verb}_{name}")
    }
    assert held == verbs


@pytest.mark.parametrize(
    ("role", "may_enter"),
    [("learner", False), ("instructor", True), ("reviewer", True)],
)
def test_role_may_enter_the_admin(client, role, may_enter):
    ensure_site()
    user = user_with(role)
    client.force_login(user)
    assert client.get("/admin/").status_code == (200 if may_enter else 302)
