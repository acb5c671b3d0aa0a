"""Columns of the table of questions: their headings in Vietnamese and English."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from lms.plugins.vietnamese import fold

LETTERS: Final = "ABCDEFGH"
OPTIONS: Final = tuple(f"option {letter}" for letter in LETTERS)
FEEDBACKS: Final = tuple(f"feedback {letter}" for letter in LETTERS)

# Column → headings; the first is what the template has.
HEADINGS: Final = MappingProxyType(
    {
        "code": ("Mã", "mã câu hỏi", "code", "id"),
        "kind": ("Loại", "loại câu hỏi", "dạng", "type", "kind", "question type"),
        "prompt": ("Câu hỏi", "nội dung", "nội dung câu hỏi", "question", "question text"),
        **{
            f"option {letter}": (
                f"Phương án {letter}", letter, f"lựa chọn {letter}", f"đáp án {letter}",
                f"option {letter}", f"answer {letter}", f"choice {letter}",
            )
            for letter in LETTERS
        },
        "key": (
            "Đáp án", "đáp án đúng", "phương án đúng", "key", "correct", "correct answer", "answer",
        ),
        **{
            f"feedback {letter}": (f"Phản hồi {letter}", f"feedback {letter}")
            for letter in LETTERS
        },
        "feedback": ("Phản hồi", "phản hồi chung", "feedback", "general feedback"),
        "explanation": ("Giải thích", "lời giải", "hướng dẫn", "explanation"),
        "hint": ("Gợi ý", "hint", "hints"),
        "points": ("Điểm", "points", "score", "mark", "marks"),
        "category": ("Danh mục", "chủ đề", "chương", "category"),
        "tags": ("Nhãn", "từ khóa", "tags", "tag"),
        "level": ("Mức độ", "level", "difficulty"),
        "name": ("Tên", "tên câu hỏi", "name", "title"),
    }
)  # fmt: skip
IGNORED: Final = frozenset(["stt", "tt", "so tt", "no", "#", ""])


def _plain(heading: str) -> str:
    return " ".join(re.sub(r"[*:.()]", " ", fold(heading)).split())


_BY_HEADING: Final = MappingProxyType(
    {
        **{_plain(name): column for column, names in HEADINGS.items() for name in names},
        **{column.replace(" ", "_"): column for column in HEADINGS},
    }
)


def column_of(heading: str) -> str | None:
    """The column with this heading; "" for one that says nothing, None for one that is unknown."""
    words = _plain(heading)
    return "" if words in IGNORED else _BY_HEADING.get(words)


def heading_of(column: str) -> str:
    """What the template has above it."""
    return HEADINGS[column][0]


def columns_of(headings: list[str]) -> dict[str, int] | None:
    """The place of each column; None where this is no row of headings."""
    found: dict[str, int] = {}
    for at, heading in enumerate(headings):
        column = column_of(heading)
        if column:
            found.setdefault(column, at)
    is_head = "prompt" in found and ("key" in found or "kind" in found)
    return found if is_head and len(found) > 2 else None
