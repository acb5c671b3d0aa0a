"""Every check of the doctor: it finds its fault and says what to do; a healthy site has none."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult
from wagtail.documents import get_document_model
from wagtail.search.models import IndexEntry

from lms.learning.models import Attempt, Delivery, LearningEvent
from lms.operations.checks import registry
from lms.operations.checks.findings import ADVICE, ERROR, WARNING
from lms.operations.heartbeat import TICK, WORKER, beat, last_beat, path_of
from lms.operations.site import make_administrator
from lms.operations.tests.looking import KEY, Usage, age, look, put_backup
from lms.people.models import User
from lms.plugins import faults
from lms.web.demo import PASSWORD, load_demo
from modules.content.tests.factories import make_activity, make_course


@pytest.mark.django_db
def test_healthy_site_has_nothing_to_tell(site) -> None:
    make_administrator(
        full_name="Trần Thị An", username="quantri", password="mot-mat-khau-dai-2026"
    )
    make_course(lessons=1)
    call_command("wagtail_update_index", verbosity=0)
    with translation.override("en"):
        assert registry.run(deep=True) == []


# --- settings --------------------------------------------------------------------------------
SETTINGS = [
    ("debug_is_off", {"DEBUG": True}, ERROR, "DEBUG is on", "lms.settings.production"),
    ("secret_key_is_secret", {"SECRET_KEY": "for development only: " + KEY}, ERROR,
     "The secret key is known", "LMS_SECRET_KEY"),
    ("secret_key_is_secret", {"SECRET_KEY": KEY[:30]}, ERROR, "too short", "LMS_SECRET_KEY"),
    ("secret_key_is_secret", {"SECRET_KEY": "abc" * 30}, ERROR, "too short", "LMS_SECRET_KEY"),
    ("hosts_are_named", {"ALLOWED_HOSTS": ["*"]}, ERROR, "any host name", "LMS_HOSTS"),
    ("hosts_are_named", {"ALLOWED_HOSTS": []}, ERROR, "any host name", "LMS_HOSTS"),
    ("connections_are_encrypted", {"SECURE_SSL_REDIRECT": False}, ERROR, "in the open", "LMS_TLS"),
    ("connections_are_encrypted", {"SESSION_COOKIE_SECURE": False}, ERROR, "in the open",
     "LMS_TLS"),
    ("connections_are_encrypted", {"SECURE_HSTS_SECONDS": 0}, WARNING, "by HTTPS only",
     "SECURE_HSTS_SECONDS"),
    ("address_is_set", {"WAGTAILADMIN_BASE_URL": "http://127.0.0.1:8000"}, WARNING,
     "http://127.0.0.1:8000", "LMS_BASE_URL"),
    ("cache_is_shared",
     {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}}, ERROR,
     "LocMemCache", "CACHES"),
    ("cache_answers",
     {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}}, ERROR,
     "forgets at once", "CACHES"),
    ("cache_answers",
     {"CACHES": {"default": {"BACKEND": "lms.people.shared_cache.SharedFileCache",
                             "LOCATION": "/dev/null/cache.sqlite3"}}}, ERROR,
     "/dev/null", "LMS_CACHE_FILE"),
    ("second_factor_is_asked_for", {"LMS_SECOND_FACTOR_ROLES": []}, ADVICE, "second factor",
     "LMS_SECOND_FACTOR_ROLES"),
    ("backups_are_taken", {"LMS_BACKUP_DIR": ""}, WARNING, "does not know where its backups",
     "LMS_BACKUP_DIR"),
    ("folders_are_writable", {"MEDIA_ROOT": "/dev/null/media"}, ERROR, "/dev/null/media", "chown"),
    ("folders_are_writable", {"LMS_STATE_DIR": "/nowhere/at/all"}, ERROR, "LMS_STATE_DIR", "chown"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "change", "level", "what", "todo"), SETTINGS)
def test_setting_that_is_wrong_is_found(
    site, key: str, change: dict[str, Any], level: str, what: str, todo: str
) -> None:
    assert look(key) == []
    for name, value in change.items():
        setattr(site, name, value)
    (finding,) = look(key)
    assert finding.level == level
    assert what in finding.what
    assert todo in finding.todo


# --- backups ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("by", "level"), [(dt.timedelta(hours=27), WARNING), (dt.timedelta(days=8), ERROR)]
)
def test_old_backup_is_found(site, by: dt.timedelta, level: str) -> None:
    age(put_backup(Path(site.LMS_BACKUP_DIR)), by)
    (finding,) = look("backups_are_taken")
    assert (finding.level, finding.what) == (
        level,
        f"The newest backup is {by.total_seconds() // 3600:.0f} hours old.",
    )
    assert "manage.py backup" in finding.todo


def test_missing_backup_is_found(site) -> None:
    put_backup(Path(site.LMS_BACKUP_DIR)).unlink()
    (finding,) = look("backups_are_taken")
    assert (finding.level, finding.what) == (
        ERROR,
        f"There is no backup in {site.LMS_BACKUP_DIR}.",
    )


def test_backup_that_others_can_read_is_found(site) -> None:
    assert look("backups_are_private") == []
    put_backup(Path(site.LMS_BACKUP_DIR)).chmod(0o640)
    (finding,) = look("backups_are_private")
    assert finding.level == ERROR
    assert "hanh-trang-20260101-023000.tar" in finding.what
    assert "chmod 600" in finding.todo


def test_backup_that_was_left_half_done_is_found(site) -> None:
    part = put_backup(Path(site.LMS_BACKUP_DIR), "hanh-trang-20260102-023000.tar.part")
    assert look("backups_are_finished") == []  # it may be under way
    age(part, dt.timedelta(hours=13))
    (finding,) = look("backups_are_finished")
    assert (finding.level, part.name in finding.what) == (WARNING, True)
    assert "delete these files" in finding.todo


# --- disks and files -------------------------------------------------------------------------
@pytest.mark.parametrize(("free", "level"), [(2**30, WARNING), (2**27, ERROR)])
def test_full_disk_is_found(site, monkeypatch, free: int, level: str) -> None:
    assert look("disk_has_room") == []
    monkeypatch.setattr("shutil.disk_usage", lambda place: Usage(9e12, 9e12, free))
    finding = look("disk_has_room")[0]
    assert finding.level == level
    assert finding.what.startswith(f"Only {free // 2**20} MB are free on the disk of ")
    assert "Make room" in finding.todo


def test_static_files_that_are_not_collected_are_found(site, tmp_path: Path) -> None:
    assert look("static_files_are_collected") == []
    site.STATIC_ROOT = tmp_path / "static"
    site.STORAGES = {
        **site.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    (finding,) = look("static_files_are_collected")
    assert (finding.level, "collectstatic" in finding.todo) == (ERROR, True)


def test_translation_that_is_not_compiled_is_found(site, tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "locale" / "vi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").touch()
    monkeypatch.setattr(apps.get_app_config("operations"), "path", str(tmp_path))
    (finding,) = look("translations_are_compiled")
    assert (finding.level, finding.what) == (WARNING, "Translations are not compiled: operations.")
    assert "messages compile" in finding.todo
    (folder / "django.mo").touch()
    assert look("translations_are_compiled") == []


@pytest.mark.django_db
def test_document_without_its_file_is_found(site) -> None:
    get_document_model().objects.create(title="Luật", file="documents/luat.pdf")
    (finding,) = look("files_are_there")
    assert (finding.level, finding.what) == (
        ERROR,
        "1 files are missing in the media folder, such as documents/luat.pdf.",
    )
    assert "media/" in finding.todo


@pytest.mark.django_db
def test_page_that_search_does_not_know_is_found(site) -> None:
    course = make_course()
    call_command("wagtail_update_index", verbosity=0)
    assert look("search_finds_pages") == []
    IndexEntry.objects.filter(object_id=str(course.pk)).delete()
    (finding,) = look("search_finds_pages")
    assert (finding.level, finding.what) == (WARNING, "Search does not know 1 pages.")
    assert "wagtail_update_index" in finding.todo


# --- accounts --------------------------------------------------------------------------------
@pytest.mark.django_db
def test_accounts_of_the_demo_are_found(site) -> None:
    assert look("demo_is_gone") == []
    site.SECRET_KEY = "for tests only"
    load_demo()
    (finding,) = look("demo_is_gone")
    assert (finding.level, "quantri" in finding.what) == (ERROR, True)
    assert "make_site" in finding.todo
    for user in User.objects.all():
        user.set_password("mot-mat-khau-dai-2026")
        user.save()
    assert look("demo_is_gone") == []


@pytest.mark.django_db
@pytest.mark.parametrize("password", [PASSWORD, "123456", "tran.an"])
def test_password_of_an_administrator_that_is_guessed_is_found(site, password: str) -> None:
    user = make_administrator(
        full_name="Trần Thị An", username="tran.an", password="mot-mat-khau-dai-2026"
    )
    assert look("administrators_have_passwords") == []
    user.set_password(password)
    user.save()
    (finding,) = look("administrators_have_passwords")
    assert (finding.level, "tran.an" in finding.what) == (ERROR, True)
    assert "changepassword" in finding.todo


@pytest.mark.django_db
def test_site_without_an_administrator_is_found(site) -> None:
    (finding,) = look("somebody_rules")
    assert (finding.level, finding.what) == (ERROR, "Nobody can administer the site.")
    assert "make_administrator" in finding.todo
    user = make_administrator(
        full_name="Trần Thị An", username="tran.an", password="mot-mat-khau-dai-2026"
    )
    assert look("somebody_rules") == []
    user.set_unusable_password()
    user.save()
    assert len(look("somebody_rules")) == 1


@pytest.mark.django_db
def test_role_that_has_ended_rules_no_more(site) -> None:
    user = make_administrator(
        full_name="Trần Thị An", username="tran.an", password="mot-mat-khau-dai-2026"
    )
    long_ago = timezone.localdate() - dt.timedelta(days=30)
    user.role_grants.update(valid_from=long_ago, valid_to=timezone.localdate())
    assert len(look("somebody_rules")) == 1


# --- work ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "key", "silent"),
    [
        (WORKER, "worker_is_alive", dt.timedelta(minutes=6)),
        (TICK, "tick_runs", dt.timedelta(minutes=61)),
    ],
)
def test_silence_is_found(site, name: str, key: str, silent: dt.timedelta) -> None:
    assert look(key) == []
    age(path_of(name), silent)
    (finding,) = look(key)
    since = timezone.localtime(timezone.now() - silent)
    assert finding.level == ERROR
    assert since.strftime("%d/%m/%Y") in finding.what
    assert "worker" in finding.todo
    path_of(name).unlink()
    assert "never ran" in look(key)[0].what


def test_heartbeat_says_when_it_was(site) -> None:
    path_of(WORKER).unlink()
    assert last_beat(WORKER) is None
    before = timezone.now()
    beat(WORKER)
    age(path_of(WORKER), dt.timedelta(hours=1))
    assert abs(last_beat(WORKER) - before + dt.timedelta(hours=1)) < dt.timedelta(seconds=5)
    beat(WORKER)
    assert abs(last_beat(WORKER) - before) < dt.timedelta(seconds=5)
    assert last_beat(TICK) is not None
    with pytest.raises(ValueError, match="not a name"):
        beat("../etc/passwd")


def test_heartbeat_of_a_site_without_a_place_is_none(site) -> None:
    site.LMS_STATE_DIR = None
    beat(WORKER)
    assert last_beat(WORKER) is None


@pytest.mark.django_db
def test_deliveries_that_do_not_arrive_are_found(event: LearningEvent) -> None:
    late = timezone.now() - dt.timedelta(hours=2)
    waiting = Delivery.objects.create(event=event, sink_key="x.one", try_at=late)
    (finding,) = look("deliveries_arrive")
    assert (finding.level, finding.what) == (
        WARNING,
        "1 deliveries are due for more than an hour.",
    )
    assert "worker" in finding.todo
    Delivery.objects.filter(pk=waiting.pk).update(state=Delivery.State.DEAD)
    (finding,) = look("deliveries_arrive")
    assert (finding.level, finding.what) == (ERROR, "1 deliveries were given up.")


@pytest.mark.django_db
def test_attempt_that_is_not_marked_is_found(event: LearningEvent) -> None:
    activity = make_activity()
    now = timezone.now()
    attempt = Attempt.objects.create(
        enrolment=event.enrolment, activity=activity, activity_key=activity.translation_key,
        number=1, state=Attempt.State.SUBMITTED, started_at=now, grading_due=now,
    )  # fmt: skip
    assert look("marks_are_given") == []
    Attempt.objects.filter(pk=attempt.pk).update(grading_due=now - dt.timedelta(hours=2))
    (finding,) = look("marks_are_given")
    assert (finding.level, finding.what.startswith("1 attempts wait")) == (WARNING, True)
    assert "worker" in finding.todo


@pytest.mark.django_db
def test_job_that_waits_is_found(site) -> None:
    job = DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}}, task_path="lms.none", backend_name="lms",
        run_after=timezone.now(), exception_class_path="", traceback="",
    )  # fmt: skip
    assert look("queue_moves") == []
    long_ago = timezone.now() - dt.timedelta(hours=2)
    DBTaskResult.objects.filter(pk=job.pk).update(enqueued_at=long_ago)
    (finding,) = look("queue_moves")
    assert (finding.level, finding.what) == (ERROR, "1 jobs wait for more than an hour.")
    DBTaskResult.objects.filter(pk=job.pk).update(run_after=timezone.now() + dt.timedelta(hours=1))
    assert look("queue_moves") == []


@pytest.mark.django_db
def test_job_that_failed_is_found_for_a_week(site) -> None:
    job = DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}}, task_path="lms.none", backend_name="lms",
        run_after=timezone.now(), exception_class_path="", traceback="",
    )  # fmt: skip
    assert look("jobs_succeed") == []
    job.set_failed(ZeroDivisionError())
    (finding,) = look("jobs_succeed")
    assert (finding.level, finding.what) == (
        WARNING,
        "1 jobs failed in the last seven days, the last one is lms.none.",
    )
    assert "journalctl" in finding.todo
    long_ago = timezone.now() - dt.timedelta(days=8)
    DBTaskResult.objects.filter(pk=job.pk).update(finished_at=long_ago)
    assert look("jobs_succeed") == []


@pytest.mark.django_db
def test_plugin_out_of_service_is_found(site) -> None:
    faults.report("broken_plugin", "register", "it needs another version")
    try:
        (finding,) = look("plugins_work")
    finally:
        faults.clear("broken_plugin")
    assert (finding.level, "broken_plugin" in finding.what) == (ERROR, True)
    assert "LMS_PLUGINS_DISABLED" in finding.todo
    assert look("plugins_work") == []
