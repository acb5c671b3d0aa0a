"""Two ways of using a page: with a pointer, and with the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

TABS = 150  # more than any page has places to stop at

# Whether the focus is where the person is told it is: in the window, not covered, with a mark.
# The page may still be scrolling there.
SEES_FOCUS = """async () => {
  const element = document.activeElement;
  const shown = [element, element.closest('label'), element.closest('.option')].filter(Boolean);
  const look = () => {
    const marked = shown.some(each => {
      const style = getComputedStyle(each);
      const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
      return outline || style.boxShadow !== 'none';
    });
    const box = element.getBoundingClientRect();
    const x = box.left + box.width / 2, y = box.top + Math.min(box.height / 2, 20);
    const inside = x >= 0 && x <= innerWidth && y >= 0 && y <= innerHeight;
    const top = inside && document.elementFromPoint(x, y);
    const own = Boolean(top) && (top.contains(element) || shown.some(each => each.contains(top)));
    return {marked, inside, own, visible: element.matches(':focus-visible')};
  };
  for (let tries = 0; ; tries++) {
    const seen = look();
    const missing = Object.keys(seen).filter(name => !seen[name]);
    if (!missing.length || tries > 50) return missing;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}"""


class Pointer:
    """A finger or a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        """Press a link or a button."""
        target.click()

    def fill(self, target: Locator, text: str) -> None:
        """Type into a field."""
        target.fill(text)

    def choose(self, target: Locator) -> None:
        """Tick a box or pick an option."""
        target.check()

    def pick(self, target: Locator, label: str) -> None:
        """Pick from a list."""
        target.select_option(label=label)

    def play(self, video: Locator) -> None:
        """Play a video, or stop it: by the button at the left of the browser's own controls."""
        box = video.bounding_box()
        assert box is not None
        video.click(position={"x": 32, "y": box["height"] - 44})


class Keyboard(Pointer):
    """Tab, Enter, Space and the arrows. Never points."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.unseen: list[str] = []  # where the focus could not be seen

    def press(self, target: Locator) -> None:
        self._go_to(target)
        self.page.keyboard.press("Enter")

    def fill(self, target: Locator, text: str) -> None:
        self._go_to(target)
        self.page.keyboard.type(text)

    def choose(self, target: Locator) -> None:
        if target.get_attribute("type") == "radio":
            self._choose_radio(target)
        else:
            self._go_to(target)
            self.page.keyboard.press("Space")
        assert target.is_checked()

    def pick(self, target: Locator, label: str) -> None:
        self._go_to(target)
        for _ in range(target.locator("option").count()):
            if _shown(target) == label:
                return
            self.page.keyboard.press("ArrowDown")
        assert _shown(target) == label

    def play(self, video: Locator) -> None:
        self._go_to(video)
        self.page.keyboard.press("Space")

    def _choose_radio(self, target: Locator) -> None:
        group = self.page.locator(f"input[name='{target.get_attribute('name')}']")
        self._tab_until("(element, name) => element.name === name", target.get_attribute("name"))
        self._look()
        if self._has_focus(target):
            self.page.keyboard.press("Space")
            return
        for _ in range(group.count()):
            self.page.keyboard.press("ArrowDown")
            if self._has_focus(target):
                return
        raise AssertionError("the arrows do not reach the option")

    def _go_to(self, target: Locator) -> None:
        target.wait_for(state="visible")
        handle = target.element_handle()
        self._tab_until("(element, wanted) => element === wanted", handle)
        self._look()

    def _tab_until(self, condition: str, argument: object) -> None:
        script = f"wanted => ({condition})(document.activeElement, wanted)"
        for _ in range(TABS):
            if self.page.evaluate(script, argument):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{TABS} presses of Tab do not reach the place")

    def _has_focus(self, target: Locator) -> bool:
        return bool(target.evaluate("element => element === document.activeElement"))

    def _look(self) -> None:
        missing = self.page.evaluate(f"({SEES_FOCUS})()")
        if missing:
            text = self.page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
            self.unseen.append(f"{self.page.url}: not {missing}: {text}")


def _shown(target: Locator) -> str:
    """What a list shows as picked."""
    return str(target.evaluate("each => each.selectedOptions[0].label.trim()"))
