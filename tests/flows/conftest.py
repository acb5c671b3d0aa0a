from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import TestCase
from django.utils.translation import trans_real

from lms.web.demo import load_demo
from modules.content.curriculum.loader import load_curriculum
from modules.content.models import CoursePage
from tests.flows.letters import VIETNAMESE

CURRICULUM = Path(__file__).resolve().parents[2] / "modules" / "curriculum"

#: Looked up by a package and never shown, each with the reason.
NEVER_SHOWN = {
    "exact": "django-filter names its comparisons; Wagtail shows the filter's label only",
}


@pytest.fixture(scope="module")
def course_path(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """The address of the real course, on a site with the demo people; for a whole module.

    Each test runs inside this transaction and takes back only what it did itself.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        with TestCase.captureOnCommitCallbacks(execute=True):
            load_curriculum(root=CURRICULUM)
        with TestCase.captureOnCommitCallbacks(execute=True):
            load_demo()
        course = CoursePage.objects.get(locale__language_code="vi")
        yield course.get_url_parts()[2]
        transaction.set_rollback(True)


@pytest.fixture
def unanswered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every message that somebody asks the Vietnamese catalogue for and that it does not have."""
    vietnamese = trans_real.translation("vi")
    catalog = vietnamese._catalog
    gettext, ngettext = vietnamese.gettext, vietnamese.ngettext
    asked: list[str] = []

    def note(message: str, *forms: object) -> None:
        # A text with Vietnamese in it is the author's own, sent through gettext by a template.
        if any(form in catalog for form in forms) or message in NEVER_SHOWN:
            return
        if not VIETNAMESE.search(message):
            asked.append(message)

    def noting_gettext(message: str) -> str:
        note(message, message, (message, vietnamese.plural(1)))
        return gettext(message)

    def noting_ngettext(one: str, many: str, number: int) -> str:
        note(one, one, (one, vietnamese.plural(number)))
        return ngettext(one, many, number)

    monkeypatch.setattr(vietnamese, "gettext", noting_gettext)
    monkeypatch.setattr(vietnamese, "ngettext", noting_ngettext)
    return asked
