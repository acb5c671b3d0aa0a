"""Brings the activities of a course into the site, each through its own type."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from wagtail.models import Locale

from lms.plugins.config import registries
from lms.plugins.contracts import ActivityType
from lms.plugins.contracts.transfer import NoFiles
from lms.plugins.errors import DomainError
from lms.plugins.guard import PluginFailure, guard
from modules.content.curriculum.ledger import Ledger
from modules.content.curriculum.texts import ActivityText
from modules.content.models import Activity, LegalReference


def load_activity(text: ActivityText, locale: Locale, ledger: Ledger, *, wanted: bool) -> int:
    """The id of the activity, created or updated where its text is new; 0 when it was deleted.

    `wanted`: a lesson needs it now, so one that was deleted in the admin comes back. Raises
    TextError.
    """
    activity_type = registries.activity_types.get(text.type_key)
    if activity_type is None:  # refused before anything is written
        raise LookupError(text.type_key)
    stored = Activity.objects.filter(translation_key=text.key, locale=locale).first()
    same = ledger.is_same(text.key, text.source.digest)
    if same and (stored is not None or not wanted):
        ledger.enter(text.key, text.source.path, text.source.digest)
        return stored.pk if stored is not None else 0
    if stored is not None and stored.type_key != text.type_key:
        reason = f"it is a {stored.type_key} already; give an activity of another type another id"
        raise text.source.error("type", reason)
    activity = _read(text, activity_type, stored)
    _save(activity, text, locale)
    _refuse_problems(activity, text, activity_type)
    ledger.enter(text.key, text.source.path, text.source.digest)
    action = "created" if stored is None else "updated"
    note = "" if activity.live else "saved as a draft: it was taken offline in the admin"
    ledger.tell(action, text.source.path, f"activity {text.code}", note)
    return int(activity.pk)


def _read(text: ActivityText, activity_type: ActivityType, stored: Activity | None) -> Activity:
    data = dict(text.data)
    if text.introduction:  # types call it one or the other, and pass over what they do not know
        data = {"intro": text.introduction, "introduction": text.introduction, **data}
    into = None
    if stored is not None:
        into = activity_type.model._default_manager.get(pk=stored.pk)
    try:
        with guard(activity_type.key, "load"):
            activity: Activity = activity_type.load(
                data, NoFiles(), version=text.version, into=into
            )
    except DomainError as error:
        raise text.source.error("data", str(error)) from error
    except PluginFailure as error:
        cause = error.__cause__ or error
        if isinstance(cause, DomainError):
            raise text.source.error("data", str(cause)) from error
        reason = f"{activity_type.key} cannot read it: {type(cause).__name__}: {cause}"
        raise text.source.error("data", reason) from error
    return activity


def _save(activity: Activity, text: ActivityText, locale: Locale) -> None:
    is_new = activity.pk is None
    activity.title = text.title
    activity.type_key = text.type_key
    if is_new:
        activity.locale = locale
        activity.translation_key = text.key
        activity.uuid = uuid.uuid5(text.key, locale.language_code)
        activity.live = False
    activity.references = list(LegalReference.objects.filter(code__in=text.basis))
    try:
        activity.full_clean()
    except ValidationError as error:
        raise text.source.error("data", "; ".join(error.messages)) from error
    activity.save()
    revision = activity.save_revision()
    if activity.live or activity.first_published_at is None:
        revision.publish()
        activity.refresh_from_db()


def _refuse_problems(activity: Activity, text: ActivityText, activity_type: ActivityType) -> None:
    try:
        with guard(activity_type.key, "problems", writes=False):
            problems = list(activity_type.problems(activity))
    except PluginFailure as error:
        raise text.source.error("data", f"{activity_type.key} cannot check it") from error
    errors = [str(problem.message) for problem in problems if problem.is_error]
    if errors:
        raise text.source.error("data", "; ".join(errors))
