"""The help and contact pages that come with the site: texts in help/, loaded like courses.

    help/index.md        the first help page
    help/<name>.md       the pages below it, by their `order`
    help/contact.md      the contact page
    help/<name>.en.md    the same page in English

A page is loaded anew when one of its two texts says something else; until then what was written
in the admin stays, and afterwards it is in the page's history.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.html import format_html
from wagtail.models import Page

from modules.content.curriculum.body import read_body
from modules.content.curriculum.frontmatter import TextError, TextErrors, split
from modules.content.curriculum.pages import CourseLoader
from modules.content.curriculum.reading import digest_of
from modules.content.curriculum.texts import NAMESPACE, Source
from modules.content.models import ContactPage, HelpPage

FOLDER, INDEX, ENGLISH = "help", "index", ".en"
KINDS: dict[str, type[HelpPage] | type[ContactPage]] = {"help": HelpPage, "contact": ContactPage}

CONTACT = {"address": "postal_address", "phone": "phone", "hours": "hours"}


@dataclass(frozen=True)
class HelpText:
    """A page with its English form, if there is one. `values`: by name of the field."""

    name: str
    source: Source
    model: type[HelpPage] | type[ContactPage]
    order: int
    values: dict[str, Any]
    english: dict[str, Any] | None

    @property
    def key(self) -> uuid.UUID:
        """The translation key of the page."""
        return uuid.uuid5(NAMESPACE, f"help:{self.name}")


def read_help(root: Path) -> list[HelpText]:
    """The texts of `root`/help, the first page first. Raises TextErrors with every fault."""
    found, errors = [], []
    for path in sorted((root / FOLDER).glob("*.md")):
        if path.stem.endswith(ENGLISH):
            continue
        try:
            found.append(_read(root, path))
        except TextError as error:
            errors.append(error)
    if errors:
        raise TextErrors(errors)
    return sorted(found, key=lambda text: (text.name != INDEX, text.order, text.name))


def _read(root: Path, path: Path) -> HelpText:
    source_text, source, kind, order, values = _one(root, path)
    other = path.with_name(f"{path.stem}{ENGLISH}.md")
    english = None
    if other.exists():
        english_text, _source, _kind, _order, english = _one(root, other)
        source = Source(source.front, digest_of(source_text, english_text))
    return HelpText(path.stem, source, KINDS[kind], order, values, english)


def _one(root: Path, path: Path) -> tuple[str, Source, str, int, dict[str, Any]]:
    name = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8")
    found = split(name, text)
    front = found.front
    kind = front.text("kind")
    if kind not in KINDS:
        raise front.error("kind", f"must be one of {', '.join(KINDS)}")
    order = front.whole("order", default=0)
    values = {"title": front.text("title", longest=255), "slug": front.text("slug")}
    if kind == "contact":
        values |= {name: front.text(key, required=False) for key, name in CONTACT.items()}
    front.finish()
    values["body"] = _html(name, found.body, found.first_line)
    return text, Source(front, digest_of(text)), kind, order, values


def _html(path: str, body: str, first_line: int) -> str:
    parts = []
    for piece in read_body(path, body, first_line):
        if piece.kind == "heading":
            tag = f"h{piece.value['level']}"
            parts.append(format_html("<{0}>{1}</{0}>", tag, piece.value["text"]))
        elif piece.kind == "rich_text":
            parts.append(piece.value)
        else:
            raise TextError(path, piece.line, "only headings, text and lists stand in help")
    return "".join(parts)


class HelpLoader(CourseLoader):
    """Loads the pages below the two catalogues, as courses are loaded."""

    def load_help(self, texts: list[HelpText]) -> None:
        """Bring all pages up to date. Raises TextError; the caller's transaction undoes all."""
        tops: dict[str, Page] = {}
        for text in texts:
            for parent, values in ((self.catalogue, text.values), (self.english, text.english)):
                if values is None:
                    continue
                top = tops.get(parent.locale.language_code)
                is_below = text.model is HelpPage and text.name != INDEX
                if is_below and top is None:
                    self.ledger.tell("left", text.source.path, text.name, "no page to put it under")
                    continue
                above = top if is_below else parent
                page = self._put(text.model, text.source, text.key, above, values)
                if page is not None and text.name == INDEX:
                    tops[parent.locale.language_code] = page
            self.ledger.enter(text.key, text.source.path, text.source.digest)
