"""The template of the table of questions: headings, an example of each kind, what goes where."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from quizzes.exchange.kind_names import KINDS, LEVELS, kind_name
from quizzes.exchange.table_columns import FEEDBACKS, LETTERS, OPTIONS, heading_of

QUESTIONS, EXPLAINED = "Câu hỏi", "Hướng dẫn"
READY_ROWS: Final = 500
COLUMNS: Final = (
    "code", "kind", "prompt", *OPTIONS, "key", *FEEDBACKS, "feedback", "explanation", "hint",
    "points", "category", "tags", "level", "name",
)  # fmt: skip
_NOT_HERE: Final = ("hotspot", "judgement")
_WIDTHS: Final = {"code": 12, "kind": 18, "prompt": 48, "key": 18, "points": 8, "level": 14}

# What authors in Vietnam read in the file itself, so it is in Vietnamese whoever makes the file.
EXAMPLES: Final[tuple[Mapping[str, str], ...]] = (
    {
        "kind": "single_choice",
        "prompt": "Cơ quan nào ở xã chứng thực bản sao từ bản chính?",
        "option A": "Ủy ban nhân dân xã", "option B": "Hội đồng nhân dân xã",
        "option C": "Công an xã", "option D": "Mặt trận Tổ quốc xã", "key": "A",
        "feedback B": "Hội đồng nhân dân là cơ quan quyền lực nhà nước, không chứng thực.",
        "explanation": "Thẩm quyền chứng thực bản sao thuộc về Ủy ban nhân dân xã.",
        "points": "1", "category": "Hành chính > Chứng thực", "tags": "chứng thực",
        "level": "Nhận biết",
    },
    {
        "kind": "multiple_choice",
        "prompt": "Những số nào là số chẵn?",
        "option A": "2", "option B": "3", "option C": "4", "option D": "5", "key": "A, C",
        "level": "Thông hiểu",
    },
    {
        "kind": "true_false", "prompt": "Một tuần có bảy ngày.", "key": "Đúng",
        "feedback B": "Từ thứ hai đến chủ nhật là bảy ngày.",
    },
    {
        "kind": "short_answer", "prompt": "Thủ đô của Việt Nam là thành phố nào?",
        "key": "Hà Nội\nThủ đô Hà Nội", "hint": "Thành phố bên sông Hồng.",
    },
    {
        "kind": "numeric", "prompt": "Một hình vuông cạnh 3,5 m có diện tích bao nhiêu m²?",
        "key": "12,25 ± 0,05",
    },
    {
        "kind": "matching", "prompt": "Ghép mỗi tỉnh, thành phố với miền của nó.",
        "option A": "Hà Nội = Miền Bắc", "option B": "Huế = Miền Trung",
        "option C": "Cần Thơ = Miền Nam", "option D": "- = Tây Nguyên",
    },
    {
        "kind": "ordering", "prompt": "Sắp xếp các bước tiếp nhận hồ sơ.",
        "option A": "Tiếp nhận", "option B": "Kiểm tra", "option C": "Vào sổ",
        "option D": "Hẹn ngày trả kết quả", "feedback": "Phải kiểm tra trước khi vào sổ.",
    },
    {
        "kind": "gaps",
        "prompt": "Điền vào chỗ trống.\nThủ đô là [[1]], sông chảy qua là sông [[2]],"
        " một ngày có [[3]] giờ.",
        "option A": "Hà Nội", "option B": "Hồng\n~Hương\n~Hậu", "option C": "#24",
    },
    {
        "kind": "grouping", "prompt": "Xếp mỗi con vật vào nhóm của nó.",
        "option A": "Chim = sẻ; én", "option B": "Cá = chép; rô", "option C": "- = mèo",
    },
    {
        "kind": "essay", "prompt": "Trình bày cách giải quyết một đơn thư của công dân.",
        "key": "Nêu đủ các bước; có dẫn chứng.", "points": "3", "level": "Vận dụng",
    },
)  # fmt: skip
_HELP: Final = {
    "code": "Tùy ý. Mã ngắn, không trùng; để trống thì được cấp mã mới.",
    "kind": "Cần thiết. Một trong các tên: {kinds}.",
    "prompt": "Cần thiết. Mỗi dòng là một đoạn. Chỗ trống: [[1]], [[2]] … hoặc ____.",
    "options": (
        "Lựa chọn: mỗi ô một phương án. Ghép đôi: “trái = phải”, “- = phải” là vế thừa."
        " Sắp xếp: theo đúng thứ tự. Phân nhóm: “nhóm = mục; mục”."
        " Điền vào chỗ trống: mỗi ô một chỗ, mỗi dòng một đáp án, “~” trước lựa chọn sai,"
        " “#” trước số."
    ),
    "key": (
        "Lựa chọn: chữ cái, ví dụ A, C. Đúng/Sai: Đúng hoặc Sai. Trả lời ngắn: mỗi dòng một đáp án,"
        " * thay cho chữ bất kỳ, =50= trước đáp án được một nửa điểm."
        " Số: 12,5 hoặc 12,5 ± 0,1 hoặc 200 ± 5%. Tự luận: hướng dẫn chấm."
    ),
    "feedbacks": "Tùy ý. Lời giải thích khi chọn phương án ấy.",
    "feedback": "Tùy ý. Hiện ra sau khi làm, dù đúng hay sai.",
    "explanation": "Tùy ý. Hiện ra sau khi nộp bài.",
    "hint": "Tùy ý. Mỗi dòng một gợi ý.",
    "points": "Tùy ý. Để trống là 1.",
    "category": "Tùy ý. Nhiều cấp cách nhau bằng dấu >.",
    "tags": "Tùy ý. Cách nhau bằng dấu phẩy.",
    "level": "Tùy ý. {levels}.",
    "name": "Tùy ý. Chỉ người soạn thấy.",
}


def template() -> bytes:
    """The template with an example of each kind."""
    return workbook_with([{**each, "kind": kind_name(each["kind"])} for each in EXAMPLES])


def workbook_with(rows: Iterable[Mapping[str, str]]) -> bytes:
    """A workbook with these rows below the headings, and the sheet that explains them."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = QUESTIONS
    for at, column in enumerate(COLUMNS, 1):
        cell = _write(sheet, 1, at, heading_of(column))
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(column, 24)
    last = 1
    for last, row in enumerate(rows, 2):
        for at, column in enumerate(COLUMNS, 1):
            if row.get(column):
                _write(sheet, last, at, row[column])
    # As text: a spreadsheet makes dates of answers such as 1-2.
    for number in range(2, max(last, READY_ROWS) + 1):
        for at in range(1, len(COLUMNS) + 1):
            empty = sheet.cell(row=number, column=at)
            empty.number_format = "@"
            empty.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "D2"
    _offer(sheet, "kind", [kind_name(key) for key in KINDS if key not in _NOT_HERE])
    _offer(sheet, "level", list(LEVELS))
    _explain(book.create_sheet(EXPLAINED))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    cell = sheet.cell(row=row, column=column)
    assert isinstance(cell, Cell)  # noqa: S101 -- nothing is merged here
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"  # what begins with "=" is no formula
    return cell


def _offer(sheet: Worksheet, column: str, names: list[str]) -> None:
    letter = get_column_letter(COLUMNS.index(column) + 1)
    chosen = DataValidation(type="list", formula1=f'"{",".join(names)}"', allow_blank=True)
    chosen.showErrorMessage = False  # English names may be typed as well
    sheet.add_data_validation(chosen)
    chosen.add(f"{letter}2:{letter}{READY_ROWS}")


def _explain(sheet: Worksheet) -> None:
    rows = [("Cột", "Cách ghi")]
    kinds = ", ".join(kind_name(key) for key in KINDS if key not in _NOT_HERE)
    for column in COLUMNS:
        if column in OPTIONS[1:] or column in FEEDBACKS[1:]:
            continue
        name = {OPTIONS[0]: "options", FEEDBACKS[0]: "feedbacks"}.get(column, column)
        title = heading_of(column)
        if name != column:
            title = f"{title} … {LETTERS[-1]}"
        rows.append((title, _HELP[name].format(kinds=kinds, levels=", ".join(LEVELS))))
    rows.append(("", "Mỗi dòng một câu hỏi. Xóa các câu ví dụ trước khi nhập. Không gộp ô."))
    for number, pair in enumerate(rows, 1):
        for at, text in enumerate(pair, 1):
            cell = _write(sheet, number, at, text)
            cell.font = Font(bold=number == 1 or at == 1)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 90
