"""Authors, reviewers and managers meet no English in the Vietnamese administration.

Three ways of looking, since English comes in three ways: a message that gettext is asked for and
has no answer to; a text that nobody asked gettext for; a name that Django or Wagtail makes up from
Python names because nobody gave one.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, override
from PIL import Image as Picture
from wagtail.blocks import Block, ListBlock, StreamBlock, StructBlock
from wagtail.documents import get_document_model
from wagtail.fields import StreamField
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.snippets.models import get_snippet_models

from lms.people.models import User
from lms.people.roles import Role
from lms.people.services.roles import grant_role
from lms.people.tests.factories import CentreFactory, UserFactory
from lms.plugins.config import registries
from lms.web.catalogues.files import entries, entry_key, load
from lms.web.catalogues.packages import package_folders
from lms.web.catalogues.sources import app_sources
from modules.content.models import CoursePage, LegalReference, LessonPage, ModulePage
from modules.content.services.site import ensure_site
from modules.content.tests.factories import make_course, make_reference
from tests.flows.letters import VIETNAMESE

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

AUTHORS = [Role.INSTRUCTOR, Role.REVIEWER, Role.CENTRE_MANAGER, Role.ADMINISTRATOR]

#: English that no catalogue can reach, each with the reason.
OUT_OF_REACH = {
    "Courses": "the title of the English catalogue page, which its authors write",
    "Root page": "Wagtail's list of sites, for administrators only, makes it of a Python name",
}

# Words that an English label or sentence has and a Vietnamese one does not.
_ENGLISH = re.compile(
    r"(?<![\w.-])(the|of|this|your|you|and|with|has|have|are|is|was|been|for|from|not|or|pages?|"
    r"add|edit|delete|save|search|choose|select|users?|images?|documents?|title|type|status|date|"
    r"courses?|modules?|lessons?|activity|activities|quiz|questions?|learners?|instructors?|"
    r"reviewers?|managers?|officers?|observers?|administrators?)"
    r"(?![\w-]|\.\w)",
    re.IGNORECASE,
)
ENGLISH_CONTROLS = "en/LC_MESSAGES/djangojs.po"
_SPOKEN = ("title", "alt", "placeholder", "aria-label", "aria-description")


class Texts(HTMLParser):
    """What people see or hear of a page, and the links in it."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.links: list[str] = []
        self._silent = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style", "code")
        for name, value in attrs:
            if value and name in _SPOKEN:
                self.texts.append(value)
            elif value and name in ("href", "data-url", "data-chooser-url", "action", "src"):
                self.links.append(urlsplit(value)._replace(fragment="").geturl())

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "code")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(" ".join(data.split()))

    def english(self) -> set[str]:
        """The texts that are plainly English."""
        found = {text for text in self.texts if _ENGLISH.search(text)}
        return {text for text in found if not VIETNAMESE.search(text)} - set(OUT_OF_REACH)


def walk(
    client: Client, start: list[str], unanswered: list[str], *, follow: bool
) -> tuple[set[str], list[str]]:
    """Visit the addresses and, with `follow`, all that they link to inside the administration.

    Returns the addresses seen and what was English there. Of addresses that differ in numbers and
    in values of the query only, one is visited: the screens are the same.
    """
    seen, found = set(), []
    todo, shapes = list(start), {_shape(address) for address in start}
    while todo:
        address = todo.pop(0)
        response = client.get(address)
        assert response.status_code < 500, f"{address}: {response.status_code}"
        if response.status_code != 200 or response.streaming:
            continue
        seen.add(address)
        texts = Texts(_html(response))
        found += [f"{address}: no Vietnamese for {text!r}" for text in unanswered]
        found += [f"{address}: English text {text!r}" for text in texts.english()]
        unanswered.clear()
        for link in texts.links if follow else ():
            if _is_admin_screen(link) and _shape(link) not in shapes:
                shapes.add(_shape(link))
                todo.append(link)
    return seen, found


def _shape(address: str) -> tuple[str, frozenset[str]]:
    parts = urlsplit(address)
    return re.sub(r"\d+", "N", parts.path), frozenset(parse_qs(parts.query))


def _html(response: object) -> str:
    kind = response["Content-Type"].split(";")[0]
    if kind == "application/json":
        answer = json.loads(response.content)
        return str(answer.get("html", "")) if isinstance(answer, dict) else ""
    return response.content.decode() if kind == "text/html" else ""


def _is_admin_screen(link: str) -> bool:
    if not link.startswith(reverse("wagtailadmin_home")):
        return False
    # Previews show the learner's page; exports and scripts are no screens; bulk actions need a
    # choice first.
    return not re.search(r"/(logout|sprite|jsi18n|preview|view_draft|view|api|bulk)/|export=", link)


@pytest.fixture
def lesson() -> Page:
    """A lesson under review in a course, a picture, a document: something on every screen."""
    ensure_site()
    course = make_course(modules=1, lessons=2, title="Kỹ năng lãnh đạo")
    make_reference()
    author = make_user(Role.INSTRUCTOR)
    image = io.BytesIO()
    Picture.new("RGB", (8, 8)).save(image, "PNG")
    get_image_model().objects.create(
        title="Ảnh bìa", file=ContentFile(image.getvalue(), "a.png"), uploaded_by_user=author
    )
    get_document_model().objects.create(
        title="Mẫu biên bản", file=ContentFile(b"a", "a.txt"), uploaded_by_user=author
    )
    lesson = LessonPage.objects.descendant_of(course).first()
    lesson.title = "Bài đang soạn"
    lesson.save_revision(user=author, log_action=True, changed=True)
    lesson.get_workflow().start(lesson, author)
    return lesson


def make_user(role: Role) -> User:
    """An account with the role, granted as the platform grants it."""
    user = UserFactory()
    centre = CentreFactory() if role == Role.CENTRE_MANAGER else None
    grant_role(user=user, role=role, centre=centre)
    return user


def addresses(lesson: Page) -> list[str]:
    """The screens that authors and managers surely meet; the rest is found through their links."""
    module = lesson.get_parent()
    course = module.get_parent()
    pages = [course.get_parent(), course, module, lesson]
    found = [
        reverse(name)
        for name in (
            "wagtailadmin_home",
            "wagtailadmin_account",
            "wagtailadmin_explore_root",
            "wagtailadmin_choose_page",
            "wagtailadmin_choose_page_external_link",
            "wagtailadmin_choose_page_email_link",
            "wagtailadmin_choose_page_phone_link",
            "wagtailadmin_choose_page_anchor_link",
            "wagtailimages_chooser:choose",
            "wagtaildocs_chooser:choose",
            "wagtailembeds:chooser",
        )
    ]
    found += [reverse("wagtailadmin_explore", args=[page.pk]) for page in pages]
    found += [reverse("wagtailadmin_pages:edit", args=[page.pk]) for page in pages[1:]]
    found += [reverse("wagtailadmin_pages:history", args=[lesson.pk])]
    for model in (LegalReference, *(kind.model for kind in registries.activity_types)):
        if hasattr(model, "snippet_viewset"):
            found.append(reverse(model.snippet_viewset.get_url_name("list")))
    return found


def adding(lesson: Page, role: Role) -> list[str]:
    """The screens for something new, for those who may add."""
    if role == Role.REVIEWER:
        return []
    module = lesson.get_parent()
    course = module.get_parent()
    parents = [
        (course.get_parent(), CoursePage),
        (course, ModulePage),
        (module, LessonPage),
    ]
    return [
        reverse("wagtailadmin_pages:add", args=["content", model._meta.model_name, parent.pk])
        for parent, model in parents
    ] + [
        reverse(f"{library}:{screen}")
        for library in ("wagtailimages", "wagtaildocs")
        for screen in ("index", "add_multiple")
    ]


@pytest.mark.parametrize("role", AUTHORS)
def test_admin_in_vietnamese_shows_no_english(
    role: Role, lesson: Page, client: Client, unanswered: list[str]
) -> None:
    client.force_login(make_user(role))
    must = [*addresses(lesson), *adding(lesson, role)]
    seen, found = walk(client, must, unanswered, follow=False)
    assert "\n".join(found) == ""
    assert set(must) - seen == set()


@pytest.mark.parametrize("role", [Role.CENTRE_MANAGER, Role.ADMINISTRATOR])
def test_admin_in_vietnamese_followed_link_by_link_shows_no_english(
    role: Role, lesson: Page, client: Client, unanswered: list[str]
) -> None:
    """Between them these two meet every screen that the others meet."""
    client.force_login(make_user(role))
    start = [reverse("wagtailadmin_home"), *addresses(lesson)]
    if role == Role.ADMINISTRATOR:
        names = ("locked_pages", "workflow", "site_history", "aging_pages", "page_types_usage")
        start += [reverse(f"wagtailadmin_reports:{name}") for name in names]
    seen, found = walk(client, start, unanswered, follow=True)
    assert "\n".join(found) == ""
    assert len(seen) > len(start)


@pytest.mark.parametrize("name", ["account_login", "account_logout", "account_change_password"])
def test_account_pages_in_vietnamese_show_no_english(
    name: str, client: Client, lesson: Page, unanswered: list[str]
) -> None:
    if name != "account_login":
        client.force_login(make_user(Role.INSTRUCTOR))
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert (unanswered, Texts(response.content.decode()).english()) == ([], set())


def test_admin_in_vietnamese_wrong_form_is_answered_in_vietnamese(
    lesson: Page, client: Client, unanswered: list[str]
) -> None:
    client.force_login(make_user(Role.INSTRUCTOR))
    catalogue = lesson.get_parent().get_parent().get_parent()
    address = reverse("wagtailadmin_pages:add", args=["content", "coursepage", catalogue.pk])
    comments = {"comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    response = client.post(address, {"title": "", "intro": "null", **comments})
    assert response.status_code == 200
    assert "Trường này là bắt buộc." in response.content.decode()
    assert (unanswered, Texts(response.content.decode()).english()) == ([], set())


def test_admin_scripts_speak_vietnamese(client: Client) -> None:
    """The editor's own controls are written in JavaScript and ask this catalogue."""
    script = client.get(reverse("wagtailadmin_javascript_catalog")).content.decode()
    catalog = json.loads(re.search(r"newcatalog = (\{.*?\n  \});", script, re.DOTALL)[1])
    assert catalog["Insert a block"] == "Chèn khối"
    english = {
        entry_key(entry)[1]
        for entry in entries(load(package_folders()["wagtail.admin"] / ENGLISH_CONTROLS, "en"))
    }
    assert english - set(catalog) == set()


def test_unanswered_message_and_english_text_are_noticed(unanswered: list[str]) -> None:
    """The two nets of the walk catch what they are for."""
    with override("vi"):
        for message in ("Never translated", "Save", "Lời của tác giả"):
            gettext(message)
        ngettext("%(n)s never translated", "%(n)s never translated", 2)
    assert unanswered == ["Never translated", "%(n)s never translated"]
    page = '<p title="Delete it">Lưu</p><script>the code</script><p>Add a page</p><p>Xem</p>'
    assert Texts(page).english() == {"Delete it", "Add a page"}


def our_models() -> list[type[models.Model]]:
    """Our models that the administration has screens for."""
    ours = {source.label for source in app_sources()}
    shown = [model for model in apps.get_models() if issubclass(model, Page)]
    return [m for m in [*shown, *get_snippet_models()] if m._meta.app_label in ours]


def test_models_of_the_admin_have_names_to_translate() -> None:
    """Without `verbose_name` Django makes an English name of the Python one."""
    nameless = set()
    for model in our_models():
        if not isinstance(model._meta.verbose_name, Promise):
            nameless.add(model._meta.label)
        for field in model._meta.local_fields:
            if not field.editable or field.auto_created or isinstance(field, models.OneToOneField):
                continue
            if not isinstance(field.verbose_name, Promise):
                nameless.add(str(field))
            for _value, label in field.choices or ():
                if not isinstance(label, Promise):
                    nameless.add(f"{field}: {label}")
    assert nameless == set()


def test_blocks_of_the_admin_have_names_to_translate() -> None:
    """Without `label` Wagtail makes an English label of the Python name."""
    nameless = {
        f"{model._meta.label}: {block.definition_prefix} {block.name}"
        for model in our_models()
        for field in model._meta.local_fields
        if isinstance(field, StreamField)
        for block in _blocks(field.stream_block)
        if block.name and not isinstance(block.label, Promise)
    }
    assert nameless == set()


def _blocks(block: Block) -> Iterator[Block]:
    yield block
    if isinstance(block, (StreamBlock, StructBlock)):
        for child in block.child_blocks.values():
            yield from _blocks(child)
    elif isinstance(block, ListBlock):
        yield from _blocks(block.child_block)
