from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from wagtail.models import ModelLogEntry, PageLogEntry, Revision

from lms.plugins.contracts import Problem
from modules.content.curriculum.frontmatter import TextError, TextErrors
from modules.content.curriculum.loader import load_curriculum
from modules.content.curriculum.texts import NAMESPACE
from modules.content.models import (
    Activity,
    CourseOutline,
    CoursePage,
    ImportedText,
    LegalReference,
    LessonPage,
    ModulePage,
    Placement,
)
from modules.content.tests.curriculum_texts import LESSON, edit, write_curriculum
from modules.content.tests.factories import PlainType, outline_for, registered

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


@pytest.fixture
def plain():
    with registered() as activity_type:
        yield activity_type


@pytest.fixture
def module(tmp_path: Path, plain) -> Path:
    return write_curriculum(tmp_path)


@pytest.fixture
def loaded(tmp_path: Path, module: Path) -> Path:
    load_curriculum(root=tmp_path)
    return tmp_path


def lesson(code: str = "1.1") -> LessonPage:
    return LessonPage.objects.get(code=code)


def counts() -> dict[str, int]:
    models = (Revision, PageLogEntry, ModelLogEntry, ImportedText, LegalReference, Activity)
    return {each.__name__: each.objects.count() for each in models}


def test_load_makes_course_module_and_lessons_in_order(loaded):
    course = CoursePage.objects.get(locale__language_code="vi")
    outline = outline_for(course)
    assert [(m.code, [each.code for each in m.lessons]) for m in outline.modules] == [
        ("1", ["1.1", "1.2"])
    ]
    assert (course.title, course.review_by) == ("Khóa thử", dt.date(2027, 6, 30))
    assert course.intro == "<p>Lời vào khóa, <strong>ngắn</strong>.</p>"
    assert course.objective_list == ["Biết một việc.", "Làm một việc."]


def test_load_fills_the_module_and_its_introduction_shows_in_the_outline(loaded):
    module = ModulePage.objects.get(locale__language_code="vi")
    assert module.intro == "<p>Lời vào chuyên đề, <strong>ngắn</strong>.</p>"
    outline = outline_for(CoursePage.objects.get(locale__language_code="vi"))
    assert outline.modules[0].page("vi").intro == module.intro
    assert outline.modules[0].page("en").intro == ""


def test_table_in_the_body_of_a_module_is_refused_with_its_line(tmp_path, module):
    edit(module / "module.md", "Lời vào", "| a | b |\n\nLời vào")
    with pytest.raises(TextErrors) as refused:
        load_curriculum(root=tmp_path)
    assert "module.md:12: only text and lists may stand here" in str(refused.value)


def test_load_fills_the_lesson(loaded):
    page = lesson()
    assert (page.title, page.minutes, page.periods) == ('Bài "một"', 12, Decimal("0.5"))
    assert [block.block_type for block in page.body] == [
        "heading",
        "rich_text",
        "callout",
        "worked_example",
        "table",
        "reveal",
        "checklist",
        "quotation",
        "activity",
    ]
    assert [link.reference.code for link in page.legal_references.all()] == ["luat-10-2022-d15"]
    assert page.glossary[0].value["term"] == "Chủ trương"
    assert list(page.body[6].value["items"]) == ["Việc thứ nhất.", "Việc thứ hai."]


def test_table_in_an_example_becomes_a_table_of_its_own(loaded):
    example = lesson().body[3]
    assert example.value["body"].source == "<p>Trước bảng.</p>"
    table, text = example.value["more"]
    assert table.value.table.header == ["", "Trạm bơm", "Nhà văn hóa"]
    assert table.value.table.rows == [["Ai hưởng", "212 hộ", "5 thôn"]]
    assert text.value.source == "<p>Sau bảng.</p>"
    html = example.render()
    assert html.count("<table>") == 1
    assert 'aria-label="Trạm bơm, Nhà văn hóa"' in html
    assert '<th scope="col"></th>' not in html


def test_marks_of_emphasis_do_not_show_in_table_cells(loaded):
    assert lesson().body[4].value.table.rows == [["Họp", "Chị Nhàn"]]


def test_activity_is_placed_as_its_text_says(loaded):
    activity = Activity.objects.get()
    placement = Placement.objects.get()
    assert (placement.activity_id, placement.required) == (activity.pk, False)
    assert activity.live
    assert [each.code for each in activity.references.all()] == ["luat-10-2022-d15"]


def test_keys_come_from_the_texts(loaded):
    course = CoursePage.objects.get(locale__language_code="vi")
    import uuid  # noqa: PLC0415 -- only here

    assert course.translation_key == uuid.uuid5(NAMESPACE, "course:khoa-thu")
    assert lesson().translation_key == uuid.uuid5(course.translation_key, "lesson:1.1")
    activity = Activity.objects.get()
    assert activity.translation_key == uuid.uuid5(course.translation_key, "activity:1.1-quiz")
    assert activity.uuid == uuid.uuid5(activity.translation_key, "vi")


def test_english_pages_are_translations_and_lessons_have_none(loaded):
    english = CoursePage.objects.get(locale__language_code="en")
    assert (english.title, english.slug, english.live) == ("Trial course", "trial-course", True)
    assert english.summary == "Summary of the course."
    assert english.objective_list == ["Know a thing.", "Do a thing."]
    module = ModulePage.objects.get(locale__language_code="en")
    assert module.title == "Module"
    outline = outline_for(english)
    assert outline.page("en").title == "Trial course"
    assert next(outline.lessons()).page("en").title == 'Bài "một"'
    assert LessonPage.objects.filter(locale__language_code="en").count() == 0


def test_references_are_linked_and_never_marked_as_checked(loaded):
    old = LegalReference.objects.get(code="nd-cu")
    assert old.superseded_by.code == "luat-10-2022-d15"
    assert (old.certainty, old.doubtful) == ("remembered", True)
    assert LegalReference.objects.exclude(last_checked=None).count() == 0


def test_second_load_changes_nothing(loaded):
    before, version = counts(), CourseOutline.objects.get().version
    assert load_curriculum(root=loaded) == []
    assert counts() == before
    assert CourseOutline.objects.get().version == version


def test_edited_text_becomes_a_new_published_revision(loaded, module):
    page, before = lesson(), Revision.objects.count()
    edit(module / "1.1-bai-mot.md", "Một đoạn văn có", "Một đoạn mới có")
    changes = load_curriculum(root=loaded)
    assert [(each.action, each.path) for each in changes] == [
        ("updated", "khoa-thu/1-chuyen-de/1.1-bai-mot.md")
    ]
    assert Revision.objects.count() == before + 1
    updated = lesson()
    assert (updated.pk, updated.translation_key) == (page.pk, page.translation_key)
    assert updated.live and not updated.has_unpublished_changes
    assert "Một đoạn mới có" in updated.body[1].value.source


def test_blocks_keep_their_ids_over_an_edit(loaded, module):
    before = [block.id for block in lesson().body]
    edit(module / "1.1-bai-mot.md", "Ý thứ nhất.", "Ý đầu tiên.")
    load_curriculum(root=loaded)
    assert [block.id for block in lesson().body] == before


def test_edited_activity_keeps_its_row(loaded, module):
    before = Activity.objects.get().pk
    edit(module / "activities" / "1.1-quiz.md", "Câu hỏi bài 1.1", "Câu hỏi mới")
    load_curriculum(root=loaded)
    activity = Activity.objects.get()
    assert (activity.pk, activity.title) == (before, "Câu hỏi mới")
    assert not activity.has_unpublished_changes


def test_required_flag_of_an_activity_reaches_the_lesson(loaded, module):
    edit(module / "activities" / "1.1-quiz.md", "required: false", "required: true")
    load_curriculum(root=loaded)
    assert Placement.objects.get().required is True


def test_edit_in_the_admin_stays_while_the_text_is_the_same(loaded):
    page = lesson()
    page.title = "Tên do tác giả đặt"
    page.save_revision().publish()
    assert load_curriculum(root=loaded) == []
    assert lesson().title == "Tên do tác giả đặt"


def test_edit_in_the_admin_is_kept_in_the_history_when_the_text_changes(
    loaded, module, django_user_model
):
    author = django_user_model.objects.create_user("tac-gia")
    page = lesson()
    page.title = "Tên do tác giả đặt"
    page.save_revision(user=author).publish()
    edit(module / "1.1-bai-mot.md", "minutes: 12", "minutes: 13")
    (change,) = load_curriculum(root=loaded)
    assert change.note.startswith("the version of tac-gia, ")
    assert lesson().title == 'Bài "một"'
    titles = [each.as_object().title for each in lesson().revisions.order_by("pk")]
    assert "Tên do tác giả đặt" in titles


def test_page_taken_offline_gets_a_draft_only(loaded, module):
    lesson().unpublish()
    edit(module / "1.1-bai-mot.md", "minutes: 12", "minutes: 13")
    (change,) = load_curriculum(root=loaded)
    assert change.note == "saved as a draft: the page was taken offline in the admin"
    page = lesson()
    assert (page.live, page.get_latest_revision_as_object().minutes) == (False, 13)


def test_page_deleted_in_the_admin_comes_back_only_when_asked(loaded):
    key = lesson("1.2").translation_key
    lesson("1.2").delete()
    assert [each.action for each in load_curriculum(root=loaded)] == ["left"]
    assert LessonPage.objects.filter(code="1.2").count() == 0
    load_curriculum(root=loaded, restore=True)
    assert lesson("1.2").translation_key == key


def test_renamed_file_changes_nothing_on_the_page(loaded, module):
    before = counts()
    (module / "1.2-bai-hai.md").rename(module / "1.2-ten-moi.md")
    assert load_curriculum(root=loaded) == []
    assert counts() == before
    assert ImportedText.objects.filter(path__endswith="1.2-ten-moi.md").count() == 1


def test_two_files_may_swap_their_names(loaded, module):
    first, second, aside = (module / name for name in ("1.1-bai-mot.md", "1.2-bai-hai.md", "x"))
    first.rename(aside)
    second.rename(first)
    aside.rename(second)
    assert load_curriculum(root=loaded) == []


def test_new_number_with_the_same_id_is_the_same_lesson_in_its_new_place(loaded, module):
    key = lesson("1.1").translation_key
    edit(module / "1.1-bai-mot.md", 'code: "1.1"', 'code: "1.3"\nid: "1.1"')
    load_curriculum(root=loaded)
    course = CoursePage.objects.get(locale__language_code="vi")
    assert lesson("1.3").translation_key == key
    assert [each.code for each in outline_for(course).lessons()] == ["1.3", "1.2"]


def test_lesson_moved_to_another_module_keeps_its_key(loaded, module):
    key = lesson("1.2").translation_key
    other = module.parent / "2-khac"
    other.mkdir()
    text = (module / "module.md").read_text(encoding="utf-8")
    for old, new in (('"1"', '"2"'), ("slug: chuyen-de", "slug: khac"), ("periods: 1", "")):
        text = text.replace(old, new)
    (other / "module.md").write_text(text, encoding="utf-8")
    edit(module / "module.md", "periods: 1\n", "")
    (module / "1.2-bai-hai.md").rename(other / "1.2-bai-hai.md")
    load_curriculum(root=loaded)
    course = CoursePage.objects.get(locale__language_code="vi")
    outline = outline_for(course)
    assert [[each.code for each in each.lessons] for each in outline.modules] == [["1.1"], ["1.2"]]
    assert lesson("1.2").translation_key == key


def test_new_lesson_takes_its_place_between_others(loaded, module):
    text = (module / "1.2-bai-hai.md").read_text(encoding="utf-8")
    new = text.replace('"1.2"', '"1.1a"').replace("bai-hai", "chen").replace("0.5", "0")
    (module / "1.1a-chen.md").write_text(new, encoding="utf-8")
    load_curriculum(root=loaded)
    course = CoursePage.objects.get(locale__language_code="vi")
    assert [each.code for each in outline_for(course).lessons()] == ["1.1", "1.1a", "1.2"]


def test_check_tells_and_keeps_nothing(tmp_path, module):
    out = io.StringIO()
    call_command("load_curriculum", root=tmp_path, check=True, stdout=out)
    last = out.getvalue().splitlines()[-1]
    # 2 references, the course and the module in two languages, 2 lessons, 1 activity.
    assert last == "9 changes to be made; nothing was changed"
    assert CoursePage.objects.count() == 0
    assert LegalReference.objects.count() == 0


def test_text_that_left_the_repository_leaves_the_page(loaded, module):
    edit(module / "module.md", "periods: 1\n", "")
    edit(module.parent / "course.md", "periods: 1\n", "")
    (module / "1.2-bai-hai.md").unlink()
    changes = load_curriculum(root=loaded)
    assert [each.path for each in changes if each.action == "left"] == [
        "khoa-thu/1-chuyen-de/1.2-bai-hai.md"
    ]
    assert lesson("1.2").live


def test_missing_plugin_is_named_and_nothing_is_loaded(tmp_path):
    write_curriculum(tmp_path)
    with pytest.raises(CommandError, match=r"1\.1-quiz\.md:3: type: the plugin 'test'"):
        call_command("load_curriculum", root=tmp_path, stdout=io.StringIO())
    assert CoursePage.objects.count() == 0


def test_activity_with_a_problem_stops_its_course(tmp_path):
    class Faulty(PlainType):
        def problems(self, activity):
            return [Problem("No question has a right answer.")]

    write_curriculum(tmp_path)
    with registered(Faulty()), pytest.raises(TextError) as caught:
        load_curriculum(root=tmp_path)
    assert str(caught.value) == (
        "khoa-thu/1-chuyen-de/activities/1.1-quiz.md:8: data: No question has a right answer."
    )
    assert CoursePage.objects.count() == 0
    assert Activity.objects.count() == 0


def test_slug_taken_by_another_page_is_named(loaded, module):
    parent = lesson("1.2").get_parent().specific
    parent.add_child(
        instance=LessonPage(title="Của tác giả", slug="bai-cua-tac-gia", locale=parent.locale)
    )
    edit(module / "1.2-bai-hai.md", "slug: bai-hai", "slug: bai-cua-tac-gia")
    with pytest.raises(TextError) as caught:
        load_curriculum(root=loaded)
    assert (caught.value.path, caught.value.line) == ("khoa-thu/1-chuyen-de/1.2-bai-hai.md", 4)
    assert lesson("1.2").slug == "bai-hai"


def test_block_that_the_editor_would_refuse_is_refused_with_its_line(loaded, module):
    edit(module / "1.1-bai-mot.md", "- [ ] Việc thứ nhất.", f"- [ ] {'dài ' * 100}")
    with pytest.raises(TextError) as caught:
        load_curriculum(root=loaded)
    assert caught.value.line == LESSON.splitlines().index("::: checklist Mang về") + 1


def test_errors_of_several_files_come_at_once(tmp_path, module):
    edit(module / "1.1-bai-mot.md", "references: [luat-10-2022-d15]", "references: [khong-co]")
    edit(module / "1.2-bai-hai.md", "minutes: 10", "minutes: mười")
    with pytest.raises(TextErrors) as caught:
        load_curriculum(root=tmp_path)
    assert [(each.path.split("/")[-1], each.line) for each in caught.value.errors] == [
        ("1.1-bai-mot.md", 14),
        ("1.2-bai-hai.md", 8),
    ]
