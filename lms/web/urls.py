"""Addresses of what people see. Mounted under the language prefix."""

from __future__ import annotations

from django.urls import path

from lms.web.views import actions, catalogue, home, player, record, search, teaching

app_name = "web"
urlpatterns = [
    path("", catalogue.front, name="front"),
    path("courses/", catalogue.courses, name="catalogue"),
    path("home/", home.home, name="home"),
    path("record/", record.record, name="record"),
    path("search/", search.search, name="search"),
    path("teaching/", teaching.index, name="teaching"),
    path("teaching/<uuid:course_key>/", teaching.course, name="teaching-course"),
    path(
        "teaching/<uuid:course_key>/export.<slug:kind>", teaching.export, name="teaching-export"
    ),
    path("learn/courses/<uuid:course_key>/enrol/", actions.enrol, name="enrol"),
    path("learn/courses/<uuid:course_key>/withdraw/", actions.withdraw, name="withdraw"),
    path("learn/lessons/<uuid:lesson_key>/finish/", actions.finish, name="finish"),
    path("learn/lessons/<uuid:lesson_key>/position/", actions.position, name="position"),
    path("learn/activities/<uuid:activity_uuid>/", player.activity, name="activity"),
    path("learn/activities/<uuid:activity_uuid>/start/", actions.start, name="start"),
    path("learn/activities/<uuid:activity_uuid>/submit/", actions.submit, name="submit"),
    path("learn/activities/<uuid:activity_uuid>/progress/", actions.progress, name="progress"),
]
