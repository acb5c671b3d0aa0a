"""Whether two drafts say the same, however they are written down.

The editor writes a text anew whenever it is saved: keys of paragraphs, <strong> as <b>, white
space, line ends, numbers with fewer digits. Who only opened and saved a page wrote nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from modelcluster.models import get_all_child_relations
from wagtail import blocks
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Revision
from wagtail.rich_text import features as known_features

from lms.plugins.richtext import Profile, clean
from lms.plugins.vietnamese import nfc

# What is kept about a draft, not said in it; besides all that no form offers (editable=False).
# All else counts, so that a field added later does.
ABOUT = frozenset(
    {
        *("pk", "id", "path", "depth", "numchild", "url_path", "content_type", "owner", "alias_of"),
        *("draft_title", "live", "expired", "has_unpublished_changes", "live_revision"),
        *("first_published_at", "last_published_at", "latest_revision"),
        *("latest_revision_created_at", "locked", "locked_at", "locked_by"),
        "wagtail_admin_comments",
    }
)


def says_the_same(one: Revision, other: Revision) -> bool:
    """Whether nothing of substance was changed between two revisions of one thing."""
    return substance(one) == substance(other)


def substance(revision: Revision) -> dict[str, Any]:
    """What `revision` says, field by field, in a form in which equal texts are equal."""
    model = revision.content_type.model_class()
    return dict(_fields(model, revision.content)) if model else dict(revision.content)


def as_editor_writes(html: str, features: list[str] | None) -> str:
    """`html`, clean, in the form in which the editor sends it back when nobody changed it."""
    if not html:
        return ""
    converter = _converter(features)
    written = converter.to_database_format(converter.from_database_format(html))
    return clean(written, Profile.TEACHER)


def _fields(model: Any, data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(name, what it says) of each value in `data`, the serialised `model`."""
    fields = {each.name: each for each in (*model._meta.concrete_fields, *model._meta.many_to_many)}
    children = {each.get_accessor_name(): each for each in get_all_child_relations(model)}
    for name, value in data.items():
        field = fields.get(name)
        if name in ABOUT or (field is not None and not field.editable):
            continue
        if name in children:
            yield name, _children(children[name], value)
        else:
            yield name, _value(field, value)


def _children(relation: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    parent = relation.field.name
    in_order = sorted(rows, key=lambda row: row.get("sort_order") or 0)
    dropped = {parent, "sort_order"}
    found = (dict(_fields(relation.related_model, row)) for row in in_order)
    return [{name: row[name] for name in row if name not in dropped} for row in found]


def _value(field: Any, value: Any) -> Any:
    if isinstance(field, RichTextField):
        return _rich(value or "", tuple(field.features or ()))
    if isinstance(field, StreamField):
        raw = json.loads(value) if isinstance(value, str) else value
        return _block(field.stream_block, raw or [])
    if isinstance(field, models.ManyToManyField):
        return sorted(value, key=str)
    if isinstance(field, models.CharField | models.TextField):
        return _plain(value)
    if isinstance(field, models.Field) and not field.is_relation:
        try:
            return field.to_python(value)  # numbers: 0.5 and 0.50
        except ValidationError:
            return value
    return value


def _block(block: Any, value: Any) -> Any:
    """What a block's stored `value` says; ids of blocks are left out."""
    if isinstance(block, blocks.StreamBlock):
        return [
            (each["type"], _block(block.child_blocks.get(each["type"]), each["value"]))
            for each in value or []
        ]
    if isinstance(block, blocks.StructBlock) and isinstance(value, dict):
        return {
            name: _block(child, value[name] if name in value else _default(child))
            for name, child in block.child_blocks.items()
        }
    if isinstance(block, blocks.ListBlock):
        return [
            _block(block.child_block, each["value"] if _is_item(each) else each)
            for each in value or []
        ]
    if isinstance(block, blocks.RichTextBlock):
        return _rich(value or "", tuple(block.features or ()))
    return _plain(value) if isinstance(value, str) or value is None else value


def _default(block: Any) -> Any:
    return block.get_prep_value(block.get_default())


def _is_item(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "item" and "value" in value


def _plain(value: Any) -> Any:
    """Text without the differences that sending a form makes; None is an empty text."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    return nfc(value).replace("\r\n", "\n").replace("\r", "\n").strip()


def _converter(features: Iterable[str] | None) -> Any:
    from wagtail.admin.rich_text.converters import contentstate  # noqa: PLC0415 -- needs models

    # A new one each time: it keeps state while it reads, and threads share nothing of it.
    return contentstate.ContentstateConverter(
        list(features or known_features.get_default_features())
    )


@lru_cache(maxsize=2048)
def _rich(html: str, features: tuple[str, ...]) -> tuple[Any, ...]:
    """Rich text as its editor holds it: for each paragraph its kind, depth and marked letters."""
    converter = _converter(features)
    state = json.loads(converter.from_database_format(clean(html, Profile.TEACHER)))
    entities = {key: json.dumps(each, sort_keys=True) for key, each in state["entityMap"].items()}
    paragraphs = (
        (each["type"], each["depth"], _letters(each, entities)) for each in state["blocks"]
    )
    return tuple(each for each in paragraphs if each[2])


def _letters(paragraph: dict[str, Any], entities: dict[str, str]) -> tuple[Any, ...]:
    """(letter, its marks) one by one; white space is one plain space, at no end of a line."""
    marks: list[set[str]] = [set() for _ in paragraph["text"]]
    for each in paragraph["inlineStyleRanges"]:
        for at in range(each["offset"], each["offset"] + each["length"]):
            marks[at].add(each["style"])
    for each in paragraph["entityRanges"]:
        for at in range(each["offset"], each["offset"] + each["length"]):
            marks[at].add(entities[str(each["key"])])
    letters: list[tuple[str, frozenset[str]]] = []
    for letter, marked in zip(paragraph["text"], marks, strict=True):
        is_thing = paragraph["type"] == "atomic"  # a line or a picture: one marked space
        if is_thing or not letter.isspace():
            letters.append((letter, frozenset(marked)))
        elif letter == "\n":
            _drop_space(letters)
            letters.append((letter, frozenset()))
        elif letters and not letters[-1][0].isspace():
            letters.append((" ", frozenset()))
    _drop_space(letters)
    return tuple(letters)


def _drop_space(letters: list[tuple[str, frozenset[str]]]) -> None:
    if letters and letters[-1] == (" ", frozenset()):
        letters.pop()
