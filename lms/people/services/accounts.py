"""Makes accounts and sets passwords."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lms.people.errors import CannotMakeAccount, CannotSetPassword
from lms.people.models import Person, Role, User
from lms.people.phones import normalise_phone
from lms.people.services.persons import create_person
from lms.people.services.roles import grant_role
from lms.plugins.vietnamese import fold

# Each time that several ask for one name, one of them gets it.
ATTEMPTS = 20

__all__ = ["create_account", "create_person", "free_username", "set_password"]


@transaction.atomic
def create_account(
    *, person: Person, password: str | None = None, username: str = "", phone: str = ""
) -> User:
    """The account of `person`, a learner; without a password nobody can sign in with it yet.

    The user name is made from the name when none is given. Raises CannotMakeAccount when the
    person has an account, the user name cannot be used or is taken, or the phone number is no
    number or the way in of somebody else.
    """
    # Of two at once the second waits here, and then finds the account of the first.
    Person.objects.select_for_update().get(pk=person.pk)
    if User.objects.filter(person=person).exists():
        raise CannotMakeAccount(_("This person has an account already."))
    user = User(person=person)
    user.set_password(password)
    for attempt in range(ATTEMPTS):
        user.username = _checked_username(username) if username else free_username(person.full_name)
        user.phone = _checked_phone(phone) if phone else None
        try:
            with transaction.atomic():
                user.save()
            break
        except IntegrityError:
            # Somebody took the name or the number at the same instant: look again.
            if attempt == ATTEMPTS - 1:
                raise
    grant_role(user=user, role=Role.LEARNER)
    return user


def _checked_username(text: str) -> str:
    username = User.normalize_username(text)
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise CannotMakeAccount(
            _("A user name may have letters, digits and the signs @ . + - _ only.")
        ) from error
    if normalise_phone(username):
        raise CannotMakeAccount(
            _("A phone number cannot be a user name: it has a field of its own.")
        )
    if User.objects.filter(username=username).exists():
        raise CannotMakeAccount(_("There is already an account with this user name."))
    return username


def _checked_phone(text: str) -> str:
    phone = normalise_phone(text)
    if not phone:
        raise CannotMakeAccount(_("This is not a phone number."))
    if User.objects.filter(phone=phone).exists():
        raise CannotMakeAccount(
            _("Another account signs in with this phone number. Give this one a user name only.")
        )
    return phone


def free_username(full_name: str) -> str:
    """Given name and initials, "hoa.nt" for Nguyễn Thị Hòa, numbered where it is taken."""
    words = ["".join(c for c in word if c.isalnum()) for word in fold(full_name).split()]
    words = [word for word in words if word] or ["hoc-vien"]
    initials = "".join(word[0] for word in words[:-1])
    base = f"{words[-1]}.{initials}" if initials else words[-1]
    taken = set(User.objects.filter(username__startswith=base).values_list("username", flat=True))
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}{number}"
    return name


@transaction.atomic
def set_password(*, user: User, password: str) -> None:
    """Give `user` a new password. Raises CannotSetPassword with what is wrong about it."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise CannotSetPassword(" ".join(error.messages)) from error
    user.set_password(password)
    user.save(update_fields=["password"])
