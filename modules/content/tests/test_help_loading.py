"""Help and contact pages from texts: loaded, loaded again, changed in the admin, refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lms.people.tests.factories import UserFactory
from modules.content.curriculum.frontmatter import TextErrors
from modules.content.curriculum.help import read_help
from modules.content.curriculum.loader import load_curriculum, load_help
from modules.content.models import ContactPage, HelpPage

ROOT = Path(__file__).resolve().parents[2] / "curriculum"
INDEX = "---\nkind: help\ntitle: Trợ giúp\nslug: tro-giup\n---\nXem các phần dưới.\n"
LEARNER = "---\nkind: help\ntitle: Người học\nslug: nguoi-hoc\n---\n## Bước 1\n\n1. Mở **bài**\n"
ENGLISH = "---\nkind: help\ntitle: Help\nslug: help\n---\nSee below.\n"
CONTACT = "---\nkind: contact\ntitle: Liên hệ\nslug: lien-he\nphone: 0250 1\n---\nGọi đến đây.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "help"
    folder.mkdir()
    texts = {"index": INDEX, "index.en": ENGLISH, "learner": LEARNER, "contact": CONTACT}
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.django_db
def test_texts_become_pages_once(root: Path) -> None:
    made = load_help(root=root)
    assert [change.action for change in made] == ["created"] * 4
    assert load_help(root=root) == []
    learner = HelpPage.objects.get(slug="nguoi-hoc")
    assert "<h2>Bước 1</h2>" in learner.body
    assert "<strong>bài</strong>" in learner.body or "<b>bài</b>" in learner.body
    index = HelpPage.objects.get(slug="tro-giup")
    assert learner.get_parent().specific == index
    assert index.get_translations().get().title == "Help"
    assert ContactPage.objects.get().phone == "0250 1"
    assert all(page.live for page in HelpPage.objects.all())


@pytest.mark.django_db
def test_page_changed_in_the_admin_stays_until_its_text_changes(root: Path) -> None:
    load_help(root=root)
    page, author = ContactPage.objects.get(), UserFactory()
    page.phone = "0250 999"
    page.save_revision(user=author).publish()
    assert load_help(root=root) == []
    assert ContactPage.objects.get().phone == "0250 999"
    (root / "help" / "contact.md").write_text(CONTACT.replace("0250 1", "0250 2"), "utf-8")
    changes = load_help(root=root)
    assert [(change.action, change.path) for change in changes] == [("updated", "help/contact.md")]
    assert author.username in changes[0].note  # not overwritten without saying so
    assert ContactPage.objects.get().phone == "0250 2"


@pytest.mark.django_db
def test_changed_english_text_counts_as_a_change(root: Path) -> None:
    load_help(root=root)
    english = root / "help" / "index.en.md"
    english.write_text(ENGLISH.replace("See below", "Look below"), encoding="utf-8")
    assert {change.path for change in load_help(root=root)} == {"help/index.md"}
    assert "Look below" in HelpPage.objects.get(locale__language_code="en").body


@pytest.mark.django_db
def test_page_deleted_in_the_admin_does_not_come_back(root: Path) -> None:
    load_help(root=root)
    HelpPage.objects.get(slug="nguoi-hoc").delete()
    assert [(each.action, each.path) for each in load_help(root=root)] == [
        ("left", "help/learner.md")
    ]
    assert not HelpPage.objects.filter(slug="nguoi-hoc").exists()


@pytest.mark.django_db
def test_curriculum_brings_its_help_along(root: Path) -> None:
    assert {change.action for change in load_curriculum(root=root, check=True)} == {"created"}
    assert HelpPage.objects.count() == 0
    load_curriculum(root=root)
    assert HelpPage.objects.count() == 3
    assert load_curriculum(root=root) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (INDEX.replace("kind: help", "kind: lesson"), 2),
        (INDEX.replace("title: Trợ giúp", "titel: Trợ giúp"), 1),
        (INDEX + "\n::: key\nNhớ\n:::\n", 8),
    ],
)
def test_faulty_text_is_named_with_its_line(root: Path, text: str, line: int) -> None:
    (root / "help" / "index.md").write_text(text, encoding="utf-8")
    with pytest.raises(TextErrors) as caught:
        read_help(root)
    assert [(error.path, error.line) for error in caught.value.errors] == [("help/index.md", line)]


def test_site_ships_help_for_learner_instructor_and_manager_in_both_languages() -> None:
    texts = read_help(ROOT)
    assert [text.name for text in texts][:1] == ["index"]
    assert {text.name for text in texts} == {
        "index",
        "learner",
        "instructor",
        "manager",
        "contact",
    }
    assert all(text.english for text in texts)
