"""Help and contact pages as people reach them."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from lms.people.tests.factories import RoleGrantFactory
from modules.content.curriculum.loader import load_help
from modules.content.models import ContactPage, HelpPage

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages() -> None:
    load_help(root=settings.BASE_DIR / "modules" / "curriculum")


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("/go/help/", "/tro-giup/"),
        ("/en/go/help/", "/en/help/"),
        ("/go/contact/", "/lien-he/"),
        ("/en/go/contact/", "/en/contact/"),
    ],
)
def test_fixed_address_leads_to_the_page_of_the_language(
    client: Client, pages: None, asked: str, shown: str
) -> None:
    response = client.get(asked, follow=True)
    assert ([url for url, _ in response.redirect_chain], response.status_code) == ([shown], 200)
    page = response.content.decode()
    assert page.count('hreflang="') >= 1
    for code, other in (("vi", {"/en/help/": "/tro-giup/"}), ("en", {"/tro-giup/": "/en/help/"})):
        if shown in other:
            assert f'hreflang="{code}" href="{other[shown]}"' in page


def test_help_lists_its_parts_and_these_lead_back(client: Client, pages: None) -> None:
    page = client.get("/tro-giup/").content.decode()
    for slug in ("nguoi-hoc", "giang-vien", "nguoi-quan-ly"):
        assert f'href="/tro-giup/{slug}/"' in page
        assert 'href="/tro-giup/"' in client.get(f"/tro-giup/{slug}/").content.decode()


def test_contact_page_shows_what_the_centre_wrote(client: Client, pages: None) -> None:
    page = ContactPage.objects.get(locale__language_code="vi")
    assert "<dl" not in client.get("/lien-he/").content.decode()
    page.postal_address, page.phone, page.hours = "Số 1, xã Suối Vân", "0250 123", "Thứ Hai"
    page.save_revision().publish()
    shown = client.get("/lien-he/").content.decode()
    assert [text in shown for text in (page.postal_address, page.phone, page.hours)] == [True] * 3
    edit = f"/admin/pages/{page.pk}/edit/"
    assert edit not in shown
    client.force_login(RoleGrantFactory(role="instructor").user)
    assert edit in client.get("/lien-he/").content.decode()


def test_page_that_was_never_translated_is_shown_in_vietnamese(client: Client, pages: None) -> None:
    HelpPage.objects.filter(locale__language_code="en", depth=3).get().delete()
    response = client.get("/en/go/help/", follow=True)
    assert (response.redirect_chain[-1][0], response.status_code) == ("/tro-giup/", 200)


def test_without_such_a_page_there_is_a_clear_404(client: Client) -> None:
    assert client.get("/go/help/").status_code == 404


@pytest.mark.parametrize("path", ["/account/login/", "/activate/lost-password/", "/courses/"])
def test_pages_lead_to_help_and_contact(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert page.count('href="/go/help/"') == 1
    assert page.count('href="/go/contact/"') == (1 if path == "/courses/" else 2)


def test_help_is_not_among_the_courses(client: Client, pages: None) -> None:
    assert "tro-giup" not in client.get("/courses/").content.decode()
