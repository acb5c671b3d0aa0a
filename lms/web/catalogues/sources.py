"""Which catalogues there are: one for each app of ours, one for the project and its packages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings

from lms.web.catalogues.extraction import Flaw, Message, from_python, from_template
from lms.web.catalogues.files import catalogue_path

_SKIPPED = {"tests", "migrations", "__pycache__", "static", "locale", "node_modules"}


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of code and the catalogue that answers its messages."""

    label: str
    folder: Path
    catalogue: Path
    #: Folders inside this one that have a catalogue of their own.
    others: frozenset[Path]

    def read(self) -> Iterator[Message | Flaw]:
        """Yield the messages and the flaws of every Python file and template of the folder."""
        for path in sorted(self._files(self.folder)):
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".py":
                yield from from_python(text, path)
            else:
                yield from from_template(text, path)

    def _files(self, folder: Path) -> Iterator[Path]:
        for path in folder.iterdir():
            if path.is_dir():
                # An app that is not installed now (a plugin that is switched off) is no part of
                # its neighbours either.
                if not (
                    path.name in _SKIPPED or path in self.others or (path / "apps.py").exists()
                ):
                    yield from self._files(path)
            elif path.suffix == ".py" or (
                path.suffix in (".html", ".txt", ".xml") and "templates" in path.parts
            ):
                yield path


def app_sources() -> list[Source]:
    """Return the apps that live in the project, without those that exist for tests only."""
    found = {
        config.label: Path(config.path).resolve()
        for config in apps.get_app_configs()
        if _is_ours(Path(config.path).resolve())
    }
    folders = frozenset(found.values())
    return [
        Source(label, folder, catalogue_path(folder / "locale"), folders - {folder})
        for label, folder in sorted(found.items())
    ]


def project_sources() -> list[Source]:
    """Return the code around the apps (settings, urls), which the overlay catalogue answers."""
    apps_ = app_sources()
    folders = frozenset(source.folder for source in apps_)
    roots = {_base() / source.folder.relative_to(_base()).parts[0] for source in apps_}
    return [Source(root.name, root, overlay_path(), folders) for root in sorted(roots - folders)]


def all_sources() -> list[Source]:
    """Return every source of messages of the project."""
    return app_sources() + project_sources()


def overlay_path(domain: str = "django") -> Path:
    """Return the catalogue that speaks for the project and before every package."""
    return catalogue_path(Path(settings.LOCALE_PATHS[0]), domain)


def catalogue_paths() -> list[Path]:
    """Return the catalogues that exist, in the order in which Django asks them."""
    wanted = [overlay_path(), overlay_path("djangojs")]
    wanted += [source.catalogue for source in app_sources()]
    return [path for path in wanted if path.exists()]


def _base() -> Path:
    return Path(settings.BASE_DIR).resolve()


def _is_ours(folder: Path) -> bool:
    if not folder.is_relative_to(_base()):
        return False
    parts = folder.relative_to(_base()).parts
    return "site-packages" not in parts and parts[0] != "tests"
