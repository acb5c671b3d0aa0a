"""Makes the pictures of docs/images anew, from the demo people and the real course.

LMS_CHROMIUM=/usr/bin/chromium python -m tests.browser.screenshots [folder]
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import uuid
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.course_text import SLUG
from tests.browser.hands import Pointer
from tests.browser.sites import ROOT, Site, prepare
from tests.browser.walk import Learner
from tests.chromium import ARGUMENTS

SIZES = {390: 844, 1280: 900}  # width: height of the window
HEAVIEST = 150_000  # bytes of a picture
# A block of the lesson below the bar on top, with its neighbours around it.
SHOW_BLOCKS = """element => {
  element.style.scrollMarginTop = "150px";
  element.scrollIntoView({behavior: "instant"});
}"""


def addresses(site: Site) -> dict[str, tuple[str, str]]:
    """Which account shows which page, by the name of the picture."""
    ((page, path),) = site.rows(
        "SELECT id, url_path FROM wagtailcore_page JOIN content_lessonpage ON page_ptr_id = id"
        " WHERE code = '1.2' AND url_path LIKE ?",
        f"%/{SLUG}/%",
    )
    lesson = f"/{SLUG}/{str(path).partition(f'/{SLUG}/')[2]}"
    ((quiz,),) = site.rows(
        "SELECT activity.uuid FROM content_activity AS activity"
        " JOIN learning_attempt AS attempt ON attempt.activity_id = activity.id"
        " JOIN learning_enrolment AS enrolment ON enrolment.id = attempt.enrolment_id"
        " JOIN people_user AS account ON account.person_id = enrolment.person_id"
        " WHERE account.username = 'hocvien' AND attempt.passed ORDER BY attempt.id LIMIT 1"
    )
    return {
        "home": ("hocvien", "/home/"),
        "course": ("hocvien", f"/{SLUG}/"),
        "lesson": ("hocvien", lesson),
        "quiz-result": ("hocvien", f"/learn/activities/{uuid.UUID(str(quiz))}/"),
        "lesson-editor": ("giangvien", f"/admin/pages/{page}/edit/"),
    }


def picture(page: Page, target: Path) -> None:
    """Write what the window shows as WebP, as good as the weight allows."""
    shot = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    for quality in (90, 80, 70, 60, 50):
        kept = io.BytesIO()
        shot.save(kept, "WEBP", quality=quality, method=6)
        if kept.tell() <= HEAVIEST:
            target.write_bytes(kept.getvalue())
            return
    raise RuntimeError(f"{target.name} stays above {HEAVIEST} bytes")


def make(browser: Browser, site: Site, folder: Path) -> None:
    """All pictures."""
    for name, (username, address) in addresses(site).items():
        for width, height in SIZES.items():
            context = browser.new_context(
                base_url=site.url,
                locale="vi-VN",
                viewport={"width": width, "height": height},
                device_scale_factor=2 if width < 600 else 1,
                reduced_motion="reduce",
            )
            page = context.new_page()
            person = Learner(page, Pointer(page))
            person.sign_in(username)
            person.arrives()
            page.goto(address, wait_until="networkidle")
            if name == "lesson-editor":
                page.locator("section[id^='block-']").nth(int(width > 600)).evaluate(SHOW_BLOCKS)
            picture(page, folder / f"{name}-{width}.webp")
            context.close()


def main() -> None:
    """Prepare a site, serve it, take the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        template = prepare(Path(os.environ.get("LMS_BROWSER_SITE") or f"{made}/template"))
        (running := Path(made) / "site").mkdir()
        site = Site(running, template)
        try:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("LMS_CHROMIUM", "/usr/bin/chromium"),
                args=ARGUMENTS,
            )
            make(browser, site, folder)
            browser.close()
        finally:
            site.close()


if __name__ == "__main__":
    main()
