"""Brings the texts of a curriculum into the site, again and again without changing what is same.

A text that says something new becomes a new, published revision. A text that is as it was when it
was last loaded is left alone, so what authors changed in the admin since stays. The keys by which
learners' progress is kept come from the texts, so every database has the same.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from django.db import transaction
from wagtail.models import Locale

from lms.plugins.config import registries
from modules.content.curriculum.frontmatter import TextErrors
from modules.content.curriculum.help import HelpLoader, HelpText, read_help
from modules.content.curriculum.ledger import Change, Ledger
from modules.content.curriculum.pages import CourseLoader
from modules.content.curriculum.reading import read_curriculum
from modules.content.curriculum.references import load_references, reference_key
from modules.content.curriculum.texts import Curriculum
from modules.content.services.site import ENGLISH, ensure_site

__all__ = ["Change", "load_curriculum", "load_help"]


def load_curriculum(*, root: Path, check: bool = False, restore: bool = False) -> list[Change]:
    """Load every course below `root`, and the help pages; gives what changed.

    Each course is one transaction: it is loaded whole or not at all. `check`: nothing is kept,
    only told. `restore`: pages that were deleted in the admin come back. Raises TextErrors or
    TextError with file, line and reason.
    """
    curriculum = read_curriculum(root)
    refuse_unknown_types(curriculum)
    texts = read_help(root)
    if not check:
        return _load(curriculum, texts, restore=restore)
    with transaction.atomic():
        changes = _load(curriculum, texts, restore=restore)
        transaction.set_rollback(True)
    return changes


def refuse_unknown_types(curriculum: Curriculum) -> None:
    """Raise TextErrors when an activity's type is not installed, naming the plugin it needs."""
    errors = []
    for course in curriculum.courses:
        for activity in course.activities():
            if registries.activity_types.get(activity.type_key) is None:
                plugin = activity.type_key.partition(".")[0]
                reason = (
                    f"the plugin {plugin!r}, which brings {activity.type_key}, is not installed"
                    " or has failed; see `manage.py plugins list`"
                )
                errors.append(activity.source.error("type", reason))
    if errors:
        raise TextErrors(errors)


def load_help(*, root: Path) -> list[Change]:
    """Load the help and contact pages below `root` alone; gives what changed."""
    with transaction.atomic():
        catalogue = ensure_site()
        english = catalogue.get_translation(Locale.objects.get(language_code=ENGLISH))
        ledger = Ledger()
        HelpLoader(catalogue, english, ledger).load_help(read_help(root))
    return ledger.changes


def _load(curriculum: Curriculum, texts: list[HelpText], *, restore: bool) -> list[Change]:
    with transaction.atomic():
        catalogue = ensure_site()
        ledger = Ledger(restore=restore)
        load_references(curriculum.references, ledger)
    english = catalogue.get_translation(Locale.objects.get(language_code=ENGLISH))
    for course in curriculum.courses:
        with transaction.atomic():
            CourseLoader(catalogue, english, ledger).load(course)
    with transaction.atomic():
        HelpLoader(catalogue, english, ledger).load_help(texts)
    for row in ledger.unknown(_keys(curriculum) | {text.key for text in texts}):
        ledger.tell("left", row.path, "what this text made", "the text is no longer there")
    return ledger.changes


def _keys(curriculum: Curriculum) -> set[uuid.UUID]:
    keys = {reference_key(code) for code in curriculum.references}
    for course in curriculum.courses:
        keys |= {course.key, *(module.key for module in course.modules)}
        keys |= {lesson.key for lesson in course.lessons()}
        keys |= {activity.key for activity in course.activities()}
    return keys
