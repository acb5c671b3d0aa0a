"""Read, write and compile the catalogues (.po and .mo files) of the project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from lms.web.catalogues.extraction import Message

#: The one language that needs catalogues: English is written in the source itself.
LANGUAGE = "vi"

_HEADER = "# Vietnamese catalogue. Written by `manage.py messages extract`; fill in each msgstr."
# These lines of the header say nothing that version control does not say better.
_IDLE = tuple(
    f'"{name}:'.encode()
    for name in (
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)


def catalogue_path(folder: Path, domain: str = "django") -> Path:
    """Return where Django looks for the catalogue of an app or of a LOCALE_PATHS entry.

    `folder` is the locale folder itself: <app>/locale.
    """
    return folder / LANGUAGE / "LC_MESSAGES" / f"{domain}.po"


def load(path: Path, language: str = LANGUAGE) -> Catalog:
    """Return the catalogue in the file, or an empty one when there is no such file."""
    if not path.exists():
        return Catalog(locale=language, header_comment=_HEADER, fuzzy=False)
    with path.open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)
    catalog.fuzzy = False
    return catalog


def save(path: Path, catalog: Catalog) -> bool:
    """Write the catalogue unless the file says the same already; return whether it was written."""
    buffer = BytesIO()
    write_po(buffer, catalog, width=98, no_location=True)
    lines = buffer.getvalue().splitlines(keepends=True)
    content = b"".join(line for line in lines if not line.startswith(_IDLE))
    return _write(path, content)


def compile_catalogue(path: Path) -> bool:
    """Write the .mo next to the .po unless it says the same already; return whether it changed."""
    buffer = BytesIO()
    catalog = load(path)
    # The header of a .mo holds a date; a fixed one keeps equal catalogues equal byte for byte.
    catalog.creation_date = catalog.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    write_mo(buffer, catalog)
    return _write(path.with_suffix(".mo"), buffer.getvalue())


def _write(path: Path, content: bytes) -> bool:
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    # Several processes may compile at once; each must leave a whole file.
    draft = path.with_name(f".{path.name}.{id(content)}")
    draft.write_bytes(content)
    draft.replace(path)
    return True


def entry_key(entry: Entry) -> tuple[str | None, str]:
    """Return what the entry is looked up by: context and msgid."""
    return entry.context, entry.id if isinstance(entry.id, str) else entry.id[0]


def entries(catalog: Catalog) -> Iterator[Entry]:
    """Yield the entries of the catalogue, its header left out."""
    return (entry for entry in catalog if entry.id)


def translations(entry: Entry) -> list[str]:
    """Return the msgstr of the entry, one for each plural form."""
    return [entry.string] if isinstance(entry.string, str) else list(entry.string or ("",))


def updated(old: Catalog, messages: Iterable[Message]) -> Catalog:
    """Return a catalogue of exactly these messages with the translations of the old one.

    Translations that nothing asks for any more are kept as obsolete entries.
    """
    new = Catalog(locale=LANGUAGE, header_comment=_HEADER, fuzzy=False)
    new.obsolete = dict(old.obsolete)
    plurals: dict[tuple[str | None, str], str | None] = {}
    for message in messages:
        plurals[message.key] = plurals.get(message.key) or message.plural
    for (context, msgid), plural in plurals.items():
        known = old.get(msgid, context)
        if known is None:
            known = _revived(new, msgid, context)
        texts = translations(known) if known is not None else [""]
        new.add(
            (msgid, plural) if plural else msgid,
            tuple(texts) if plural else texts[0],
            context=context,
            flags=set(known.flags) - {"python-format"} if known is not None else (),
            user_comments=known.user_comments if known is not None else (),
        )
    for entry in entries(old):
        key = entry_key(entry)
        if key not in plurals and any(translations(entry)):
            new.obsolete[old._key_for(entry.id, entry.context)] = entry
    return new


def _revived(catalog: Catalog, msgid: str, context: str | None) -> Entry | None:
    for key, entry in list(catalog.obsolete.items()):
        if entry_key(entry) == (context, msgid):
            return catalog.obsolete.pop(key)
    return None
