"""Sets the site up: languages, catalogue, what each role may do in the admin, the workflow.

Everything here can be called again and again; it adds what is missing and takes nothing away, so
what an administrator changed since stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext, override
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    Site,
    Workflow,
    WorkflowContentType,
    WorkflowMixin,
    WorkflowPage,
    WorkflowTask,
)
from wagtail.snippets.models import get_snippet_models

from lms.people.models import Role
from lms.plugins.config import registries
from modules.content.models import Activity, CataloguePage, LegalReference, PeerReviewTask

VIETNAMESE, ENGLISH = "vi", "en"
AUTHORS = (Role.INSTRUCTOR, Role.REVIEWER, Role.CENTRE_MANAGER, Role.ADMINISTRATOR)
APPROVERS = (Role.REVIEWER, Role.CENTRE_MANAGER)

# Nobody but administrators may publish as such: pages of all others go out by approval, which
# asks for no permission to publish. With that permission one could publish one's own work.
PAGES = {
    Role.INSTRUCTOR: ("add", "change"),
    Role.REVIEWER: ("change",),
    Role.CENTRE_MANAGER: ("add", "change"),
    Role.ADMINISTRATOR: ("add", "change", "publish", "lock", "unlock", "bulk_delete"),
}
MODELS = {
    Role.INSTRUCTOR: ("view", "add", "change"),
    Role.REVIEWER: ("view", "change"),
    Role.CENTRE_MANAGER: ("view", "add", "change"),
    Role.ADMINISTRATOR: ("view", "add", "change", "delete", "publish", "lock", "unlock"),
}
FILES = {
    Role.INSTRUCTOR: ("add", "choose"),
    Role.REVIEWER: ("choose",),
    Role.CENTRE_MANAGER: ("add", "change", "choose"),
    Role.ADMINISTRATOR: ("add", "change", "choose", "delete"),
}
ADMINISTRATORS_OWN = ("wagtailcore", "wagtailredirects")  # sites, languages, workflows, redirects
FILE_MODELS = ("wagtailimages.Image", "wagtaildocs.Document")


@transaction.atomic
def ensure_site() -> CataloguePage:
    """The Vietnamese catalogue, with everything around it in place."""
    catalogue = ensure_catalogue()
    catalogues = list(CataloguePage.objects.filter(translation_key=catalogue.translation_key))
    ensure_permissions(catalogues)
    ensure_workflow(catalogues)
    return catalogue


@transaction.atomic
def ensure_catalogue() -> CataloguePage:
    """The Vietnamese catalogue at the root of the default site; its English translation too."""
    vietnamese = Locale.objects.get_or_create(language_code=VIETNAMESE)[0]
    english = Locale.objects.get_or_create(language_code=ENGLISH)[0]
    catalogue: CataloguePage | None = CataloguePage.objects.filter(locale=vietnamese).first()
    if catalogue is None:
        catalogue = CataloguePage(title="Khóa học", slug="khoa-hoc", locale=vietnamese)
        _add_to_root(catalogue)
        _make_front_page(catalogue)
    if not catalogue.has_translation(english):
        translation = CataloguePage(
            title="Courses",
            slug="courses",
            locale=english,
            translation_key=catalogue.translation_key,
        )
        _add_to_root(translation)
    return catalogue


def _add_to_root(page: CataloguePage) -> None:
    page.live = False
    Page.get_first_root_node().add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()


def _make_front_page(catalogue: CataloguePage) -> None:
    site = Site.objects.filter(is_default_site=True).first()
    if site is None:
        site = Site(is_default_site=True)
    address = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    site.hostname = address.hostname or "localhost"
    site.port = address.port or (443 if address.scheme == "https" else 80)
    welcome = site.root_page if site.root_page_id else None
    site.root_page = catalogue.page_ptr
    site.site_name = "Hành Trang"
    site.save()
    # Only the page that came with Wagtail: a plain one, without children, that nobody wrote.
    if (
        welcome is not None
        and welcome.specific_class is Page
        and welcome.is_leaf()
        and welcome.owner_id is None
    ):
        Page.objects.get(pk=welcome.pk).delete()


# --- permissions ---------------------------------------------------------------------------------


@transaction.atomic
def ensure_permissions(catalogues: Iterable[Page]) -> None:
    """Give each role what it may do with pages, activities, references, images and documents."""
    groups = {role: Group.objects.get_or_create(name=role.value)[0] for role in AUTHORS}
    enter_admin = Permission.objects.get(
        content_type__app_label="wagtailadmin", codename="access_admin"
    )
    for group in groups.values():
        group.permissions.add(enter_admin)
    for page in catalogues:
        for role, verbs in PAGES.items():
            for permission in _permissions_of(Page, verbs):
                GroupPagePermission.objects.get_or_create(
                    group=groups[role], page_id=page.pk, permission=permission
                )
    for role, model, verbs in _model_rights():
        groups[role].permissions.add(*_permissions_of(model, verbs))
    everything = Permission.objects.filter(content_type__app_label__in=ADMINISTRATORS_OWN)
    groups[Role.ADMINISTRATOR].permissions.add(*everything)
    root = Collection.get_first_root_node()
    for name in FILE_MODELS:
        for role, verbs in FILES.items():
            for permission in _permissions_of(apps.get_model(name), verbs):
                GroupCollectionPermission.objects.get_or_create(
                    group=groups[role], collection=root, permission=permission
                )
    translate = Permission.objects.get(
        content_type__app_label="simple_translation", codename="submit_translation"
    )
    for role in (Role.INSTRUCTOR, Role.CENTRE_MANAGER, Role.ADMINISTRATOR):
        groups[role].permissions.add(translate)


def _model_rights() -> Iterator[tuple[Role, type[Model], tuple[str, ...]]]:
    """(role, model, verbs) for references, activities of all types, and what these are made of."""
    for role, verbs in MODELS.items():
        yield role, LegalReference, verbs
        yield role, Activity, verbs
    for activity_type in registries.activity_types:
        label = activity_type.model._meta.app_label
        parts = [model for model in get_snippet_models() if model._meta.app_label == label]
        for role, verbs in MODELS.items():
            may_write = role in APPROVERS or role.value in activity_type.permissions.author
            for model in {activity_type.model, *parts}:
                yield role, model, verbs if may_write else ("view",)


def _permissions_of(model: type[Model], verbs: Iterable[str]) -> list[Permission]:
    """The permissions for `verbs` that there are for `model`."""
    name = model._meta.model_name
    return list(
        Permission.objects.filter(
            content_type=ContentType.objects.get_for_model(model, for_concrete_model=False),
            codename__in=[f"{verb}_{name}" for verb in verbs],
        )
    )


# --- workflow ------------------------------------------------------------------------------------


@transaction.atomic
def ensure_workflow(catalogues: Iterable[Page]) -> Workflow:
    """The review by somebody else, on the pages below the catalogues and on all activities."""
    task = PeerReviewTask.objects.first()
    if task is None:
        with override(VIETNAMESE):
            task = PeerReviewTask.objects.create(name=gettext("Review by somebody else"))
        task.groups.set(Group.objects.filter(name__in=[role.value for role in APPROVERS]))
    link = WorkflowTask.objects.filter(task=task.task_ptr).select_related("workflow").first()
    if link is None:
        with override(VIETNAMESE):
            workflow = Workflow.objects.create(name=gettext("Review before publication"))
        WorkflowTask.objects.create(workflow=workflow, task=task.task_ptr, sort_order=0)
    else:
        workflow = link.workflow
    for page in catalogues:
        WorkflowPage.objects.get_or_create(page_id=page.pk, defaults={"workflow": workflow})
    for model in _reviewed_models():
        WorkflowContentType.objects.get_or_create(
            content_type=ContentType.objects.get_for_model(model),
            defaults={"workflow": workflow},
        )
    return workflow


def _reviewed_models() -> Iterator[type[Model]]:
    """Activities of all types, and what they are made of where it can be reviewed."""
    for activity_type in registries.activity_types:
        label = activity_type.model._meta.app_label
        yield activity_type.model
        for model in get_snippet_models():
            if (
                model._meta.app_label == label
                and model is not activity_type.model
                and issubclass(model, WorkflowMixin)
            ):
                yield model
