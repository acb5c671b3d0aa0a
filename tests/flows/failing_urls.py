"""The site's addresses and one more, which fails."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse
from django.urls import path

from lms.urls import urlpatterns as of_the_site


class Planted(Exception):
    """A fault of ours."""


def fail(request: HttpRequest) -> HttpResponse:
    raise Planted


urlpatterns = [
    *i18n_patterns(path("fails/", fail), prefix_default_language=False),
    *of_the_site,
]
