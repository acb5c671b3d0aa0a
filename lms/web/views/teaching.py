"""The instructor's view of a course: who is where, within what they may see."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Avg, Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.learning.models import ActivityProgress, Enrolment, LessonProgress
from lms.learning.queries import Done, learners_of, outlines, with_lessons
from lms.people.models import RecordAccess, User
from lms.people.rights import rights_of
from lms.people.services.accesses import note_access
from lms.plugins.vietnamese import fold
from lms.web.exporting import Table, as_csv, as_xlsx
from lms.web.presenting import language
from lms.web.requests import SignedInRequest
from lms.web.views.errors import refuse
from lms.web.views.work import work_to_read
from modules.content.outline import Outline

PER_PAGE = 50


@login_required
def index(request: HttpRequest) -> HttpResponse:
    """The courses in which the person sees learners."""
    if not rights_of(request.user).sees_learners:
        return refuse(request, _("This page is for those who teach or look after learners."))
    numbers = {
        row["course_key"]: row
        for row in Enrolment.objects.active()
        .visible_to(request.user)
        .order_by()
        .values("course_key")
        .annotate(
            learners=Count("pk", distinct=True),
            completed=Count("pk", filter=Q(progress__completed_at__isnull=False), distinct=True),
            begun=Count("lessons__enrolment", distinct=True),
        )
    }
    known = outlines(numbers)
    courses = []
    for key, outline in known.items():
        row = numbers[key]
        courses.append(
            {
                "url": reverse("web:teaching-course", args=[key]),
                "title": outline.page(language()).title,
                "learners": row["learners"],
                "completed": row["completed"],
                "quiet": row["learners"] - row["begun"],
                "percent": round(row["completed"] * 100 / row["learners"]),
            }
        )
    courses.sort(key=lambda each: fold(each["title"]))
    return render(request, "web/teaching_index.html", {"nav": "teaching", "courses": courses})


def _visible(request: HttpRequest, course_key: uuid.UUID) -> tuple[Outline, QuerySet[Enrolment]]:
    outline = outlines([course_key]).get(course_key)
    if outline is None or not rights_of(request.user).sees_learners:
        raise Http404
    base = learners_of(course_key, Enrolment.objects.visible_to(request.user))
    q = fold(request.GET.get("q", "")[:200]).strip()
    for word in q.split():
        base = base.filter(
            Q(person__search_text__contains=word) | Q(unit__search_text__contains=word)
        )
    return outline, base


@login_required
def course(request: SignedInRequest, course_key: uuid.UUID) -> HttpResponse:
    """Who is where in one course, a page of learners at a time; numbers are of all of them."""
    outline, learners = _visible(request, course_key)
    page = Paginator(with_lessons(learners), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    _note(request, page.object_list, RecordAccess.Act.VIEWED)
    query = request.GET.copy()
    query.pop("page", None)
    suffix = f"?{query.urlencode()}" if query else ""
    lessons = list(outline.lessons())
    context: dict[str, Any] = {
        "nav": "teaching",
        "course": {"title": outline.page(language()).title},
        "summary": _summary(learners, len(lessons)),
        "q": request.GET.get("q", "")[:200],
        "csv_url": reverse("web:teaching-export", args=[course_key, "csv"]) + suffix,
        "xlsx_url": reverse("web:teaching-export", args=[course_key, "xlsx"]) + suffix,
        "lessons": [{"code": each.code, "title": each.page(language()).title} for each in lessons],
        "learners": [_learner(each, outline) for each in page.object_list],
        "page_obj": page,
        "work": work_to_read(request, outline),
        "lesson_stats": _lesson_stats(outline, learners),
    }
    return render(request, "web/teaching_course.html", context)


def _note(request: HttpRequest, shown: list[Enrolment], act: RecordAccess.Act) -> None:
    user = cast(User, request.user)
    person_ids = [each.person_id for each in shown]
    note_access(person_ids=person_ids, by=user, act=act, subject="progress")


def _summary(learners: QuerySet[Enrolment], lessons: int) -> dict[str, int]:
    row = learners.order_by().aggregate(
        learners=Count("pk", distinct=True),
        completed=Count("pk", filter=Q(progress__completed_at__isnull=False), distinct=True),
        done=Count("lessons", filter=Q(lessons__completed_at__isnull=False), distinct=True),
    )
    possible = row["learners"] * lessons
    percent = round(row["done"] * 100 / possible) if possible else 0
    return {"learners": row["learners"], "completed": row["completed"], "percent": percent}


def _done(enrolment: Enrolment) -> Done:
    lessons = enrolment.lessons.all()
    return Done(
        started=frozenset(each.lesson_key for each in lessons if each.completed_at is None),
        completed=frozenset(each.lesson_key for each in lessons if each.completed_at is not None),
    )


def _learner(enrolment: Enrolment, outline: Outline) -> dict[str, Any]:
    done = _done(enrolment)
    progress = getattr(enrolment, "progress", None)
    complete = progress is not None and progress.completed_at is not None
    return {
        "name": enrolment.person.full_name,
        "position": enrolment.position.display_name if enrolment.position else "",
        "unit": enrolment.unit.name if enrolment.unit else "",
        "percent": 100 if complete else done.standing(outline).percent,
        "last_active": progress.last_event_at if progress else None,
        "states": [done.state(each.key) for each in outline.lessons()],
    }


def _lesson_stats(outline: Outline, learners: QuerySet[Enrolment]) -> list[dict[str, Any]]:
    ids = learners.order_by().values("pk")
    counts = {
        row["lesson_key"]: row
        for row in LessonProgress.objects.filter(enrolment__in=ids)
        .values("lesson_key")
        .annotate(seen=Count("pk"), done=Count("pk", filter=Q(completed_at__isnull=False)))
    }
    marks = {
        row["activity_key"]: row["mark"]
        for row in ActivityProgress.objects.filter(enrolment__in=ids, best_scaled__isnull=False)
        .values("activity_key")
        .annotate(mark=Avg("best_scaled"))
    }
    stats = []
    for lesson in outline.lessons():
        row = counts.get(lesson.key, {"seen": 0, "done": 0})
        own = [marks[ref.key] for ref in lesson.activities_in(language()) if ref.key in marks]
        stats.append(
            {
                "code": lesson.code,
                "title": lesson.page(language()).title,
                "done": row["done"],
                "started": row["seen"] - row["done"],
                "average": round(sum(own) / len(own) * 100) if own else None,
            }
        )
    return stats


@login_required
def export(request: HttpRequest, course_key: uuid.UUID, kind: str) -> HttpResponseBase:
    """The same list as a file: `kind` is csv or xlsx. Holds progress, never answers."""
    outline, learners = _visible(request, course_key)
    if kind not in {"csv", "xlsx"}:
        raise Http404
    lessons = list(outline.lessons())
    words = {"done": _("done"), "started": _("started"), "todo": ""}
    rows = []
    chosen = list(with_lessons(learners))
    _note(request, chosen, RecordAccess.Act.EXPORTED)
    for enrolment in chosen:
        entry = _learner(enrolment, outline)
        last = entry["last_active"]
        rows.append(
            [
                entry["name"],
                entry["position"],
                entry["unit"],
                entry["percent"],
                timezone.localtime(last).date() if last else None,
                *[words[state] for state in entry["states"]],
            ]
        )
    title = outline.page(language()).title
    table = Table(
        title=title,
        header=[
            _("Learner"),
            _("Position"),
            _("Unit"),
            _("Progress in percent"),
            _("Last active"),
            *[f"{each.code} {each.page(language()).title}" for each in lessons],
        ],
        rows=rows,
    )
    return as_csv(table) if kind == "csv" else as_xlsx(table)
