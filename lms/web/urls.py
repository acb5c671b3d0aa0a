"""Addresses of what people see. Mounted under the language prefix."""

from __future__ import annotations

from django.urls import include, path

from lms.web.views import (
    accesses,
    actions,
    activate,
    catalogue,
    help,
    home,
    player,
    privacy,
    record,
    reports,
    search,
    teaching,
    tour,
    work,
)

app_name = "web"
urlpatterns = [
    path("", catalogue.front, name="front"),
    path("courses/", catalogue.courses, name="catalogue"),
    path("home/", home.home, name="home"),
    path("record/", record.record, name="record"),
    path("record/accesses/", accesses.accesses, name="accesses"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/read/", privacy.read, name="privacy-read"),
    path("search/", search.search, name="search"),
    # help, wherever the centre keeps it; first steps
    path("go/help/", help.help_page, name="help"),
    path("go/contact/", help.contact, name="contact"),
    path("tour/", tour.tour, name="tour"),
    path("tour/end/", tour.end, name="tour-end"),
    # telling the authors
    path("reports/", reports.reports, name="reports"),
    path("reports/read/", reports.read, name="reports-read"),
    path("learn/lessons/<uuid:lesson_key>/report/", reports.report_lesson, name="report-lesson"),
    path(
        "learn/activities/<uuid:activity_uuid>/report/",
        reports.report_activity,
        name="report-activity",
    ),
    path("activate/", activate.activate, name="activate"),
    path("activate/lost-password/", activate.lost, name="lost-password"),
    path("manage/", include("lms.web.manage.urls")),
    path("teaching/", teaching.index, name="teaching"),
    path("teaching/<uuid:course_key>/", teaching.course, name="teaching-course"),
    path("teaching/<uuid:course_key>/export.<slug:kind>", teaching.export, name="teaching-export"),
    path("teaching/<uuid:course_key>/work/<uuid:activity_key>/", work.work, name="teaching-work"),
    path("learn/courses/<uuid:course_key>/enrol/", actions.enrol, name="enrol"),
    path("learn/courses/<uuid:course_key>/withdraw/", actions.withdraw, name="withdraw"),
    path("learn/lessons/<uuid:lesson_key>/finish/", actions.finish, name="finish"),
    path("learn/lessons/<uuid:lesson_key>/position/", actions.position, name="position"),
    path("learn/activities/<uuid:activity_uuid>/", player.activity, name="activity"),
    path("learn/activities/<uuid:activity_uuid>/start/", actions.start, name="start"),
    path("learn/activities/<uuid:activity_uuid>/submit/", actions.submit, name="submit"),
    path("learn/activities/<uuid:activity_uuid>/progress/", actions.progress, name="progress"),
]
