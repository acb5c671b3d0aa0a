from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import TestCase

from lms.web.demo import load_demo
from modules.content.curriculum.loader import load_curriculum
from modules.content.models import CoursePage
from tests.flows.test_admin_in_vietnamese import unanswered

__all__ = ["unanswered"]  # a fixture of the other tests of what people read

CURRICULUM = Path(__file__).resolve().parents[2] / "modules" / "curriculum"


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
