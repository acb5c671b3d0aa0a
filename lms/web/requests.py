"""What a request is behind `login_required`."""

from __future__ import annotations

from django.http import HttpRequest

from lms.people.models import User


class SignedInRequest(HttpRequest):
    """A request of somebody who signed in: `user` is an account, never a visitor."""

    user: User
