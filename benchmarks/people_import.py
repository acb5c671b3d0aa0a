"""How long a list of 5,000 people takes: checked, taken over, and sent a second time.

    python -m benchmarks.people_import              SQLite, and PostgreSQL where LMS_POSTGRESQL_URL
    python -m benchmarks.people_import --rows 500

Prints seconds and the largest memory of the process. Budgets of the issue: a check under 10 s, a
commit under 20 s, for 5,000 rows.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import django

from benchmarks.sites import ROOT, database, manage, site_environment

BUDGETS = {"check": 10.0, "commit": 20.0}
_FAMILIES = "Nguyễn Trần Lê Phạm Hoàng Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý Lường Vi Hà Nông Cầm"
_MIDDLES = "Thị Văn Đức Minh Hữu Quang Ngọc Thanh Thu Xuân Công Đình Bá Mai Hoài Kim Duy"
_GIVENS = (
    "An Ánh Bình Bưởi Chương Diệp Dũng Đạt Én Giang Hạ Hải Hiên Hòa Hoài Hùng Hưng Khuê Kiên Lan"
    " Lâm Lập Linh Loan Lục Mai Nam Nga Nghị Nhàn Oanh Phúc Phượng Quân Quý Sơn Tâm Thảo Thúy Tiến"
    " Trang Tú Tuyển Uyên Vân Việt Vinh Xuyến Yến"
)
FAMILIES, MIDDLES, GIVENS = (text.split() for text in (_FAMILIES, _MIDDLES, _GIVENS))


def main() -> int:
    """Measure on every engine there is; 1 when a budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        sys.stdout.write(json.dumps(measure(options.rows)) + "\n")
        return 0
    missed = False
    for engine in ["sqlite"] + (["postgresql"] if os.environ.get("LMS_POSTGRESQL_URL") else []):
        found = run(engine, options.rows)
        print(f"{engine}, {options.rows} rows:")
        for name, value in found.items():
            budget = BUDGETS.get(name)
            late = budget is not None and options.rows <= 5000 and value > budget
            missed |= late
            print(f"  {name:28} {value:8.2f}" + (f"   (at most {budget:.0f})" if budget else ""))
    return int(missed)


def run(engine: str, rows: int) -> dict[str, float]:
    """The figures of one engine, in a process of its own with an empty database."""
    with database(engine) as base, tempfile.TemporaryDirectory(prefix="lms-bench-") as folder:
        environment = site_environment(base, folder)
        manage(environment, "migrate", "-v0")
        command = [sys.executable, "-m", "benchmarks.people_import", "--inside"]
        done = subprocess.run(
            [*command, "--rows", str(rows)], env=environment, cwd=ROOT, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        return found


def measure(rows: int) -> dict[str, float]:
    """Import a list of invented people into the database of the settings, twice."""
    django.setup()
    from lms.people.importing.checking import check, judge_again  # noqa: PLC0415 -- needs settings
    from lms.people.importing.committing import commit  # noqa: PLC0415 -- needs settings
    from lms.people.importing.options import Options  # noqa: PLC0415 -- needs settings
    from lms.people.importing.steps import decide  # noqa: PLC0415 -- needs settings

    found: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        result = work()
        found[name] = time.perf_counter() - began
        return result

    manager = _site()
    content = _workbook(rows)
    found["file in MB"] = len(content) / 2**20
    sending = timed("send", lambda: _send(manager, content))
    _name(sending, Options)
    timed("check", lambda: list(check(sending)))
    unsure = sending.rows.filter(outcome="unsure").values_list("number", flat=True)
    decide(people_import=sending, answers=dict.fromkeys(unsure, "other"))
    sending.refresh_from_db()
    timed("check after decisions", lambda: list(judge_again(sending)))
    timed("commit", lambda: list(commit(sending)))
    assert sending.counts == {"new": rows}, sending.counts
    second = _send(manager, content)
    _name(second, Options)
    timed("second check", lambda: list(check(second)))
    timed("second commit", lambda: list(commit(second)))
    assert second.counts == {"unchanged": rows}, second.counts
    found["memory in MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _site() -> Any:
    """100 communes served by one centre, and its manager."""
    from lms.people.models import (  # noqa: PLC0415 -- needs settings
        CentreService,
        Position,
        TrainingCentre,
        Unit,
        UnitKind,
        User,
    )
    from lms.people.services.roles import grant_role  # noqa: PLC0415 -- needs settings

    kind = UnitKind.objects.create(code="xa", name="Xã")
    centre = TrainingCentre.objects.create(name="Trung tâm đo lường")
    for number in range(100):
        unit = Unit.add_root(instance=Unit(code=f"x{number}", name=_commune(number), kind=kind))
        CentreService.objects.create(centre=centre, unit=unit)
    for number, name in enumerate(("Bí thư", "Phó Bí thư", "Chủ tịch", "Trưởng ban")):
        Position.objects.create(code=f"p{number}", name=name)
    manager = User.objects.create(username="quanly")
    grant_role(user=manager, role="centre_manager", centre=centre)
    return manager


def _commune(number: int) -> str:
    return f"Xã {GIVENS[number % len(GIVENS)]} {MIDDLES[number // len(GIVENS)]}"


def _workbook(rows: int) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 -- only the inner process writes it

    chance = random.Random(5)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Danh sách")
    sheet.append(["STT", "Họ và tên", "Ngày sinh", "Giới tính", "Điện thoại", "Chức vụ", "Đơn vị"])
    for number in range(rows):
        name = " ".join(chance.choice(each) for each in (FAMILIES, MIDDLES, MIDDLES, GIVENS))
        born = f"{chance.randint(1, 28)}/{chance.randint(1, 12)}/{chance.randint(1965, 1999)}"
        position = chance.choice(("Bí thư", "Phó Bí thư", "Chủ tịch", "Trưởng ban"))
        sheet.append(
            [number + 1, name, born, chance.choice(("Nam", "Nữ")), 900_000_000 + number, position,
             _commune(number % 100)]
        )  # fmt: skip
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _send(manager: Any, content: bytes) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    from lms.people.importing.steps import send  # noqa: PLC0415 -- needs settings

    return send(by=manager, upload=SimpleUploadedFile("danh-sach.xlsx", content))


def _name(sending: Any, options: Any) -> None:
    from django.utils import timezone  # noqa: PLC0415 -- needs settings

    sending.options = options(on=timezone.localdate()).as_json()
    sending.save()


if __name__ == "__main__":
    sys.exit(main())
