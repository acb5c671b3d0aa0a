"""A learner at a browser, on the Vietnamese pages: what is done. The tests say what follows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect

from tests.browser.course_text import Lesson, Question, course_title
from tests.browser.hands import Pointer
from tests.browser.prepare import PASSWORD


class Learner:
    """Someone who studies. `hands` is how they use the page."""

    def __init__(self, page: Page, hands: Pointer) -> None:
        self.page = page
        self.hands = hands
        self.main = page.locator("main")

    def link(self, name: str) -> Locator:
        """The link in the page's own part that begins with `name`."""
        return self.main.get_by_role("link", name=re.compile(f"^{re.escape(name)}")).first

    def button(self, name: str) -> Locator:
        """The button that is called exactly so."""
        return self.main.get_by_role("button", name=name, exact=True)

    def sign_in(self, login: str, password: str = PASSWORD) -> None:
        """From the front page to one's home."""
        self.page.goto("/")
        self.hands.press(self.link("Đăng nhập để học"))
        self.hands.fill(self.page.get_by_label("Tên đăng nhập hoặc số điện thoại"), login)
        self.hands.fill(self.page.get_by_label("Mật khẩu", exact=True), password)
        self.hands.press(self.button("Đăng nhập"))

    def arrives(self) -> None:
        """Signing in has led home, or to the desk of those who teach or manage."""
        self.page.wait_for_url(re.compile(r"/(home|manage)/$"))

    def sign_out(self) -> None:
        """By the menu under one's name."""
        top = self.page.locator("header.top")
        self.hands.press(top.locator("summary"))
        self.hands.press(top.get_by_role("button", name="Đăng xuất"))
        expect(top.get_by_role("link", name="Đăng nhập")).to_be_visible()

    def open_course(self, title: str = "") -> None:
        """From home to the catalogue to the course: the real one unless told otherwise."""
        title = title or course_title()
        tabs = self.page.get_by_role("navigation", name="Các trang chính")
        self.hands.press(tabs.get_by_role("link", name="Khóa học"))
        self.hands.press(self.link(title))
        expect(self.page.locator("h1")).to_have_text(title)

    def enrol(self) -> None:
        """On the course page."""
        self.hands.press(self.button("Ghi danh"))
        expect(self.main).to_contain_text("Đã ghi danh. Bắt đầu từ bài đầu tiên.")

    def begin(self, lesson: Lesson) -> None:
        """From the course page to the lesson that it offers."""
        self.hands.press(self.link("Bắt đầu"))
        self.is_at(lesson)

    def is_at(self, lesson: Lesson) -> None:
        """The page is this lesson's."""
        expect(self.page.locator("h1")).to_have_text(lesson.title)

    def finish(self, *, last: bool = False) -> None:
        """Press the button that says the lesson is studied."""
        self.hands.press(self.button("Đã học xong, kết thúc" if last else "Đã học xong, tiếp"))

    def open_activity(self, title: str) -> None:
        """From the lesson to the page of an activity."""
        card = self.main.locator("section.card", has=self.page.get_by_text(title))
        self.hands.press(card.get_by_role("link"))
        expect(self.page.locator("h1")).to_have_text(title)

    def open_quiz(self, lesson: Lesson) -> None:
        """From the lesson to its quiz, and begin an attempt."""
        self.open_activity(lesson.quiz_title)
        self.hands.press(self.button("Bắt đầu"))
        expect(self.question(1)).to_be_visible()

    def question(self, position: int) -> Locator:
        """The question at a position, while it is answered."""
        return self.page.locator(f"#q-{position}")

    def answer(self, position: int, question: Question, *, right: bool = True) -> None:
        """Answer rightly or wrongly."""
        place = self.question(position)
        given = question.right if right else question.wrong
        match question.kind:
            case "numeric":
                self._type(place.locator("input:not([type=hidden])"), given[0])
            case "matching":
                for text, chosen in given:
                    row = place.locator("li", has=self.page.get_by_text(text, exact=True))
                    self.hands.pick(row.locator("select"), chosen)
            case "ordering":
                self._put_in_order(place, given)
            case "gaps":
                for gap, text in zip(place.locator(".gap").all(), given, strict=True):
                    if gap.evaluate("each => each.tagName") == "SELECT":
                        self.hands.pick(gap, text)
                    else:
                        self._type(gap, text)
            case _:
                for text in given:
                    label = place.locator("label.option", has_text=text)
                    self.hands.choose(label.locator("input"))

    def _type(self, field: Locator, text: str) -> None:
        """Type, and leave the field: what is typed is saved then."""
        self.hands.fill(field, text)
        field.press("Tab")

    def _put_in_order(self, place: Locator, texts: Sequence[str]) -> None:
        """By the buttons of each row; by the lists of places where there is no script."""
        rows = place.locator("ol.sorting > li")
        if not self.page.locator("html.js").count():
            for number, text in enumerate(texts, 1):
                row = rows.filter(has=self.page.get_by_text(text, exact=True))
                self.hands.pick(row.locator("select"), str(number))
            return
        for to, text in enumerate(texts):
            shown = [
                " ".join(each.split()) for each in rows.locator("[data-text]").all_inner_texts()
            ]
            up = rows.filter(has=self.page.get_by_text(text, exact=True)).locator(
                "[data-move='-1']"
            )
            for _ in range(shown.index(text) - to):
                self.hands.press(up)

    def shows(self, position: int, question: Question) -> None:
        """The page shows the right answer as the one given."""
        place = self.question(position)
        match question.kind:
            case "numeric":
                expect(place.locator("input:not([type=hidden])")).to_have_value(question.right[0])
            case "matching":
                for text, chosen in question.right:
                    row = place.locator("li", has=self.page.get_by_text(text, exact=True))
                    expect(row.locator("option:checked")).to_have_text(chosen)
            case "single_choice" | "multiple_choice" | "true_false":
                chosen = place.locator("label.option", has=self.page.locator(":checked"))
                texts = {" ".join(text.split()) for text in chosen.all_inner_texts()}
                assert texts == set(question.right)
            case _:
                raise NotImplementedError(question.kind)

    def is_saved(self, position: int) -> None:
        """The page says that the server has the answer."""
        expect(self.question(position).locator(".saved")).to_contain_text("Đã lưu")

    def hand_in(self) -> None:
        """End the attempt."""
        self.hands.press(self.button("Nộp bài"))

    def pass_quiz(self, lesson: Lesson, *, saves: bool) -> None:
        """Answer everything right, and back to the lesson. `saves`: the page says so as it goes."""
        self.open_quiz(lesson)
        for position, question in enumerate(lesson.questions, 1):
            self.answer(position, question)
            if saves:
                self.is_saved(position)
        self.hand_in()
        expect(self.main.locator(".result")).to_contain_text(re.compile("đã đạt", re.IGNORECASE))
        expect(self.ring()).to_have_accessible_name("100 phần trăm, Kết quả")
        self.hands.press(self.link("Về bài học"))
        self.is_at(lesson)

    def do_task(self, lesson: Lesson, *, note: str) -> None:
        """Begin the workplace task of a lesson, date two steps, hand it in, and back."""
        self.open_activity(lesson.task_title)
        self.hands.press(self.button("Bắt đầu làm"))
        days = self.main.locator("input[type=date]")
        expect(days.first).to_be_visible()
        for day in (days.nth(0), days.nth(2)):
            if self.page.locator("html.js").count():
                self.hands.press(day.locator("xpath=..").get_by_role("button", name="Hôm nay"))
            else:
                self.hands.fill(day, day.get_attribute("max") or "")
        self.hands.fill(self.main.locator("#task-note"), note)
        self.hands.press(self.button("Nộp việc làm"))
        expect(self.main).to_contain_text("Đã nộp việc làm này")
        expect(self.main).to_contain_text(note)
        self.hands.press(self.link(f"Về bài {lesson.code}"))
        self.is_at(lesson)

    def home(self) -> None:
        """By the tab on top."""
        tabs = self.page.get_by_role("navigation", name="Các trang chính")
        self.hands.press(tabs.get_by_role("link", name="Trang chủ"))
        expect(self.page.locator("h1")).to_contain_text("Chào ")

    def record(self) -> None:
        """By the tab on top."""
        tabs = self.page.get_by_role("navigation", name="Các trang chính")
        self.hands.press(tabs.get_by_role("link", name="Hồ sơ"))
        expect(self.page.locator("h1")).to_have_text("Hồ sơ học tập")

    def ring(self) -> Locator:
        """The ring of the course on the home page, or of the result."""
        return self.main.get_by_role("img", name=re.compile("phần trăm"))
