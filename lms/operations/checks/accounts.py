"""Accounts that should not be there, and one that should."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.operations.checks.findings import Finding, check, error
from lms.people.models import Role, RoleGrant, User
from lms.web.demo import PASSWORD, PEOPLE

# What everybody tries first. Argon2 takes a twentieth of a second for each, so only those accounts
# are asked that rule the site.
GUESSED = (PASSWORD, "admin", "password", "123456", "12345678", "matkhau")
DEMO = [someone.username for someone in PEOPLE if someone.username]
ASKED = 20


def demo_accounts() -> list[str]:
    """The accounts of the demo that still have their printed password."""
    found = User.objects.filter(username__in=DEMO, is_active=True)
    pairs = found.order_by("username").values_list("username", "password")
    return [name for name, kept in pairs if check_password(PASSWORD, kept)]


@check()
def demo_is_gone() -> Iterator[Finding]:
    """Nobody signs in with a password that is printed for everybody."""
    if names := demo_accounts():
        yield error(
            _("Accounts of the demo are here, with the password that everybody knows: %(names)s.")
            % {"names": ", ".join(names)},
            _("Begin with an empty site (manage.py make_site), or close these accounts."),
        )


def _rulers() -> QuerySet[User]:
    """Accounts that rule the site today."""
    today = RoleGrant.objects.at(timezone.localdate()).filter(role=Role.ADMINISTRATOR)
    return User.objects.filter(
        Q(is_superuser=True) | Q(pk__in=today.values("user")), is_active=True
    )


@check()
def administrators_have_passwords() -> Iterator[Finding]:
    """No administrator has a password that is tried first."""
    weak = [
        user.username
        for user in _rulers().exclude(username__in=DEMO).order_by("pk")[:ASKED]
        if any(check_password(each, user.password) for each in {*GUESSED, user.username})
    ]
    if weak:
        yield error(
            _("Administrators whose password anybody would guess: %(names)s.")
            % {"names": ", ".join(weak)},
            _("Run manage.py changepassword for each, now."),
        )


@check()
def somebody_rules() -> Iterator[Finding]:
    """There is an administrator who can sign in."""
    nobody = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    if not _rulers().exclude(nobody).exists():
        yield error(
            _("Nobody can administer the site."),
            _("Run manage.py make_administrator --another."),
        )
