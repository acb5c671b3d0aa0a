"""Mounted at /x/quizzes/."""

from __future__ import annotations

from django.urls import path

from quizzes import marking, uploads, views

urlpatterns = [
    path("files/to/<uuid:attempt_uuid>/", uploads.upload, name="upload"),
    path("files/<uuid:file_uuid>/", uploads.show, name="file"),
    path("files/<uuid:file_uuid>/removal/", uploads.remove, name="remove-file"),
    path("marking/", marking.queue, name="marking"),
    path("marking/<uuid:attempt_uuid>/", marking.attempt, name="mark-attempt"),
    path("attempts/<uuid:attempt_uuid>/answers/", views.save_all, name="save"),
    path(
        "attempts/<uuid:attempt_uuid>/answers/<int:position>/", views.save_one, name="save-answer"
    ),
    path("attempts/<uuid:attempt_uuid>/checks/<int:position>/", views.check, name="check"),
]
