"""Disks, folders and what lies in them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.core.files.storage import default_storage
from django.db import connection
from django.utils.translation import gettext as _
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page

from lms.operations.checks.findings import Finding, check, error, warning

OURS = ("lms", "modules", "quizzes")
GB = 1024**3
LITTLE, NEXT_TO_NOTHING = 2 * GB, GB // 4


@check(database=False)
def disk_has_room() -> Iterator[Finding]:
    """Something is free on every disk that the site writes to."""
    places = {Path(settings.MEDIA_ROOT)}
    if settings.LMS_STATE_DIR:
        places.add(Path(settings.LMS_STATE_DIR))
    if connection.vendor == "sqlite":
        places.add(Path(str(connection.settings_dict["NAME"])).parent)
    if settings.LMS_BACKUP_DIR:
        places.add(Path(settings.LMS_BACKUP_DIR))
    disks: dict[int, Path] = {}
    for place in sorted(filter(Path.exists, places)):
        disks.setdefault(place.stat().st_dev, place)
    for place in disks.values():
        free = shutil.disk_usage(place).free
        if free < LITTLE:
            tell = error if free < NEXT_TO_NOTHING else warning
            yield tell(
                _("Only %(free)d MB are free on the disk of %(folder)s.")
                % {"free": free // 1024**2, "folder": place},
                _("Make room: old backups, logs, files nobody needs; or take a larger disk."),
            )


@check(database=False)
def folders_are_writable() -> Iterator[Finding]:
    """Files can be stored, and the worker can say that it lives."""
    for name, folder in (
        ("LMS_MEDIA_ROOT", settings.MEDIA_ROOT),
        ("LMS_STATE_DIR", settings.LMS_STATE_DIR),
    ):
        if not folder:
            continue
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as problem:
            yield error(
                _("Nothing can be written to %(folder)s (%(name)s): %(error)s.")
                % {"folder": folder, "name": name, "error": problem.strerror},
                _("Make the folder and give it to the user that the site runs as (chown)."),
            )


@check(database=False)
def static_files_are_collected() -> Iterator[Finding]:
    """Style sheets and scripts are where production looks for them."""
    storage: object = staticfiles_storage
    if isinstance(storage, ManifestFilesMixin) and not storage.hashed_files:
        yield error(
            _("The static files are not collected: pages come without style or not at all."),
            _("Run manage.py collectstatic --noinput, then restart the site."),
        )


@check(database=False)
def translations_are_compiled() -> Iterator[Finding]:
    """Vietnamese shows as Vietnamese."""
    missing = []
    for config in apps.get_app_configs():
        source = Path(config.path) / "locale" / "vi" / "LC_MESSAGES" / "django.po"
        ours = config.name.partition(".")[0] in OURS
        if ours and source.exists() and not source.with_suffix(".mo").exists():
            missing.append(config.label)
    if missing:
        yield warning(
            _("Translations are not compiled: %(apps)s.") % {"apps": ", ".join(sorted(missing))},
            _("Run manage.py messages compile, then restart the site."),
        )


@check(deep=True)
def files_are_there() -> Iterator[Finding]:
    """Every picture and document that the database names lies in the media folder."""
    missing = []
    for model in (get_image_model(), get_document_model()):
        for name in model.objects.order_by("pk").values_list("file", flat=True).iterator():
            if name and not default_storage.exists(name):
                missing.append(name)
    if missing:
        yield error(
            _("%(count)d files are missing in the media folder, such as %(name)s.")
            % {"count": len(missing), "name": missing[0]},
            _("Look for them in a backup: it is a tar file, they are in media/."),
        )


@check()
def search_finds_pages() -> Iterator[Finding]:
    """The search index holds the pages there are."""
    from wagtail.search.models import IndexEntry  # noqa: PLC0415 -- Django chooses it by engine

    if not apps.is_installed("wagtail.search"):
        return
    pages = Page.objects.filter(depth__gt=1)
    indexed = IndexEntry.objects.filter(
        content_type__in=pages.values("content_type").distinct()
    ).values("object_id")
    known = set(indexed.values_list("object_id", flat=True))
    missing = [pk for pk in pages.values_list("pk", flat=True) if str(pk) not in known]
    if missing:
        yield warning(
            _("Search does not know %(count)d pages.") % {"count": len(missing)},
            _("Run manage.py wagtail_update_index."),
        )
