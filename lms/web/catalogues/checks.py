"""Say what is wrong with the catalogues and with the calls that they answer."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry

from lms.web.catalogues.extraction import Flaw, Message
from lms.web.catalogues.files import entries, entry_key, load, translations
from lms.web.catalogues.packages import unanswered
from lms.web.catalogues.sources import Source, all_sources, catalogue_paths, overlay_path

#: The name of the product is the same in every language, also inside an English msgid.
PRODUCT = "Hành Trang"

_NAMED = re.compile(r"%\((?P<name>[^)]+)\)[-+ #0]?\d*(?:\.\d+)?[a-zA-Z]")
_BARE = re.compile(r"(?<!%)(?:%%)*(%[-+#0]?\d*(?:\.\d+)?[sdifrxg])")
_BRACED = re.compile(r"(?<!{)\{([A-Za-z_]\w*|\d*)[^{}]*\}(?!})")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong, in which app and where."""

    app: str
    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.app}: {self.path}:{self.line}: {self.text}"


def all_problems() -> list[Problem]:
    """Return everything that is wrong, in the code, in the catalogues and between them."""
    found: list[Problem] = []
    for source in all_sources():
        found += source_problems(source)
    for path in catalogue_paths():
        found += catalogue_problems(path)
    found += conflicts(catalogue_paths())
    for domain in ("django", "djangojs"):
        path = overlay_path(domain)
        for (_context, msgid), package in unanswered(domain, overlay_catalog=load(path)):
            found.append(Problem(package, path, 0, f"no Vietnamese for {msgid!r}"))
    return sorted(found)


_QUOTED = re.compile(r"“[^”]*”")


def source_problems(source: Source) -> Iterator[Problem]:
    """Yield what is wrong with the messages in the code of one source."""
    catalog = load(source.catalogue)
    for item in source.read():
        if isinstance(item, Flaw):
            yield Problem(source.label, item.path, item.line, item.text)
            continue
        for text in [*_unanswered(item, catalog), *msgid_faults(item)]:
            yield Problem(source.label, item.path, item.line, text)


def _unanswered(message: Message, catalog: Catalog) -> Iterator[str]:
    entry = catalog.get(message.msgid, message.context)
    if entry is None:
        yield f"not in the catalogue: {message.msgid!r}"
    elif not all(translations(entry)):
        yield f"no Vietnamese for {message.msgid!r}"
    elif entry.fuzzy:
        yield f"the Vietnamese of {message.msgid!r} is marked fuzzy"


def msgid_faults(message: Message) -> Iterator[str]:
    """Yield what makes a msgid a bad one: not English, or with a nameless placeholder."""
    for text in filter(None, (message.msgid, message.plural)):
        if _has_vietnamese(text):
            yield f"the msgid is not English: {text!r}"
        if _BARE.search(text):
            yield f"a nameless placeholder in {text!r}: write %(name)s"


def _has_vietnamese(text: str) -> bool:
    # What stands in quotation marks is quoted: what people write in a document of theirs.
    plain = _QUOTED.sub("", text.replace(PRODUCT, ""))
    if "đ" in plain.lower():
        return True
    # No English word carries a mark, but for borrowed ones such as "é": none is needed here.
    return any(unicodedata.combining(char) for char in unicodedata.normalize("NFD", plain))


def catalogue_problems(path: Path) -> Iterator[Problem]:
    """Yield the entries whose Vietnamese does not fit their English."""
    for entry in entries(load(path)):
        for text in entry_faults(entry):
            yield Problem("catalogue", path, entry.lineno or 0, text)


def entry_faults(entry: Entry) -> Iterator[str]:
    """Yield how the msgstr of an entry departs from its msgid in placeholders and HTML."""
    # Vietnamese has one form for all numbers, so it answers the plural, which names the number.
    source = entry.id if isinstance(entry.id, str) else entry.id[-1]
    singular = entry.id if isinstance(entry.id, str) else entry.id[0]
    for text in filter(None, translations(entry)):
        for kind, pattern in (("placeholders", _NAMED), ("placeholders", _BRACED)):
            if set(pattern.findall(text)) != set(pattern.findall(source)):
                yield f"{kind} differ: {source!r} and {text!r}"
        if _BARE.findall(text) != _BARE.findall(source):
            yield f"placeholders differ: {source!r} and {text!r}"
        if Counter(_TAG.findall(text)) not in (
            Counter(_TAG.findall(source)),
            Counter(_TAG.findall(singular)),
        ):
            yield f"HTML differs: {source!r} and {text!r}"
        if _NAMED.search(source) and not _formats(text):
            yield f"a lone % in {text!r}: write %%"


def _formats(text: str) -> bool:
    rest = _NAMED.sub("", text).replace("%%", "")
    return "%" not in rest


def conflicts(paths: Iterable[Path]) -> Iterator[Problem]:
    """Yield messages that two catalogues of ours translate differently.

    Django merges the catalogues, so that one of the two would never be seen.
    """
    seen: dict[tuple[str, str | None, str], dict[str, Path]] = defaultdict(dict)
    for path in paths:
        for entry in entries(load(path)):
            if all(translations(entry)):
                key = (path.stem, *entry_key(entry))
                seen[key].setdefault("\0".join(translations(entry)), path)
    for (_domain, _context, msgid), texts in seen.items():
        if len(texts) > 1:
            (first, _first_path), *rest = texts.items()
            for other, path in rest:
                text = (
                    f"{msgid!r} is {first!r} elsewhere and {other!r} here: agree, or use pgettext"
                )
                yield Problem("catalogue", path, 0, text)
