"""Names by which people call kinds of questions and levels, in files that they fill in by hand."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from lms.plugins.vietnamese import fold

KINDS: Final = MappingProxyType(
    {
        "single_choice": ("Một lựa chọn", "một đáp án", "trắc nghiệm", "single choice", "mc"),
        "multiple_choice": (
            "Nhiều lựa chọn", "nhiều đáp án", "chọn nhiều", "multiple choice", "multiple response",
            "multiple answer", "ma",
        ),
        "true_false": ("Đúng/Sai", "đúng sai", "true/false", "true false", "true or false", "tf"),
        "short_answer": ("Trả lời ngắn", "điền từ", "short answer", "sa"),
        "numeric": ("Số", "trả lời bằng số", "numeric", "numerical", "numeric answer", "number"),
        "matching": ("Ghép đôi", "ghép nối", "nối", "nối cột", "matching", "match"),
        "ordering": ("Sắp xếp", "sắp xếp thứ tự", "thứ tự", "ordering", "order"),
        "gaps": (
            "Điền vào chỗ trống", "điền khuyết", "điền chỗ trống", "gaps", "cloze",
            "fill in the blanks", "fill in the gaps", "text with gaps",
        ),
        "grouping": ("Phân nhóm", "phân loại", "xếp nhóm", "grouping", "categorize"),
        "essay": ("Tự luận", "bài luận", "essay"),
        "hotspot": ("Điểm ảnh", "hotspot"),
        "judgement": ("Tình huống", "xử lý tình huống", "judgement"),
    }
)  # fmt: skip
LEVELS: Final = MappingProxyType(
    {
        "Nhận biết": ("nb", "nhan biet", "1", "muc 1", "biet", "muc do 1"),
        "Thông hiểu": ("th", "thong hieu", "2", "muc 2", "hieu", "muc do 2"),
        "Vận dụng": ("vd", "van dung", "3", "muc 3", "van dung thap", "vdt", "muc do 3"),
        "Vận dụng cao": ("vdc", "van dung cao", "4", "muc 4", "muc do 4"),
    }
)
_BY_NAME: Final = MappingProxyType(
    {fold(name): key for key, names in KINDS.items() for name in (key, *names)}
)


def kind_of(text: str) -> str:
    """The kind that somebody calls so; empty where there is none."""
    words = re.sub(r"\s+", " ", re.sub(r"\bcau hoi\b|\bcau\b", "", fold(text)))
    return _BY_NAME.get(re.sub(r"\s*/\s*", "/", words.strip(" .:;()")), "")


def kind_name(key: str) -> str:
    """What a file that we write calls it."""
    return KINDS[key][0] if key in KINDS else key


def level_of(text: str) -> str:
    """The level in its usual words; other words as they are."""
    words = " ".join(fold(text).split()).strip(" .:;()[]")
    return next((level for level, names in LEVELS.items() if words in names), text.strip(" .;"))
