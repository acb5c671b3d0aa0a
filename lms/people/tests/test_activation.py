"""Codes are given out, taken in once, and open nothing that their giver may not open."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from lms.people.codes import code_for, in_groups
from lms.people.errors import (
    CannotChangePerson,
    CannotEnter,
    CannotIssueCode,
    CannotSetPassword,
    UnknownCode,
)
from lms.people.models import ActivationCode, Person, RecordAccess, RoleGrant, User
from lms.people.models.accounts import AccountState
from lms.people.services.accounts import create_account, create_accounts, sign_up
from lms.people.services.activating import (
    AT_ONCE,
    find_code,
    issue_code,
    issue_slips,
    redeem,
)
from lms.people.services.looking_after import (
    change_person,
    close_account,
    make_account,
    reopen_account,
)
from lms.people.tests.factories import (
    AppointmentFactory,
    CentreFactory,
    PersonFactory,
    RoleGrantFactory,
    UnitFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NEW = "sông núi bốn mùa"
NOW = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def place() -> SimpleNamespace:
    unit = UnitFactory(name="Xã Suối Vân")
    manager = RoleGrantFactory(role="centre_manager", centre=CentreFactory(serves=[unit])).user
    officer = RoleGrantFactory(role="unit_officer", unit=unit).user
    return SimpleNamespace(unit=unit, manager=manager, officer=officer)


def somebody(place: SimpleNamespace, name: str = "Lò Thị Mận", **more: object) -> Person:
    person = PersonFactory(full_name=name, **more)
    AppointmentFactory(person=person, unit=place.unit)
    return person


def text_of(code: ActivationCode) -> str:
    return code_for(code.uuid, code.digest)


def active(place: SimpleNamespace) -> Person:
    person = UserFactory().person
    AppointmentFactory(person=person, unit=place.unit)
    return person


# --- slips ------------------------------------------------------------------------------------


def test_slips_make_accounts_and_codes_for_those_without_a_password(place) -> None:
    people = [somebody(place, f"Lò Thị Mận {n}") for n in range(3)]
    waiting = somebody(place, "Vì Văn Chờ")
    create_account(person=waiting)
    done, closed = active(place), active(place)
    User.objects.filter(person=closed).update(is_active=False)
    slips = issue_slips(persons=[*people, waiting, done, closed], by=place.manager, now=NOW)
    assert (slips.made, slips.kept, slips.active, slips.closed, slips.refused) == (4, 0, 1, 1, 0)
    codes = ActivationCode.objects.all()
    assert {code.user.person for code in codes} == {*people, waiting}
    assert {(code.purpose, code.batch, code.issued_by) for code in codes} == {
        ("first", slips.batch, place.manager)
    }
    assert {code.expires_at - code.issued_at for code in codes} == {dt.timedelta(days=14)}
    assert {code.user.state for code in codes} == {AccountState.WAITING}
    learners = RoleGrant.objects.filter(user__person__in=people).values_list("role", flat=True)
    assert list(learners) == ["learner"] * 3
    assert {group.name for group in User.objects.get(person=people[0]).groups.all()} == {"learner"}
    noted = RecordAccess.objects.filter(person=people[0]).values_list("by", "act", "subject")
    assert list(noted) == [(place.manager.pk, "changed", "code")]


def test_slips_given_out_stay_good_when_slips_are_made_again(place) -> None:
    person = somebody(place)
    first = issue_slips(persons=[person], by=place.manager, now=NOW)
    code = ActivationCode.objects.get()
    later = NOW + dt.timedelta(days=13)
    again = issue_slips(persons=[person, somebody(place)], by=place.officer, now=later)
    assert (again.made, again.kept) == (1, 1)
    kept = ActivationCode.objects.get(pk=code.pk)
    assert text_of(kept) == text_of(code)
    assert (kept.batch, first.batch == again.batch) == (again.batch, False)
    expired = NOW + dt.timedelta(days=14)
    renewed = issue_slips(persons=[person], by=place.manager, now=expired)
    assert (renewed.made, renewed.kept) == (1, 0)
    assert ActivationCode.objects.get(pk=code.pk).revoked_at == expired


def test_slips_are_refused_for_accounts_above_the_giver(place) -> None:
    person = somebody(place)
    user = create_account(person=person)
    RoleGrantFactory(user=user, role="reviewer")
    slips = issue_slips(persons=[person, somebody(place)], by=place.officer)
    assert (slips.made, slips.refused) == (1, 1)
    assert ActivationCode.objects.filter(user=user).exists() is False


def test_more_slips_than_one_print_holds_are_refused_whole(place) -> None:
    people = [Person(pk=n) for n in range(AT_ONCE + 1)]
    with pytest.raises(CannotIssueCode, match="500"):
        issue_slips(persons=people, by=place.manager)
    assert (User.objects.count(), ActivationCode.objects.count()) == (2, 0)


def test_many_slips_cost_no_more_queries_than_few(place, django_assert_max_num_queries) -> None:
    few = [somebody(place, f"Lò Thị Mận {n}") for n in range(2)]
    many = [somebody(place, f"Hà Văn {n}") for n in range(120)]
    with django_assert_max_num_queries(32):
        issue_slips(persons=few, by=place.manager)
    with django_assert_max_num_queries(32):
        slips = issue_slips(persons=many, by=place.manager)
    assert slips.made == 120


def test_accounts_made_at_once_get_names_of_their_own_and_phones_of_one(place) -> None:
    UserFactory(username="man.lt", phone="0912000001")
    phones = ["0912 000 001", "0912000002", "0912000003", "0912000003", "gọi cơ quan", ""]
    people = [somebody(place, phone=phone) for phone in phones]
    users = {user.person_id: user for user in create_accounts(persons=people)}
    found = [users[each.pk] for each in people]
    assert [each.username for each in found] == [f"man.lt{n}" for n in range(2, 8)]
    assert [each.phone for each in found] == [None, "+84912000002", None, None, None, None]
    assert [each.has_usable_password() for each in found] == [False] * 6
    assert create_accounts(persons=people) == []


# --- one code ---------------------------------------------------------------------------------


def test_new_code_takes_the_place_of_the_last(place) -> None:
    person = somebody(place)
    first = issue_code(person=person, by=place.manager)
    second = issue_code(person=person, by=place.officer)
    assert text_of(first) != text_of(second)
    with pytest.raises(CannotEnter, match="newest"):
        find_code(text_of(first))
    assert find_code(text_of(second)) == second


def test_never_two_open_codes_for_one_account(place) -> None:
    code = issue_code(person=somebody(place), by=place.manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        ActivationCode.objects.create(
            user=code.user,
            purpose="first",
            digest="another",
            issued_at=NOW,
            expires_at=NOW,
        )


def test_lost_password_code_lasts_a_day_and_leaves_the_password_until_used(place, settings) -> None:
    person = active(place)
    before = User.objects.get(person=person).password
    code = issue_code(person=person, by=place.officer, now=NOW)
    assert (code.purpose, code.expires_at - NOW) == ("reset", dt.timedelta(hours=24))
    assert User.objects.get(person=person).password == before
    settings.LMS_LOST_PASSWORD_HOURS = 2
    assert issue_code(person=person, by=place.officer, now=NOW).expires_at - NOW == dt.timedelta(
        hours=2
    )


@pytest.mark.parametrize("role", ["administrator", "centre_manager", "instructor", "reviewer"])
def test_code_is_refused_for_accounts_that_may_more(place, role: str) -> None:
    person = active(place)
    user = User.objects.get(person=person)
    grant = {"centre": CentreFactory(serves=[place.unit])} if role == "centre_manager" else {}
    RoleGrantFactory(user=user, role=role, **grant)
    for hand in (place.manager, place.officer):
        with pytest.raises(CannotIssueCode, match="more rights"):
            issue_code(person=person, by=hand)
    assert ActivationCode.objects.count() == 0


def test_code_for_oneself_or_a_closed_account_is_refused(place) -> None:
    AppointmentFactory(person=place.manager.person, unit=place.unit)
    with pytest.raises(CannotIssueCode):
        issue_code(person=place.manager.person, by=place.manager)
    person = active(place)
    close_account(person=person, by=place.manager)
    with pytest.raises(CannotIssueCode, match="closed"):
        issue_code(person=person, by=place.manager)


# --- taking a code in ---------------------------------------------------------------------------


def test_first_use_sets_the_password_and_uses_the_code_up(place) -> None:
    code = issue_code(person=somebody(place), by=place.manager, now=NOW)
    typed = in_groups(text_of(code)).lower().replace("0", "o").replace("1", "l")
    at = NOW + dt.timedelta(days=13, hours=23)
    user = redeem(code=typed, password=NEW, now=at)
    assert authenticate(None, username=user.username, password=NEW) == user
    assert ActivationCode.objects.get().used_at == at
    with pytest.raises(CannotEnter, match="has been used") as caught:
        redeem(code=typed, password="một mật khẩu khác", now=at)
    assert not isinstance(caught.value, UnknownCode)
    assert authenticate(None, username=user.username, password=NEW) == user


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_password_counts_however_the_keyboard_composes_it(place, form: str) -> None:
    code = issue_code(person=somebody(place), by=place.manager)
    other = "NFD" if form == "NFC" else "NFC"
    user = redeem(code=text_of(code), password=unicodedata.normalize(form, NEW))
    for each in (form, other):
        typed = unicodedata.normalize(each, NEW)
        assert authenticate(None, username=user.username, password=typed) == user


@pytest.mark.parametrize(
    "text", ["", "4F7K-92MX-0HTC", "không phải mã", "'; DROP TABLE people_user --", "\x00" * 12]
)
def test_code_that_was_never_given_out_is_one_clear_answer(place, text: str) -> None:
    issue_code(person=somebody(place), by=place.manager)
    for act in (lambda: find_code(text), lambda: redeem(code=text, password=NEW)):
        with pytest.raises(UnknownCode, match="There is no such code"):
            act()


def test_late_code_opens_nothing(place) -> None:
    code = issue_code(person=somebody(place), by=place.manager, now=NOW)
    with pytest.raises(CannotEnter, match="good until"):
        redeem(code=text_of(code), password=NEW, now=NOW + dt.timedelta(days=14))
    assert User.objects.get(pk=code.user_id).state == AccountState.WAITING


@pytest.mark.parametrize("password", ["1234567", "12345678901", "password", "ngan"])
def test_weak_password_is_refused_and_the_code_stays_good(place, password: str) -> None:
    code = issue_code(person=somebody(place), by=place.manager)
    with pytest.raises(CannotSetPassword):
        redeem(code=text_of(code), password=password)
    assert find_code(text_of(code)) == code


def test_password_like_the_user_name_is_refused(place) -> None:
    code = issue_code(person=somebody(place, "Nguyễn Thị Phương Thảo"), by=place.manager)
    assert code.user.username == "thao.ntp"
    with pytest.raises(CannotSetPassword):
        redeem(code=text_of(code), password="thao.ntp1")


def test_closing_takes_codes_back_and_opening_does_not_return_them(place) -> None:
    person = somebody(place)
    code = issue_code(person=person, by=place.manager)
    close_account(person=person, by=place.manager)
    with pytest.raises(CannotEnter):
        redeem(code=text_of(code), password=NEW)
    reopen_account(person=person, by=place.manager)
    with pytest.raises(CannotEnter, match="newest"):
        redeem(code=text_of(code), password=NEW)
    assert User.objects.get(person=person).state == AccountState.WAITING


def test_account_closed_elsewhere_is_not_opened_by_its_code(place) -> None:
    code = issue_code(person=somebody(place), by=place.manager)
    User.objects.filter(pk=code.user_id).update(is_active=False)
    with pytest.raises(CannotEnter, match="closed"):
        redeem(code=text_of(code), password=NEW)


@pytest.mark.parametrize("role", ["administrator", "reviewer"])
def test_code_dies_when_its_account_rises_above_the_giver(place, role: str) -> None:
    code = issue_code(person=somebody(place), by=place.manager)
    RoleGrantFactory(user=code.user, role=role)
    with pytest.raises(CannotEnter):
        redeem(code=text_of(code), password=NEW)
    assert User.objects.get(pk=code.user_id).has_usable_password() is False


def test_learners_code_outlives_the_givers_role(place) -> None:
    code = issue_code(person=somebody(place), by=place.officer)
    place.officer.role_grants.update(valid_to=dt.date(2025, 1, 1))
    assert redeem(code=text_of(code), password=NEW).pk == code.user_id
    other = issue_code(person=somebody(place), by=place.manager)
    ActivationCode.objects.filter(pk=other.pk).update(issued_by=None)
    assert redeem(code=text_of(other), password=NEW).pk == other.user_id


def test_database_holds_no_code_and_no_code_is_in_the_log(place, caplog) -> None:
    code = issue_code(person=somebody(place), by=place.manager)
    plain = text_of(code)
    redeem(code=plain, password=NEW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_activationcode")
        stored = str(cursor.fetchall())
    assert plain not in stored
    assert plain not in caplog.text


# --- the person and the account ---------------------------------------------------------------


def test_manager_puts_a_person_right_and_it_is_noted(place) -> None:
    person = somebody(place)
    name = unicodedata.normalize("NFD", " Lò  Thị Mậm ")
    birth = dt.date(1975, 4, 30)
    changed = change_person(
        person=person, by=place.manager, full_name=name, phone="0912 345 678", birth_date=birth
    )
    assert (changed.full_name, changed.phone, changed.birth_date) == (
        "Lò Thị Mậm",
        "+84912345678",
        birth,
    )
    assert list(RecordAccess.objects.values_list("person", "by", "subject")) == [
        (person.pk, place.manager.pk, "details")
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"full_name": "  "},
        {"full_name": "123"},
        {"phone": "12"},
        {"birth_date": timezone.localdate() + dt.timedelta(days=1)},
    ],
)
def test_person_is_not_changed_to_what_cannot_be(place, wrong: dict[str, object]) -> None:
    person = somebody(place)
    right = {"full_name": "Lò Thị Mậm", "phone": "", "birth_date": None}
    with pytest.raises(CannotChangePerson):
        change_person(person=person, by=place.manager, **{**right, **wrong})
    assert Person.objects.get(pk=person.pk).full_name == "Lò Thị Mận"


def test_officer_and_stranger_change_nobody(place) -> None:
    person = active(place)
    other = RoleGrantFactory(role="centre_manager", centre=CentreFactory()).user
    for hand in (place.officer, other):
        with pytest.raises(CannotChangePerson):
            change_person(person=person, by=hand, full_name="Khác", phone="", birth_date=None)
        for act in (make_account, close_account, reopen_account):
            with pytest.raises(CannotChangePerson):
                act(person=person, by=hand)
    assert User.objects.get(person=person).is_active is True


def test_closed_account_cannot_sign_in_and_opens_with_its_old_password(place) -> None:
    person = active(place)
    user = User.objects.get(person=person)
    user.set_password(NEW)
    user.save()
    close_account(person=person, by=place.manager)
    assert authenticate(None, username=user.username, password=NEW) is None
    reopen_account(person=person, by=place.manager)
    assert authenticate(None, username=user.username, password=NEW) == user
    assert RecordAccess.objects.filter(person=person, subject="account").count() == 2


def test_visitor_signs_up_as_a_learner_with_a_phone_that_nobody_has() -> None:
    user = sign_up(
        full_name=unicodedata.normalize("NFD", "Vì Thị Mới"),
        username="Moi",
        password=NEW,
        phone="0912 345 678",
    )
    assert (user.username, user.phone) == ("moi", "+84912345678")
    assert user.person is not None
    assert user.person.full_name == "Vì Thị Mới"
    assert list(user.role_grants.values_list("role", flat=True)) == ["learner"]
    second = sign_up(full_name="Vì Văn Hai", username="hai", password=NEW, phone="0912 345 678")
    assert (second.phone, second.person and second.person.phone) == (None, "+84912345678")
