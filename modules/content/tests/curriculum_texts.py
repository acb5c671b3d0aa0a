"""A small curriculum on disk for tests."""

from __future__ import annotations

from pathlib import Path

REFERENCES = """\
- code: luat-10-2022-d15
  number: 10/2022/QH15
  article: Điều 15
  title: "Luật Thực hiện dân chủ ở cơ sở"
  issuer: Quốc hội
  url: ""
  valid_from: 2023-07-01
  valid_to: null
  superseded_by: ""
  certainty: read
  doubtful: false
  source: [S35]
  note: Dân bàn và quyết định.
- code: nd-cu
  number: 1/2000/NĐ-CP
  article: ""
  title: Nghị định cũ
  issuer: Chính phủ
  url: ""
  valid_from: null
  valid_to: null
  superseded_by: luat-10-2022-d15
  certainty: remembered
  doubtful: true
  source: []
  note: ""
"""
COURSE = """\
---
kind: course
slug: khoa-thu
title: Khóa thử
title_en: Trial course
summary: Tóm tắt khóa.
summary_en: Summary of the course.
objectives: [Biết một việc., Làm một việc.]
objectives_en: [Know a thing., Do a thing.]
audience: Cán bộ xã
periods: 1
electives_needed: 0
review_by: 2027-06-30
---
Lời vào khóa, **ngắn**.
"""
MODULE = """\
---
kind: module
code: "1"
slug: chuyen-de
title: Chuyên đề
title_en: Module
summary: Tóm tắt chuyên đề.
summary_en: Summary of the module.
elective: false
periods: 1
---
Lời vào chuyên đề, **ngắn**.
"""
LESSON = """\
---
kind: lesson
code: "1.1"
slug: bai-mot
title: Bài "một"
title_en: Lesson one
summary: Tóm tắt bài.
summary_en: Summary.
objectives: [Nói được ba ý.]
objectives_en: [Say three things.]
minutes: 12
periods: 0.5
review_by: 2027-06-30
references: [luat-10-2022-d15]
glossary:
  - term: Chủ trương
    meaning: Định hướng do tập thể quyết.
---
## Mở bài

Một đoạn văn có **chữ đậm** và *chữ nghiêng*.

::: key Ba ý
- Ý thứ nhất.
- Ý thứ hai.
:::

::: example Ví dụ ở xã
Trước bảng.

| | Trạm bơm | Nhà văn hóa |
|---|---|---|
| Ai hưởng | 212 hộ | 5 thôn |

Sau bảng.
:::

::: table Bảng việc
| Việc | Người |
|---|---|
| Họp | **Chị Nhàn** |
:::

::: reveal Tự hỏi?
Tự đáp.
:::

::: checklist Mang về
- [ ] Việc thứ nhất.
- [ ] Việc thứ hai.
:::

::: quote Tục ngữ
Trăm hay không bằng tay quen.
:::

::: activity 1.1-quiz
:::
"""
SECOND = """\
---
kind: lesson
code: "1.2"
slug: bai-hai
title: Bài hai
summary: Tóm tắt.
objectives: [Làm được.]
minutes: 10
periods: 0.5
references: []
---
Chỉ một đoạn.
"""
ACTIVITY = """\
---
kind: activity
type: test.plain
code: 1.1-quiz
title: "Câu hỏi bài 1.1"
title_en: Quiz
required: false
data:
  questions:
    - basis: [luat-10-2022-d15]
---
"""


def write_curriculum(root: Path) -> Path:
    """The texts below `root`; gives the folder of their one module."""
    module = root / "khoa-thu" / "1-chuyen-de"
    (module / "activities").mkdir(parents=True)
    (root / "references.yaml").write_text(REFERENCES, encoding="utf-8")
    (root / "khoa-thu" / "course.md").write_text(COURSE, encoding="utf-8")
    (module / "module.md").write_text(MODULE, encoding="utf-8")
    (module / "1.1-bai-mot.md").write_text(LESSON, encoding="utf-8")
    (module / "1.2-bai-hai.md").write_text(SECOND, encoding="utf-8")
    (module / "activities" / "1.1-quiz.md").write_text(ACTIVITY, encoding="utf-8")
    return module


def edit(path: Path, old: str, new: str) -> None:
    """Put `new` in the place of `old`, which must stand in the file once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
