"""A site with everything in it and its backup, made once; empty sites as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lms.learning.models import LearningEvent
from lms.learning.services.enrolling import enrol
from lms.operations.heartbeat import TICK, WORKER, beat
from lms.operations.tests.looking import KEY, Usage, put_backup
from lms.operations.tests.sites import Site, Sites, back_up, fill
from lms.people.tests.factories import PersonFactory
from modules.content.tests.factories import make_course


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Sites]:
    """Makes sites of the engine of this run, or of one that is named."""
    made = Sites(tmp_path_factory.mktemp("sites"))
    yield made
    made.close()


@pytest.fixture
def unblocked(django_db_blocker: Any) -> Iterator[None]:
    """These tests bring their own databases; none touches that of the run."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="session")
def full(sites: Sites, django_db_blocker: Any) -> Site:
    """A site with a course, people and files; nobody may change it."""
    site = sites.new()
    with django_db_blocker.unblock(), site.active():
        fill()
    return site


@pytest.fixture(scope="session")
def backup(full: Site, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """The backup of that site."""
    with django_db_blocker.unblock():
        return back_up(full, tmp_path_factory.mktemp("backup") / "site.tar")


@pytest.fixture
def site(settings, tmp_path: Path, monkeypatch) -> Any:
    """The settings and folders of a site in good order."""
    state, backups, media = (tmp_path / name for name in ("state", "backups", "media"))
    for folder in (state, backups, media):
        folder.mkdir()
    settings.DEBUG = False
    settings.SECRET_KEY = KEY
    settings.ALLOWED_HOSTS = ["hoc.example.vn"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.WAGTAILADMIN_BASE_URL = "https://hoc.example.vn"
    settings.CACHES = {
        "default": {
            "BACKEND": "lms.people.shared_cache.SharedFileCache",
            "LOCATION": tmp_path / "cache.sqlite3",
        }
    }
    settings.LMS_SECOND_FACTOR_ROLES = ["administrator"]
    settings.MEDIA_ROOT = media
    settings.LMS_STATE_DIR, settings.LMS_BACKUP_DIR = str(state), str(backups)
    monkeypatch.setattr("shutil.disk_usage", lambda place: Usage(9e12, 1e12, 8e12))
    beat(WORKER)
    beat(TICK)
    put_backup(backups)
    return settings


@pytest.fixture
def event(site: Any) -> LearningEvent:
    """The first event of a person who takes a course."""
    course = make_course(lessons=1)
    enrol(person=PersonFactory(), course_key=course.translation_key)
    return LearningEvent.objects.first()
