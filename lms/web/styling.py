"""Makes the one style sheet of the pages, `web/app.css`, of the files in `styles/`.

Each file is one subject and becomes part of one cascade layer. A page asks for one file; Django
finds it here as it finds any static file, in development and when static files are collected.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

NAME = "web/app.css"
STYLES = Path(__file__).parent / "styles"
LAYERS = {  # in rising order: a later layer wins
    "reset": ("reset",),
    "tokens": ("tokens",),
    "base": ("base",),
    "layout": ("layout",),
    "components": (
        *("frame", "parts", "trail", "reading", "tables", "forms", "questions"),
        *("quiz_arranging", "quiz_gaps", "quiz_hotspot", "front"),
    ),
    "utilities": ("utilities",),
    "print": ("print",),
}


def style_sheet() -> str:
    """The whole style sheet."""
    parts = [f"@layer {', '.join(LAYERS)};\n"]
    for layer, names in LAYERS.items():
        text = "".join((STYLES / f"{name}.css").read_text(encoding="utf-8") for name in names)
        parts.append(f"@layer {layer} {{\n{text}}}\n")
    return "".join(parts)


class StyleFinder(BaseFinder):
    """Finds `web/app.css`, made anew whenever one of its parts has changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="styles-")  # goes with the process
        self._storage = FileSystemStorage(location=self._folder.name)
        super().__init__(*args, **kwargs)

    def find(self, path: str, find_all: Any = False) -> Any:
        """The path of the file that was made; nothing for other names."""
        if path != NAME:
            return []
        made = self._make()
        return [made] if find_all else made

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """The one file that this finder has."""
        self._make()
        yield NAME, self._storage

    def _make(self) -> str:
        target = Path(self._storage.path(NAME))
        text = style_sheet()
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(exist_ok=True)
            fresh = target.with_suffix(".new")
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(target)
        return str(target)
