"""Signs by which lines of a test are known: numbers, letters, labels such as "Đáp án:"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lms.plugins.vietnamese import fold
from quizzes.exchange.word_lines import Line

_BRACKETS: Final = r"((?:\s*[(\[][^()\[\]\n]{1,60}[)\]])*)"
_STRONG: Final = re.compile(
    rf"\s*(?:câu\s*hỏi|câu\s*số|câu|question)\s*(?:số\s*)?(\d{{1,4}}){_BRACKETS}"
    r"(?:\s*[:.)/\]–—-]\s*|\s*$|\t\s*|\s{2,}|(?<=[)\]])\s*)"
    rf"{_BRACKETS}",
    re.IGNORECASE,
)
_WEAK: Final = re.compile(rf"\s*(\d{{1,4}})\s*[.)/:]\s*(?![\d\s.,]){_BRACKETS}")
PASSAGE: Final = re.compile(
    r"(?:câu|question)s?\s*(?:hỏi\s*)?(?:từ\s*)?(?:câu\s*)?(?:số\s*)?(\d{1,4})\s*"
    r"(?:đến|tới|-|–|to)\s*(?:câu\s*)?(?:số\s*)?(\d{1,4})",
    re.IGNORECASE,
)
KEYS_BEGIN: Final = re.compile(  # of folded text
    r"[\W_]*(?:(?:bang|phan)\s+)?(?:dap an|dap so|huong dan cham|answer keys?|answers?)"
    r"(?:\s+(?:dung|chi tiet|tham khao))?"
    r"(?:\s+(?:va|&|-|–)\s+(?:huong dan|thang diem|loi giai|giai thich).*)?"
    r"(?:\s+(?:de|mon|phan|trac nghiem|ma de|bai|cau hoi)\b.*)?[\W_]*"
)
KEY_LINE: Final = re.compile(r"(?:chọn\s+)?([A-H])(?:\s*[.:)–-]+(?=\s|$)|\s*$)\s*")

_SECTION: Final = re.compile(
    r"\s*(?:(phần|part)|(chương|chuyên đề|chủ đề)|(mục|bài|nội dung))\s+(?:thứ\s+)?"
    r"(?:[IVXLC]+|\d{1,3}|[A-Z]|một|hai|ba|bốn|năm)\s*(?:[.:)–—-]\s*|(?=\s)|$)",
    re.IGNORECASE,
)
_TASK: Final = re.compile(
    rf"\s*bài(?:\s*tập)?\s*(\d{{1,4}}){_BRACKETS}\s*[:.)]\s*{_BRACKETS}", re.I
)
LONGEST_TITLE: Final = 200
_FORM: Final = re.compile(
    r"[\W_]*(?:[ivx]+|[a-d]|\d)?\s*[.:)–-]?\s*(?:phan\s+)?(?:cau hoi\s+)?"
    r"(?:trac nghiem|tu luan)\b(?:\s+(?:khach quan|nhieu lua chon|dung sai|tra loi ngan))?"
    r"[^a-z]*(?:\(?.{0,40}diem\)?|\(.{0,80}\))?[\W_]*"
)


def _ends(name: str) -> str:
    """What must stand behind a label: some may stand alone on their line."""
    return r"(?::\s*|$)" if name in ("explanation", "guidance") else r":\s*"


_FIELDS: Final = tuple(
    (name, re.compile(rf"\s*(?:{words})\s*{_ends(name)}", re.IGNORECASE))
    for name, words in (
        ("guidance", r"(?:hướng dẫn|gợi ý)\s+(?:chấm|trả lời|đáp án)(?:\s+điểm)?"),
        ("feedback", r"phản hồi\s+(?:phương án\s+)?(?P<which>[A-H]|đúng|sai)"),
        (
            "explanation",
            r"giải thích(?:\s+chi tiết)?|lời giải(?:\s+chi tiết)?|hướng dẫn(?:\s+giải)?|hd"
            r"|phản hồi(?:\s+chung)?|explanation",
        ),
        ("hint", r"gợi ý|hint"),
        ("level", r"mức độ(?:\s+nhận thức)?|level"),
        ("basis", r"căn cứ(?:\s+pháp lý)?"),
        ("points", r"(?:số\s+)?điểm"),
        ("tags", r"nhãn|từ\s+kho[áa]|từ\s+khóa"),
        ("category", r"danh mục"),
        ("code", r"mã(?:\s+câu)?(?:\s+hỏi)?"),
        ("kind", r"(?:loại|dạng)(?:\s+câu)?(?:\s+hỏi)?"),
        ("name", r"tên(?:\s+câu(?:\s+hỏi)?)?"),
    )
)
_KEY_WORDS: Final = (
    r"\s*(?:đáp án|đáp số|đ/a|đa|phương án đúng|answer|key|trả lời)(?:\s+đúng)?(?:\s+là)?"
)
_KEY: Final = re.compile(rf"{_KEY_WORDS}\s*(?:[:=]\s*|$)", re.IGNORECASE)
_KEY_WITHOUT: Final = re.compile(
    rf"(?:{_KEY_WORDS}\s*[-–.]?|\s*(?:=>|→)?\s*chọn(?:\s+đáp\s+án)?)\s+"
    r"(?=[(\[]?[A-H](?:\s*[,;&]\s*[A-H])*[)\]]?\s*[.;]?\s*$)",
    re.IGNORECASE,
)
_BOX: Final = r"(?:[☐☑☒□■○●]|\[\s*[xX✓✔]?\s*\]|\(\s*[xX✓✔]?\s*\))"
_TRUTHS, _TRUTHS_BEFORE = (  # the box stands before the word, or after it
    re.compile(rf"\s*{form}[.;,]?(?=\s|/|$)[\s/]*", re.IGNORECASE)
    for form in (
        rf"(?P<box>{_BOX})\s*(?P<word>đúng|sai)",
        rf"(?P<word>đúng|sai)(?:\s*(?P<box>{_BOX}))?",
    )
)


@dataclass(frozen=True)
class Field:
    """A label at the beginning of a line; `which`: of feedback, the option."""

    name: str
    end: int
    which: str = ""


@dataclass(frozen=True)
class Sign:
    """Where an option begins, and where its text."""

    letter: str
    start: int
    end: int
    is_starred: bool = False


def strong_number(text: str) -> tuple[int, str, int] | None:
    """Of "Câu 12 (NB): …": the number, what stands in brackets, and where the rest begins."""
    return _numbered(_STRONG, text)


def weak_number(text: str) -> tuple[int, str, int] | None:
    """Of "12. …": the same. It may be a list inside a question as well."""
    return _numbered(_WEAK, text)


def _numbered(pattern: re.Pattern[str], text: str) -> tuple[int, str, int] | None:
    found = pattern.match(text)
    if not found:
        return None
    header, end = "".join(each or "" for each in found.groups()[1:-1]), found.end()
    last = found.groups()[-1] or ""
    if is_header(last):
        header += last
    else:
        end -= len(last)
    return int(found[1]), header, end


def is_header(text: str) -> bool:
    """Whether brackets after the number say something of the question: its level or its points."""
    words = fold(text).strip(" ()[].")
    return bool(
        re.fullmatch(
            r"(?:nb|th|vd|vdc|nhan biet|thong hieu|van dung(?: cao)?|muc (?:do )?\d"
            r"|[\d.,]+ ?(?:d|diem)|tu luan|trac nghiem|dung/sai)"
            r"(?:[\s,;\-)(\]\[]+(?:nb|th|vd|vdc|[\d.,]+ ?(?:d|diem)))*",
            words,
        )
    )


def field_of(text: str) -> Field | None:
    """The label with which a line begins."""
    for name, pattern in _FIELDS:
        found = pattern.match(text)
        if found:
            if name == "points" and not re.match(
                r"[\d.,]+\s*(?:đ|điểm)?\s*\.?$", text[found.end() :]
            ):
                continue
            return Field(name, found.end(), found["which"] if name == "feedback" else "")
    found = _KEY.match(text) or _KEY_WITHOUT.match(text)
    return Field("key", found.end()) if found else None


def is_rule(text: str) -> bool:
    """Whether a line only parts others: dots to write on, "----- HẾT -----"."""
    return text.strip(" \t\n\xa0._…-–—=*─").lower() in ("", "hết", "the end", "end")


def task_number(text: str) -> tuple[int, str, int] | None:
    """Of "Bài 2: …", a question where essays stand: the number, brackets, where the rest begins."""
    return _numbered(_TASK, text)


def keys_begin(line: Line) -> bool:
    """Whether a line is the title of the part with keys."""
    text = line.text.strip()
    words = fold(text[: LONGEST_TITLE + 1])
    return bool(
        len(text) <= LONGEST_TITLE
        and KEYS_BEGIN.fullmatch(words)
        and (line.heading or text.upper() == text or words.startswith("bang"))
    )


def section_of(line: Line, *, may_begin: bool) -> tuple[int, str]:
    """Level and title of a heading, by its style or by its words; 0 where it is none.

    By its words only where a part `may_begin`, for "Mục 2: …" can go on with a question too.
    """
    text = " ".join(line.text.split())
    if len(text) > LONGEST_TITLE:
        return 0, ""
    if _FORM.fullmatch(fold(text)):
        return 1, text
    if line.heading:
        return line.heading, text
    is_upper = text.upper() == text
    found = _SECTION.match(text)
    if found and (is_upper or (may_begin and found[0].rstrip()[-1:] in ".:)–—-")):
        return next(at for at, group in enumerate(found.groups(), 1) if group), text
    if re.match(r"[IVX]{1,5}\s*[.)–-]\s", text) and is_upper:
        return 2, text
    return 0, ""


def is_small(sign: str) -> bool:
    """Whether the sign of an option is a small letter."""
    return sign.strip(" *([")[:1].islower()


def option_starts(text: str, last: str, style: str, *, is_automatic: bool) -> list[Sign]:
    """Where the options of a line begin, after one with the letter `last` ("" for none).

    Those after the first must be parted by tabs or several spaces, or be at least three.
    """
    small = is_small(style) if style else None
    first = chr(ord(last) + 1) if last and last not in "ĐS" else "A"
    at_start = _sign_at_start(text, first, small, bool(last), is_automatic)
    if at_start is None and last:
        return []
    wide, narrow = (
        _chain(text, at_start, gap, small) for gap in (r"(?:(?<=\t)|(?<=\s\s))", r"(?<=\s)")
    )
    if len(narrow) > len(wide) and (len(narrow) > 2 or _says_truth(text, narrow)):
        return narrow
    return wide if at_start is not None or len(wide) > 1 else []


def _sign_at_start(
    text: str, first: str, small: bool | None, has_options: bool, is_automatic: bool
) -> Sign | None:
    if is_automatic:  # Word goes on with E where one list serves two questions
        found = re.match(r"\s*[(\[]?[A-Za-z]{1,2}\s?[.)\]:/]\s*(\*?)", text)
        return Sign(first, 0, found.end(), bool(found[1])) if found and first <= "H" else None
    found = re.match(r"\s*(\*?)\s*[(\[]?([A-Ha-h])(\*?)\s?[.)\]:/]\s*(\*?)", text)
    if not found or (small is not None and found[2].islower() != small):
        return None
    letter = found[2].upper()
    is_next = letter == first
    # Letters out of turn are told later, but "C. Mác" before any option is a name.
    if not is_next and not (has_options and found[2].isupper()):
        return None
    is_starred = bool(found[1] or found[3] or found[4])
    return Sign(letter, len(text) - len(text.lstrip()), found.end(), is_starred)


def _chain(text: str, start: Sign | None, gap: str, small: bool | None) -> list[Sign]:
    found = [start] if start else []
    letter = chr(ord(start.letter) + 1) if start else "A"
    at = start.end if start else 0
    if start and is_small(text[start.start : start.end]):
        small = True
    while letter <= "H":
        shown = letter.lower() if small else letter
        sign = re.compile(rf"{gap}(\*?)\s?[(\[]?{shown}(\*?)\s?[.)\]]\s*(\*?)").search(text, at)
        if not sign:
            break
        found.append(Sign(letter, sign.start(), sign.end(), any(sign.groups())))
        letter, at = chr(ord(letter) + 1), sign.end()
    return found


def _says_truth(text: str, signs: list[Sign]) -> bool:
    if len(signs) != 2:
        return False
    parts = [text[signs[0].end : signs[1].start], text[signs[1].end :]]
    return [fold(each).strip(" .;") for each in parts] == ["dung", "sai"]


def truth_lines(text: str) -> list[Sign]:
    """ "☐ Đúng   ☑ Sai", or one of the two alone, as options."""
    found, at = list[Sign](), 0
    pattern = _TRUTHS if re.match(rf"\s*{_BOX}", text) else _TRUTHS_BEFORE
    while at < len(text):
        sign = pattern.match(text, at)
        if not sign:
            return []
        box = sign["box"] or ""
        letter = "Đ" if sign["word"].lower() == "đúng" else "S"
        start, end = sign.span("word")
        found.append(Sign(letter, start, end, any(each in box for each in "☑☒■●xX✓✔")))
        at = sign.end()
    letters = [each.letter for each in found]
    return found if letters in (["Đ"], ["S"], ["Đ", "S"], ["S", "Đ"]) else []
