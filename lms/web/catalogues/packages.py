"""Which messages of the installed packages nobody has put into Vietnamese."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from django.apps import apps

from lms.web.catalogues.files import (
    LANGUAGE,
    catalogue_path,
    entries,
    entry_key,
    load,
    translations,
)
from lms.web.catalogues.sources import app_sources

Key = tuple[str | None, str]

#: Marks what the code around our apps asks for, such as the names of languages in the settings.
PROJECT = "project"


def package_folders() -> dict[str, Path]:
    """Return the locale folder of each installed package by its name, ours left out."""
    ours = {source.folder for source in app_sources()}
    found = {"django": Path(django.__file__).parent / "conf" / "locale"}
    for config in apps.get_app_configs():
        folder = Path(config.path)
        if folder.resolve() not in ours and (folder / "locale").is_dir():
            found[config.name] = folder / "locale"
    return found


def untranslated(domain: str = "django") -> dict[Key, tuple[Entry, list[str]]]:
    """Return the packages' messages without Vietnamese, each with the packages that ask for it.

    A message that one package lacks and another translates counts as translated: Django
    merges all catalogues of a language into one.
    """
    wanted: dict[Key, tuple[Entry, list[str]]] = {}
    answered: set[Key] = set()
    for name, folder in package_folders().items():
        known = load(catalogue_path(folder, domain))
        answered |= {entry_key(entry) for entry in entries(known) if is_translated(entry)}
        for entry in entries(load(_english(folder, domain), "en")):
            wanted.setdefault(entry_key(entry), (entry, []))[1].append(name)
    return {key: value for key, value in wanted.items() if key not in answered}


def is_translated(entry: Entry) -> bool:
    """Return whether Django would use the entry: every form has a text, none is a guess."""
    return not entry.fuzzy and all(translations(entry))


def overlay(old: Catalog, domain: str, ours: Iterable[Key] = ()) -> Catalog:
    """Return the overlay with an entry for every untranslated message of the packages.

    What the overlay says already stays, also where a package has a translation of its own:
    those entries are here to be better, or to agree with the rest.
    """
    missing = untranslated(domain)
    new = Catalog(locale=LANGUAGE, header_comment=old.header_comment, fuzzy=False)
    wanted = set(ours)
    for entry in entries(old):
        key = entry_key(entry)
        if entry.auto_comments == [PROJECT] and key not in wanted:
            continue
        packages = missing[key][1] if key in missing else []
        new.add(
            entry.id,
            entry.string,
            context=entry.context,
            flags=entry.flags,
            auto_comments=packages or entry.auto_comments,
            user_comments=entry.user_comments,
        )
    present = {entry_key(entry) for entry in entries(new)}
    for key, (entry, packages) in missing.items():
        if key not in present:
            empty = "" if isinstance(entry.id, str) else ("",)
            new.add(entry.id, empty, context=entry.context, auto_comments=packages)
    for context, msgid in ours:
        if (context, msgid) not in present and (context, msgid) not in missing:
            new.add(msgid, "", context=context, auto_comments=[PROJECT])
    return new


def unanswered(domain: str = "django", *, overlay_catalog: Catalog) -> Iterator[tuple[Key, str]]:
    """Yield each message that neither a package nor the overlay puts into Vietnamese."""
    known = {entry_key(entry) for entry in entries(overlay_catalog) if is_translated(entry)}
    for key, (_entry, packages) in untranslated(domain).items():
        if key not in known:
            yield key, packages[0]


def _english(folder: Path, domain: str) -> Path:
    return folder / "en" / "LC_MESSAGES" / f"{domain}.po"
