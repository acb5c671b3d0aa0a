"""Brings one course into the page tree: the course, its modules and lessons, in two languages."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from wagtail.coreutils import find_available_slug
from wagtail.models import Page

from modules.content.curriculum.activities import load_activity
from modules.content.curriculum.bodies import glossary_value, lesson_value
from modules.content.curriculum.ledger import Ledger
from modules.content.curriculum.texts import CourseText, English, LessonText, ModuleText, Source
from modules.content.models import (
    CataloguePage,
    CoursePage,
    LegalReference,
    LessonPage,
    LessonReference,
    ModulePage,
)

P = TypeVar("P", CoursePage, ModulePage, LessonPage)


class CourseLoader:
    """Loads one course. `catalogue` is the Vietnamese one; `english` its translation."""

    def __init__(self, catalogue: CataloguePage, english: CataloguePage, ledger: Ledger) -> None:
        self.catalogue = catalogue
        self.english = english
        self.ledger = ledger
        self.changed_parents: set[int] = set()

    def load(self, text: CourseText) -> None:
        """Bring the course up to date. Raises TextError; the caller's transaction undoes all."""
        values = {
            "title": text.title,
            "slug": text.slug,
            "summary": text.summary,
            "objectives": "\n".join(text.objectives),
            "audience": text.audience,
            "intro": text.intro,
        }
        rules = {
            "access": text.access,
            "electives_needed": text.electives_needed,
            "review_by": text.review_by,
        }
        course = self._put(CoursePage, text.source, text.key, self.catalogue, {**values, **rules})
        translated = self._put_english(
            CoursePage, text.source, text.key, self.english, text.english, rules, objectives=True
        )
        self.ledger.enter(text.key, text.source.path, text.source.digest)
        if course is None:
            return
        modules = [self._module(each, course, translated) for each in text.modules]
        self._arrange(course, [page for page in modules if page is not None])

    def _module(
        self, text: ModuleText, course: CoursePage, translated: CoursePage | None
    ) -> ModulePage | None:
        values = {
            "title": text.title,
            "slug": text.slug,
            "summary": text.summary,
            "intro": text.intro,
        }
        rules = {"code": text.code, "elective": text.elective}
        module = self._put(ModulePage, text.source, text.key, course, {**values, **rules})
        if translated is not None:
            self._put_english(ModulePage, text.source, text.key, translated, text.english, rules)
        self.ledger.enter(text.key, text.source.path, text.source.digest)
        if module is None:
            return None
        lessons = [self._lesson(each, module) for each in text.lessons]
        self._arrange(module, [page for page in lessons if page is not None])
        return module

    def _lesson(self, text: LessonText, module: ModulePage) -> LessonPage | None:
        same = self.ledger.is_same(text.key, text.source.digest)
        wanted = self.ledger.restore or not same
        locale = self.catalogue.locale
        ids = {
            each.code: load_activity(each, locale, self.ledger, wanted=wanted)
            for each in text.activities
        }
        values: dict[str, Any] = {}
        if wanted:
            values = {
                "title": text.title,
                "slug": text.slug,
                "code": text.code,
                "summary": text.summary,
                "objectives": "\n".join(text.objectives),
                "minutes": text.minutes,
                "periods": text.periods,
                "review_by": text.review_by,
                "body": lesson_value(text, ids),
                "glossary": glossary_value(text),
            }
        page = self._put(
            LessonPage, text.source, text.key, module, values, references=text.references
        )
        self.ledger.enter(text.key, text.source.path, text.source.digest)
        return page

    def _put(
        self,
        model: type[P],
        source: Source,
        key: uuid.UUID,
        parent: Page,
        values: dict[str, Any],
        *,
        references: Sequence[str] | None = None,
    ) -> P | None:
        """The page with this key under `parent`, with these values; None when it was deleted."""
        locale = parent.locale
        same = self.ledger.is_same(key, source.digest)
        page: P | None = model.objects.filter(translation_key=key, locale=locale).first()
        name = f"{model._meta.model_name.removesuffix('page')} {source.front.text('title')}"
        if locale != self.catalogue.locale:
            name += f" [{locale.language_code}]"
        if page is None and same and not self.ledger.restore:
            self.ledger.tell("left", source.path, name, "it was deleted in the admin")
            return None
        if page is None:
            page = model(translation_key=key, locale=locale, live=False)
            self._write(page, source, values, references)
            self._check(page, source, lambda: _fresh(parent).add_child(instance=page))
            page.save_revision().publish()
            self.changed_parents.add(parent.pk)
            self.ledger.tell("created", source.path, name)
            return page
        if self.ledger.has_moved(key, source.path) or not same:
            page = self._move(page, parent, source, name)
        if not same:
            note = self._note_on(page)
            self._write(page, source, values, references)
            self._publish(page, source)
            self.ledger.tell("updated", source.path, name, note)
        return page

    def _put_english(
        self,
        model: type[P],
        source: Source,
        key: uuid.UUID,
        parent: Page,
        english: English,
        rules: dict[str, Any],
        *,
        objectives: bool = False,
    ) -> P | None:
        if not english.title:
            return None
        stored = model.objects.filter(translation_key=key, locale=parent.locale).first()
        values = {
            **rules,
            "title": english.title,
            # Made from the title: two modules may have the same one.
            "slug": find_available_slug(parent, english.slug, stored.pk if stored else None),
            "summary": english.summary,
        }
        if objectives:
            values["objectives"] = "\n".join(english.objectives)
        return self._put(model, source, key, parent, values)

    @staticmethod
    def _write(
        page: Page, source: Source, values: dict[str, Any], references: Sequence[str] | None
    ) -> None:
        for name, value in values.items():
            setattr(page, name, value)
        if references is None:
            return
        known = {link.reference.code: link for link in page.legal_references.all()}
        found = {each.code: each for each in LegalReference.objects.filter(code__in=references)}
        links = [known.get(code) or LessonReference(reference=found[code]) for code in references]
        for at, link in enumerate(links):
            link.sort_order = at
        page.legal_references = links

    def _publish(self, page: Page, source: Source) -> None:
        revision = self._check(page, source, page.save_revision)
        if page.live or page.first_published_at is None:
            revision.publish()
            page.refresh_from_db()

    @staticmethod
    def _note_on(page: Page) -> str:
        revision = page.latest_revision
        if not page.live and page.first_published_at is not None:
            return "saved as a draft: the page was taken offline in the admin"
        if revision is not None and revision.user_id is not None:
            by, on = revision.user.get_username(), f"{revision.created_at:%Y-%m-%d}"
            return f"the version of {by}, {on}, is kept in the page's history"
        return ""

    @staticmethod
    def _check(page: Page, source: Source, save: Any) -> Any:
        try:
            return save()
        except ValidationError as error:
            field = next(iter(getattr(error, "error_dict", {"title": None})))
            raise source.error(field, "; ".join(error.messages)) from error

    def _move(self, page: P, parent: Page, source: Source, name: str) -> P:
        if page.get_parent().pk == parent.pk:
            return page
        page.move(_fresh(parent), pos="last-child")
        self.changed_parents.add(parent.pk)
        self.ledger.tell("moved", source.path, name)
        moved: P = type(page).objects.get(pk=page.pk)
        return moved

    def _arrange(self, parent: Page, wanted: Sequence[Page]) -> None:
        """Put the loaded children in the order of the texts, when this run changed which they are.

        Otherwise the order that authors chose in the admin stays.
        """
        if parent.pk not in self.changed_parents:
            return
        pks = [page.pk for page in wanted]
        found = [pk for pk in parent.get_children().values_list("pk", flat=True) if pk in pks]
        if found == pks:
            return
        for before, after in pairwise(pks):
            Page.objects.get(pk=after).move(Page.objects.get(pk=before), pos="right")


def _fresh(page: Page) -> Page:
    """`page` as the tree has it now: its number of children may have grown."""
    return type(page).objects.get(pk=page.pk)
