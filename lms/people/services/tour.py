"""The first steps that are offered to a new account, until somebody has read or skipped them."""

from __future__ import annotations

from django.utils import timezone

from lms.people.models import User


def end_tour(*, user: User) -> bool:
    """Not offered any more; gives whether it still was. They can be read again at any time."""
    waiting = User.objects.filter(pk=user.pk, tour_ended_at=None)
    return waiting.update(tour_ended_at=timezone.now()) == 1
