"""One question of each kind, as one would write it down: for tests that try all kinds."""

from __future__ import annotations

from typing import Any

FEEDBACK = "<p>KEYFEEDBACK</p>"

WRITTEN: dict[str, dict[str, Any]] = {
    "single_choice": {
        "options": [
            {"text": "Ban Chấp hành", "correct": True, "feedback": FEEDBACK},
            {"text": "Văn phòng", "feedback": FEEDBACK},
            {"text": "Trưởng thôn", "feedback": FEEDBACK},
        ]
    },
    "multiple_choice": {
        "options": [
            {"text": "Niêm yết", "correct": True, "feedback": FEEDBACK},
            {"text": "Lấy ý kiến", "correct": True, "feedback": FEEDBACK},
            {"text": "Giữ kín", "feedback": FEEDBACK},
        ],
        "scheme": "all_or_nothing",
    },
    "true_false": {
        "options": [
            {"text": "Đúng", "feedback": FEEDBACK},
            {"text": "Sai", "correct": True, "feedback": FEEDBACK},
        ]
    },
    "short_answer": {
        "answers": [
            {"pattern": "biên bản", "credit": 100, "feedback": FEEDBACK},
            {"pattern": "*sổ*", "credit": 50, "feedback": FEEDBACK},
        ]
    },
    "numeric": {
        "answers": [{"value": 14, "tolerance": 0, "credit": 100, "feedback": FEEDBACK}],
        "units": [{"name": "phiếu", "factor": 1}],
        "unit_rule": "optional",
    },
    "matching": {
        "pairs": [
            {"text": "Chủ trương", "match": "Cấp ủy", "feedback": FEEDBACK},
            {"text": "Quyết định hành chính", "match": "Ủy ban nhân dân", "feedback": FEEDBACK},
        ],
        "extra": [{"value": "Trưởng thôn"}],
    },
    "ordering": {
        "items": [{"text": "Chuẩn bị"}, {"text": "Họp"}, {"text": "Biểu quyết"}],
        "scheme": "pairs",
        "feedback": FEEDBACK,
    },
    "gaps": {
        "text": "<p>Cấp ủy ra [[1]], Ủy ban ra [[2]].</p>",
        "gaps": [
            {"kind": "typed", "answers": "nghị quyết", "feedback": FEEDBACK},
            {"kind": "chosen", "answers": "quyết định", "wrong": "chỉ thị\nthông báo"},
        ],
    },
    "grouping": {
        "groups": [
            {"name": "Khiếu nại", "items": [{"value": "Đơn về quyết định thu hồi đất"}]},
            {"name": "Tố cáo", "items": [{"value": "Đơn về cán bộ nhận tiền"}]},
        ],
        "extra": [{"value": "Thư cảm ơn"}],
    },
    "judgement": {
        "mode": "rate",
        "steps": 5,
        "lowest": "không nên",
        "highest": "rất nên",
        "actions": [
            {"text": "Xuống gặp dân ngay", "rating": 5, "reason": FEEDBACK},
            {"text": "Chờ báo cáo tuần", "rating": 1, "reason": FEEDBACK},
        ],
        "experts": "5 bí thư lâu năm",
    },
    "essay": {"minimum": 5, "maximum": 300, "may_type": True, "guidance": FEEDBACK},
}
