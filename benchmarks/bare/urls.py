"""One page: who is signed in. Costs the session's query and the account's."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path


def hello(request: HttpRequest) -> HttpResponse:
    """The page of the yardstick."""
    return render(request, "hello.html", {"name": request.user.get_username()})


urlpatterns = [path("", hello)]
