from __future__ import annotations

from django.urls import path

from modules.activities.task import views

urlpatterns = [
    path("attempts/<uuid:attempt_uuid>/save/", views.save, name="save"),
    path("attempts/<uuid:attempt_uuid>/hand-in/", views.hand_in, name="hand-in"),
]
