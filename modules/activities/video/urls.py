from __future__ import annotations

from django.urls import path

from modules.activities.video import views

urlpatterns = [
    path("activities/<uuid:activity_uuid>/played/", views.played, name="played"),
    path("where/", views.where, name="where"),
]
