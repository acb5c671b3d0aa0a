"""A question's own part in its three forms, by the blocks of which its kind's body is built.

What the editor keeps (Wagtail's values and raw JSON), what versions keep (`data`: plain JSON that
is clean and ready to show) and what people and other systems write (`written`: the same shape,
unfinished; a rich text is HTML where it begins with an element, else plain text).

    block            data
    StructBlock      {name: …}
    KeyedListBlock   [{"key": …, **row}]   a row that is no struct: [{"key": …, "value": …}]
    ListBlock        […]
    LineBlock        HTML that can stand in a line
    rich text        HTML
    text             text, in NFC
    yes or no        true, false
    number           number or null
    PictureBlock     {"image": id, "url": …, "width": …, "height": …} or null
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _
from wagtail import blocks
from wagtail.images import get_image_model
from wagtail.rich_text import expand_db_html

from lms.plugins.contracts import Json
from lms.plugins.errors import DomainError
from lms.plugins.richtext import Profile, clean
from lms.plugins.vietnamese import nfc
from quizzes.blocks import KeyedListBlock, LineBlock, PictureBlock

KEY_LENGTH = 16
PICTURE = "max-1600x1600"  # as large as a version shows it


class UnreadableBody(DomainError):
    """What was written does not have the shape of the kind of question: where, and why."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(_("%(place)s: %(reason)s") % {"place": place, "reason": reason})
        self.place, self.reason = place, reason


def new_key() -> str:
    """A key for a row. By chance: its place in the list must not give the right one away."""
    return secrets.token_hex(4)


def shown(html: str) -> str:
    """Rich text as it goes to a page: clean, its links and pictures resolved.

    Without the keys that the editor gives paragraphs: they say nothing to readers.
    """
    expanded = clean(expand_db_html(clean(html, Profile.TEACHER)), Profile.TEACHER)
    return _BLOCK_KEY.sub("", expanded).strip()


def in_line(html: str) -> str:
    """`html` without the <p> around it where that is all there is."""
    inner = html.removeprefix("<p>").removesuffix("</p>")
    return inner if html == f"<p>{inner}</p>" and has_no_blocks(inner) else html


def as_html(text: str) -> str:
    """`text` as HTML: taken as it is where it begins with an element, else made paragraphs."""
    text = nfc(text).strip()
    if text.startswith("<") or not text:
        return text
    parts = (" ".join(part.split()) for part in text.replace("\r\n", "\n").split("\n\n"))
    return "".join(f"<p>{escape(part)}</p>" for part in parts if part)


def data_of(block: Any, value: Any) -> Any:
    """What a version keeps of the editor's `value`."""
    return _plain(block, value, is_written=False)


def written_of(block: Any, value: Any) -> Any:
    """The editor's `value` as one would write it: `raw_of` reads it back."""
    return _plain(block, value, is_written=True)


def _plain(block: Any, value: Any, *, is_written: bool) -> Any:
    if isinstance(block, blocks.StructBlock):
        return {
            name: _plain(child, value.get(name), is_written=is_written)
            for name, child in block.child_blocks.items()
        }
    if isinstance(block, KeyedListBlock):
        return [
            _row(each.id, _plain(block.child_block, each.value, is_written=is_written))
            for each in (value.bound_blocks if value is not None else ())
        ]
    if isinstance(block, blocks.ListBlock):
        return [_plain(block.child_block, each, is_written=is_written) for each in value or ()]
    if isinstance(block, blocks.RichTextBlock):
        html = value.source if value is not None else ""
        if is_written:
            return as_html(html)
        return in_line(shown(html)) if isinstance(block, LineBlock) else shown(html)
    if isinstance(block, PictureBlock):
        return _picture(value)
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, str):
        return nfc(value).replace("\r\n", "\n").strip()
    return "" if value is None and isinstance(block, _TEXTS) else value


def raw_of(block: Any, data: Any, place: str = "", before: Any = None) -> Any:
    """What the editor keeps of `data`, which people or other systems wrote. Raises UnreadableBody.

    Names that are missing get the block's default, and rows without a key get one: that of the
    row of `before` (the same part as a version or the editor has it) with the same words, or else
    the same place, so that a corrected letter makes no new row.
    """
    if isinstance(block, blocks.StructBlock):
        return _raw_struct(block, data, place, before)
    if isinstance(block, blocks.ListBlock):
        return _raw_list(block, data, place, before)
    if data is None and not isinstance(block, _TEXTS):
        return _default(block)
    if isinstance(block, PictureBlock):
        if not (isinstance(data, Mapping) and isinstance(data.get("image"), int)):
            raise UnreadableBody(place, _("must be a picture of the image library"))
        return data["image"]
    if isinstance(block, blocks.BooleanBlock):
        if not isinstance(data, bool):
            raise UnreadableBody(place, _("must be true or false"))
        return data
    if isinstance(block, blocks.DecimalBlock | blocks.FloatBlock | blocks.IntegerBlock):
        return _raw_number(block, data, place)
    if isinstance(block, blocks.ChoiceBlock):
        if data not in dict(_flat(block.field.choices)):
            raise UnreadableBody(place, _("“%(value)s” is not among the choices") % {"value": data})
        return data
    if data is not None and not isinstance(data, str):
        raise UnreadableBody(place, _("must be a text"))
    text = nfc(data or "")
    if isinstance(block, blocks.RichTextBlock):
        return clean(as_html(text), Profile.TEACHER)
    return text.strip()


def _raw_struct(block: Any, data: Any, place: str, before: Any) -> Json:
    if not isinstance(data, Mapping):
        raise UnreadableBody(place or "data", _("must hold values by name"))
    names = block.child_blocks
    for name in data:
        if name not in names and name != "key":
            raise UnreadableBody(_at(place, str(name)), _("is not known"))
    old = before if isinstance(before, Mapping) else {}
    return {
        name: raw_of(child, data.get(name), _at(place, name), old.get(name))
        if name in data
        else _default(child)
        for name, child in names.items()
    }


def _default(block: Any) -> Any:
    if isinstance(block, blocks.BooleanBlock):
        return bool(block.get_default())
    return block.get_prep_value(block.get_default())


def _raw_list(block: Any, data: Any, place: str, before: Any) -> list[Json]:
    if data is None:
        data = []
    if not isinstance(data, list):
        raise UnreadableBody(place, _("must be a list"))
    child = block.child_block
    keys = _keys(data, before if isinstance(before, list) else []) if data else []
    rows = []
    for at, (key, each) in enumerate(zip(keys, data, strict=True), 1):
        is_value = isinstance(each, Mapping) and set(each) <= {"key", "value"}
        plain = not isinstance(child, blocks.StructBlock) and is_value
        value = raw_of(child, each["value"] if plain else each, f"{place}[{at}]")
        rows.append({"type": "item", "value": value, "id": key})
    return rows


def _keys(rows: Sequence[Any], before: Sequence[Any]) -> list[str]:
    """A key for each of `rows`: its own, else that of an old row, else a new one."""
    old = [each for each in before if isinstance(each, Mapping) and each.get("key")]
    found: dict[int, str] = {}
    own = {str(row["key"]) for row in rows if isinstance(row, Mapping) and row.get("key")}
    old = [each for each in old if each["key"] not in own]
    for at, row in enumerate(rows):
        if isinstance(row, Mapping) and row.get("key"):
            found[at] = str(row["key"])[:KEY_LENGTH]
    tests: tuple[Callable[[Any, Any, int], bool], ...] = (
        lambda new, each, at: words(new) == words(each),
        lambda new, each, at: at < len(before) and before[at] is each,
    )
    for same in tests:
        for at, row in enumerate(rows):
            if at in found:
                continue
            match = next((each for each in old if same(row, each, at)), None)
            if match is not None:
                old = [each for each in old if each is not match]
                found[at] = match["key"]
    return [found.get(at) or new_key() for at in range(len(rows))]


def words(row: Any) -> str:
    """What a row says at first sight, without markup, to know it again."""
    if isinstance(row, Mapping):
        texts = (row.get(name) for name in ("text", "name", "value", "pattern"))
        row = next((each for each in texts if isinstance(each, str)), "")
    return " ".join(clean(as_html(str(row)), Profile.PLAIN).split())


def _row(identity: str, data: Any) -> Json:
    key = key_of(identity)
    return {"key": key, **data} if isinstance(data, dict) else {"key": key, "value": data}


def key_of(identity: str) -> str:
    """The key of a row from the id that the editor gave it: short, and always the same."""
    if len(identity) <= KEY_LENGTH:
        return identity
    return hashlib.sha256(identity.encode()).hexdigest()[:10]


def _picture(image: Any) -> Json | None:
    if image is None:
        return None
    rendition = image.get_rendition(PICTURE)
    return {
        "image": image.pk,
        "url": rendition.url,
        "width": rendition.width,
        "height": rendition.height,
    }


def missing_pictures(data: Any) -> Iterable[int]:
    """Ids of the pictures of `data` that the library no longer has."""
    wanted = set(_pictures(data))
    return wanted - set(
        get_image_model().objects.filter(pk__in=wanted).values_list("pk", flat=True)
    )


def _pictures(data: Any) -> Iterable[int]:
    if isinstance(data, Mapping):
        if isinstance(data.get("image"), int):
            yield data["image"]
        for each in data.values():
            yield from _pictures(each)
    elif isinstance(data, list):
        for each in data:
            yield from _pictures(each)


def _raw_number(block: Any, data: Any, place: str) -> Any:
    if isinstance(data, bool):
        raise UnreadableBody(place, _("must be a number"))
    try:
        number = Decimal(str(data))
    except InvalidOperation as error:
        raise UnreadableBody(place, _("must be a number")) from error
    if not number.is_finite():
        raise UnreadableBody(place, _("must be a number"))
    if isinstance(block, blocks.IntegerBlock):
        if number != int(number):
            raise UnreadableBody(place, _("must be a whole number"))
        return int(number)
    return str(number) if isinstance(block, blocks.DecimalBlock) else float(number)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _flat(choices: Any) -> Iterable[tuple[Any, Any]]:
    for value, label in choices() if callable(choices) else choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield value, label


def has_no_blocks(html: str) -> bool:
    """Whether clean HTML can stand in a line."""
    return _BLOCK.search(html) is None


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


_BLOCK = re.compile(r"<(?:p|ul|ol|h[2-4]|table|pre|figure|blockquote|details|hr)[\s>/]")
_BLOCK_KEY = re.compile(r"(?<=[a-z0-9\"]) data-block-key=\"[A-Za-z0-9]{1,16}\"(?=[^<>]*>)")
_TEXTS = (blocks.CharBlock, blocks.TextBlock, blocks.RichTextBlock)
