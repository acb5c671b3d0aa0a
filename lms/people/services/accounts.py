"""Makes accounts and sets passwords."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lms.people.errors import CannotMakeAccount, CannotSetPassword
from lms.people.models import Person, Role, RoleGrant, User
from lms.people.phones import normalise_phone
from lms.people.services.persons import create_person
from lms.people.services.roles import grant_role
from lms.plugins.vietnamese import fold

# Each time that several ask for one name, one of them gets it.
ATTEMPTS = 20

BASES_AT_ONCE = 100  # databases limit how many conditions a query may have

__all__ = [
    "check_username",
    "create_account",
    "create_accounts",
    "create_person",
    "free_username",
    "set_password",
    "sign_up",
]


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
        user.username = check_username(username) if username else free_username(person.full_name)
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


def check_username(text: str) -> str:
    """`text` in the form in which it would be kept. Raises CannotMakeAccount if it cannot be."""
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


@transaction.atomic
def sign_up(*, full_name: str, username: str, password: str, phone: str = "") -> User:
    """A new person with an account of their own. Raises CannotMakeAccount for the user name.

    The number is a way in unless it is somebody else's: nobody is told whose it is.
    """
    person = create_person(full_name=full_name, phone=phone)
    way_in = phone if _free_phones([person])[0] else ""
    return create_account(person=person, password=password, username=username, phone=way_in)


@transaction.atomic
def create_accounts(
    *, persons: Collection[Person], usernames: Mapping[int, str] | None = None
) -> list[User]:
    """Accounts of learners for those of `persons` who have none; as yet nobody can sign in.

    For hundreds at once: the number of queries does not grow with them, and nothing is hashed.
    `usernames`: chosen ones, checked and free, by the id of the person; the others are made.
    Who is the only one with a phone number signs in with that as well as with the user name.
    """
    ids = [person.pk for person in persons]
    # Read at once: of two for the same people the second waits here, then finds these accounts.
    locked = list(Person.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    have = set(User.objects.filter(person_id__in=ids).values_list("person_id", flat=True))
    without = [person for person in locked if person.pk not in have]
    for attempt in range(ATTEMPTS):
        names = _free_usernames(
            (person.full_name for person in without),
            [(usernames or {}).get(person.pk, "") for person in without],
        )
        phones = _free_phones(without)
        users = [
            User(person=person, username=name, phone=phone, password=make_password(None))
            for person, name, phone in zip(without, names, phones, strict=True)
        ]
        try:
            with transaction.atomic():
                User.objects.bulk_create(users)
            break
        except IntegrityError:
            # Somebody took a name or a number at the same instant: look again.
            if attempt == ATTEMPTS - 1:
                raise
    today = timezone.localdate()
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, role=Role.LEARNER, valid_from=today) for user in users
    )
    learners = Group.objects.get_or_create(name=Role.LEARNER)[0]
    joined = User.groups.through
    joined.objects.bulk_create(joined(user_id=user.pk, group_id=learners.pk) for user in users)
    return users


def _free_phones(persons: Collection[Person]) -> list[str | None]:
    """The number with which each may sign in: nobody else has it, neither here nor as a way in."""
    wanted = {person.pk: normalise_phone(person.phone) for person in persons}
    numbers = {number for number in wanted.values() if number}
    people = Person.objects.filter(phone__in=numbers, merged_into=None)
    shared = Counter(people.values_list("phone", flat=True))
    taken = set(User.objects.filter(phone__in=numbers).values_list("phone", flat=True))
    return [
        number if number and number not in taken and shared[number] == 1 else None
        for number in wanted.values()
    ]


def free_username(full_name: str) -> str:
    """Given name and initials, "hoa.nt" for Nguyễn Thị Hòa, numbered where it is taken."""
    return _free_usernames([full_name], [""])[0]


def _free_usernames(full_names: Iterable[str], chosen: Sequence[str]) -> list[str]:
    bases = [_username_base(name) for name in full_names]
    distinct = list(dict.fromkeys(bases))
    given = [User.normalize_username(name) for name in chosen]
    taken = set(given)
    for at in range(0, len(distinct), BASES_AT_ONCE):
        begins = Q()
        for base in distinct[at : at + BASES_AT_ONCE]:
            begins |= Q(username__startswith=base)
        taken.update(User.objects.filter(begins).values_list("username", flat=True))
    found = []
    last: Counter[str] = Counter()
    for base, own in zip(bases, given, strict=True):
        name = own or base
        while not own and name in taken:
            last[base] += 1
            name = f"{base}{last[base] + 1}"
        taken.add(name)
        found.append(name)
    return found


def _username_base(full_name: str) -> str:
    words = ["".join(c for c in word if c.isalnum()) for word in fold(full_name).split()]
    words = [word for word in words if word] or ["hoc-vien"]
    initials = "".join(word[0] for word in words[:-1])
    return (f"{words[-1]}.{initials}" if initials else words[-1])[:100]


@transaction.atomic
def set_password(*, user: User, password: str) -> None:
    """Give `user` a new password. Raises CannotSetPassword with what is wrong about it."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise CannotSetPassword(" ".join(error.messages)) from error
    user.set_password(password)
    user.save(update_fields=["password"])
