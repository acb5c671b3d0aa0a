"""Who may open which page of the management area."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from lms.people.rights import rights_of
from lms.people.roles import Role
from lms.web.views.errors import refuse

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
View = Callable[Concatenate[R, P], HttpResponseBase]

#: Bring people in and look after their accounts.
STAFF = (Role.CENTRE_MANAGER, Role.ADMINISTRATOR)
#: Look after people of a unit or of a centre's units.
CARERS = (Role.UNIT_OFFICER, *STAFF)
#: Write and review what is taught.
AUTHORS = (Role.INSTRUCTOR, Role.REVIEWER, *STAFF)
#: Have a desk: everybody with a role beyond learning.
WORKERS = tuple(role for role in Role if role != Role.LEARNER)


def for_roles(*roles: Role) -> Callable[[View[R, P]], View[R, P]]:
    """The view only for accounts that hold one of `roles` today: visitors sign in, others get 403.

    What rows they see is for the view to say, by `visible_to`.
    """

    def limited(view: View[R, P]) -> View[R, P]:
        @wraps(view)
        def checked(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not rights_of(request.user).roles.intersection(roles):
                return refuse(request, _("Your role does not include this page."))
            return view(request, *args, **kwargs)

        checked.roles = frozenset(roles)  # type: ignore[attr-defined]  # read by the table of roles
        signed_in: View[R, P] = login_required(checked)
        return signed_in

    return limited
