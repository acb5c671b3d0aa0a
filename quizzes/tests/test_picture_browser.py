"""Marking places in a picture and attaching files in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core.files.images import ImageFile
from PIL import Image as Drawn
from PIL import ImageDraw
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from wagtail.images import get_image_model

from quizzes.models import Response
from quizzes.models.files import ResponseFile
from quizzes.tests.factories import make_placed, make_question, make_quiz
from quizzes.tests.test_browser import begin, saved

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def browser(
    chromium: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BrowserContext]:
    # Playwright keeps an event loop in this thread; Django takes that for asynchronous code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 390, "height": 844}, locale="vi-VN"
    )
    yield context
    context.close()


def make_image() -> int:
    drawn = Drawn.new("RGB", (1200, 700), "#dfe7e2")
    pen = ImageDraw.Draw(drawn)
    for left in (60, 460, 860):
        pen.rectangle((left, 200, left + 280, 600), outline="#12535f", width=6)
    made = BytesIO()
    drawn.save(made, "PNG")
    image = get_image_model().objects.create(title="Sơ đồ", file=ImageFile(made, "so-do.png"))
    return int(image.pk)


def area(name: str, left: int, right: bool) -> dict[str, Any]:
    return {
        "name": name,
        "shape": "rectangle",
        "coordinates": f"{left} 28 {left + 24} 86",
        "correct": right,
        "feedback": f"Về {name}.",
    }


def make_hotspot(scheme: str) -> Any:
    written = {
        "picture": {"image": make_image()},
        "alt": "Sơ đồ ba phòng",
        "areas": [area("Phòng 1", 5, True), area("Phòng 2", 38, False), area("Phòng 3", 71, True)],
        "scheme": scheme,
    }
    return make_question(kind="hotspot", written=written)


def stored() -> Any:
    return Response.objects.get(slot__position=1).answer


def tap(page: Page, across: float, down: float) -> None:
    picture = page.locator("#q-1 svg.hotspot")
    box = picture.bounding_box()
    assert box is not None
    picture.click(position={"x": box["width"] * across, "y": box["height"] * down})


def pins(page: Page) -> Locator:
    return page.locator("#q-1 .pin")


def test_places_are_marked_moved_and_removed(browser: BrowserContext) -> None:
    page = begin(browser, make_placed(make_quiz(make_hotspot("all"))))
    status = page.locator("#q-1 [data-hotspot] [role=status]")
    expect(status).to_have_text("Đã đánh dấu: 0/2")
    tap(page, 0.1, 0.5)
    tap(page, 0.5, 0.5)
    expect(pins(page)).to_have_count(2)
    expect(status).to_have_text("Đã đánh dấu: 2/2")
    tap(page, 0.8, 0.5)
    expect(status).to_have_text("Đã đánh dấu đủ. Bỏ một dấu để đánh dấu chỗ khác.")
    page.get_by_role("button", name="Bỏ dấu 2").click()
    expect(pins(page)).to_have_count(1)
    tap(page, 0.8, 0.5)
    saved(page, 1).to_contain_text("Đã lưu")
    expect(page.locator("[data-unanswered]")).to_have_text("Đã trả lời mọi câu.")
    page.reload()
    expect(pins(page)).to_have_count(2)
    (first, second) = stored()["points"]
    assert abs(first[0] - 10) < 1
    assert abs(second[0] - 80) < 1
    page.get_by_role("button", name="Nộp bài").click()
    expect(page.locator("section.result.is-passed")).to_be_visible()
    expect(page.locator("#q-1 path.is-right")).to_have_count(2)
    expect(page.locator("#q-1 path.is-wrong")).to_have_count(1)


def test_name_and_point_replace_each_other(browser: BrowserContext) -> None:
    page = begin(browser, make_placed(make_quiz(make_hotspot("one"))))
    tap(page, 0.1, 0.5)
    tap(page, 0.5, 0.5)
    expect(pins(page)).to_have_count(1)  # moved
    page.get_by_text("Chọn theo tên").click()
    page.get_by_label("Phòng 3").check()
    expect(pins(page)).to_have_count(0)
    saved(page, 1).to_contain_text("Đã lưu")
    page.reload()
    expect(page.get_by_label("Phòng 3")).to_be_checked()
    assert list(stored()) == ["areas"]
    tap(page, 0.1, 0.5)
    expect(page.get_by_label("Phòng 3")).not_to_be_checked()
    saved(page, 1).to_contain_text("Đã lưu")
    page.reload()
    expect(pins(page)).to_have_count(1)
    assert list(stored()) == ["points"]


def test_marks_made_without_a_line_come_back(browser: BrowserContext) -> None:
    placed = make_placed(make_quiz(make_hotspot("all")))
    page = begin(browser, placed)
    browser.set_offline(True)
    tap(page, 0.1, 0.5)
    tap(page, 0.8, 0.5)
    saved(page, 1).to_contain_text("Chưa lưu được")
    page.close()
    browser.set_offline(False)
    again = browser.new_page()
    again.goto(placed.url)
    expect(pins(again)).to_have_count(2)
    saved(again, 1).to_contain_text("Đã lưu")
    assert len(stored()["points"]) == 2


def test_by_name_without_a_script(
    chromium: Browser, live_server: Any, browser: BrowserContext
) -> None:
    placed = make_placed(make_quiz(make_hotspot("one")))
    begin(browser, placed)
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(browser.cookies())
    page = context.new_page()
    page.goto(placed.url)
    page.get_by_label("Phòng 1").check()  # the list stands open
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_label("Phòng 1")).to_be_checked()
    assert list(stored()) == ["areas"]
    context.close()


def test_files_are_sent_and_removed_while_one_writes(browser: BrowserContext) -> None:
    written = {"may_type": True, "may_attach": True, "files": 2, "minimum": 3}
    placed = make_placed(make_quiz(make_question(kind="essay", written=written)))
    page = begin(browser, placed)
    expect(page.get_by_role("button", name="Đính kèm tệp đã chọn")).to_be_hidden()
    page.get_by_label("Nội dung trả lời").fill("Hai từ")
    expect(page.locator("#q-1 [data-words]")).to_have_text("Đã viết: 2 từ · Còn thiếu 1 từ")
    photo = BytesIO()
    Drawn.new("RGB", (60, 40), "red").save(photo, "JPEG")
    page.locator("#q-1 input[type=file]").set_input_files(
        [
            {"name": "ảnh.jpeg", "mimeType": "image/jpeg", "buffer": photo.getvalue()},
            {"name": "đơn.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\nx"},
        ]
    )
    rows = page.locator("#q-1 [data-list] li")
    expect(rows).to_have_count(2)
    expect(rows.first.get_by_role("link")).to_have_text("ảnh.jpg")
    saved(page, 1).to_contain_text("Đã lưu")
    page.reload()
    expect(rows).to_have_count(2)
    expect(page.get_by_label("Nội dung trả lời")).to_have_value("Hai từ")
    page.get_by_role("button", name="Bỏ đơn.pdf").click()
    expect(rows).to_have_count(1)
    saved(page, 1).to_contain_text("Đã lưu")
    page.reload()
    expect(rows).to_have_count(1)
    kept = ResponseFile.objects.get()
    assert stored() == {"text": "Hai từ", "files": [str(kept.uuid)]}


def test_text_is_saved_while_one_writes(browser: BrowserContext) -> None:
    placed = make_placed(make_quiz(make_question(kind="essay", written={"may_type": True})))
    page = begin(browser, placed)
    page.get_by_label("Nội dung trả lời").press_sequentially("Đang viết")
    saved(page, 1).to_contain_text("Đã lưu", timeout=20_000)  # without leaving the field
    assert stored() == {"text": "Đang viết", "files": []}
