"""Takes the second factor from an account whose owner lost it."""

from __future__ import annotations

import logging

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from lms.people.errors import CannotRemoveFactor
from lms.people.models import RecordAccess, User
from lms.people.rights import rights_of
from lms.people.services.accesses import note_access
from lms.people.services.signed_in import end_sessions

logger = logging.getLogger(__name__)


def may_remove_second_factor(*, user: User, by: User) -> bool:
    """Whether `by` is an administrator, and `user` is somebody else."""
    return rights_of(by).is_administrator and by.pk != user.pk


@transaction.atomic
def remove_second_factor(*, user: User, by: User | None) -> int:
    """Remove the code app, the passkeys and the recovery codes of `user`; how many there were.

    The password stays, all sessions end, and it is written down where the person sees it. `by` is
    an administrator, or None for the operator at the server. Raises CannotRemoveFactor for others
    and for one's own: that goes by the security page, which asks for the factor.
    """
    if by is not None and not rights_of(by).is_administrator:
        raise CannotRemoveFactor(_("Only administrators can remove a second step at sign-in."))
    if by is not None and by.pk == user.pk:
        raise CannotRemoveFactor(
            _(
                "Remove your own second step on the page “Account security”, or ask another "
                "administrator."
            )
        )
    removed: int = Authenticator.objects.filter(user=user).delete()[0]
    if not removed:
        return 0
    end_sessions(user=user)
    if user.person_id is not None:
        note_access(
            person_ids=[user.person_id],
            by=by,
            act=RecordAccess.Act.CHANGED,
            subject="second_factor",
        )
    logger.warning(
        "second factor of account %s removed by %s", user.pk, by.pk if by else "the operator"
    )
    return removed
