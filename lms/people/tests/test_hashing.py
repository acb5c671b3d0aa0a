"""Passwords: how they are hashed, and what becomes of hashes made with other figures."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import (
    Argon2PasswordHasher,
    check_password,
    identify_hasher,
    make_password,
)
from django.test import Client
from django.urls import reverse

from lms.people.hashing import SmallArgon2
from lms.people.tests.factories import UserFactory
from lms.settings.base import PASSWORD_HASHERS

PASSWORD = "mot-mat-khau-dai-2026"
FIGURES = "$argon2id$v=19$m=19456,t=2,p=1$"


@pytest.fixture(autouse=True)
def _as_in_production(settings) -> None:
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS


def _foreign(**figures: int) -> str:
    hasher = Argon2PasswordHasher()
    for name, value in figures.items():
        setattr(hasher, name, value)
    return hasher.encode(PASSWORD, hasher.salt())


def test_passwords_are_hashed_with_the_least_that_owasp_recommends() -> None:
    """At least 19 MiB of memory, 2 iterations, 1 lane; lms/people/hashing.py names the source."""
    encoded = make_password(PASSWORD)
    assert f"${encoded.partition('$')[2]}".startswith(FIGURES)
    decoded = SmallArgon2().decode(encoded)
    assert (decoded["variety"], decoded["memory_cost"]) == ("argon2id", 19 * 1024)
    assert (decoded["time_cost"], decoded["parallelism"]) == (2, 1)
    assert check_password(PASSWORD, encoded)
    assert not check_password(f"{PASSWORD}x", encoded)
    assert not identify_hasher(encoded).must_update(encoded)


@pytest.mark.parametrize(
    "figures",
    [{}, {"memory_cost": 65536, "time_cost": 3, "parallelism": 4}, {"memory_cost": 1024}],
    ids=["Django's own", "of another site", "weaker"],
)
@pytest.mark.django_db
def test_hash_with_other_figures_holds_and_is_renewed_at_sign_in(
    client: Client, figures: dict[str, int]
) -> None:
    user = UserFactory(username="tran.an")
    user.password = _foreign(**figures)
    user.save(update_fields=["password"])
    assert not user.password.partition("$")[2].startswith(FIGURES[1:])

    wrong = client.post(reverse("account_login"), {"login": "tran.an", "password": "sai"})
    user.refresh_from_db()
    assert (wrong.status_code, FIGURES[1:] in user.password) == (200, False)

    right = client.post(reverse("account_login"), {"login": "tran.an", "password": PASSWORD})
    user.refresh_from_db()
    assert right.status_code == 302
    assert user.password.partition("$")[2].startswith(FIGURES[1:])
    assert check_password(PASSWORD, user.password)


@pytest.mark.django_db
def test_hash_of_the_older_kind_is_renewed_at_sign_in(client: Client) -> None:
    user = UserFactory(username="tran.an")
    user.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    user.save(update_fields=["password"])
    client.post(reverse("account_login"), {"login": "tran.an", "password": PASSWORD})
    user.refresh_from_db()
    assert user.password.startswith(f"argon2{FIGURES}")
