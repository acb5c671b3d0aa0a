"""Codes that people type once: how they are made, shown, read back and looked up. No database.

A code is not kept anywhere. It follows from the number of its row and from the secret key of the
site, so that a slip can be printed again; the row holds a digest of it, made with the same key. A
copy of the database alone opens nothing.

The alphabet has no vowels, no D and no W: keyboards for Vietnamese (Telex, VNI) turn these and
what is typed after them into other letters. Nor has it letters that look like a digit; what
somebody reads as such a letter is taken for the digit.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from typing import Final

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

ALPHABET: Final = "0123456789CFHJKMNPRTVX"
LENGTH: Final = 12  # 22 ** 12 is more than 53 bits
GROUP: Final = 4

_LOOKS_LIKE: Final = str.maketrans(
    {"O": "0", "Q": "0", "D": "0", "Đ": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6"}
    | {"B": "8", "U": "V", "Y": "V"}
)
_CODE_SALT: Final = "lms.people.codes.code"
_DIGEST_SALT: Final = "lms.people.codes.digest"


def normalise_code(text: str) -> str:
    """What somebody typed or scanned, as the code it means; "" when it can be none.

    Small letters, spaces, dashes, dots and marks do not matter; O is 0, I and L are 1.
    """
    if len(text) > 10 * LENGTH:
        return ""
    bare = _bare(text)
    return bare if len(bare) == LENGTH and all(c in ALPHABET for c in bare) else ""


def in_groups(code: str) -> str:
    """The code as it is printed: "4F7K-92MX-0HTC"."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def first_group(text: str) -> str:
    """What guesses at one code have in common, for counting them: how it begins."""
    return _bare(text[: 10 * LENGTH])[:GROUP]


def code_for(number: uuid.UUID, digest: str) -> str:
    """The code of the row with this number and digest; "" when its key is no longer known."""
    for key in _keys():
        code = _code(number, key)
        if constant_time_compare(_digest(code, key), digest):
            return code
    return ""


def new_digest(number: uuid.UUID) -> str:
    """What to keep of the code that a new row with this number gets."""
    key = settings.SECRET_KEY
    return _digest(_code(number, key), key)


def digests_of(code: str) -> list[str]:
    """What may be kept of this code: by the key of the site and by those before it."""
    return [_digest(code, key) for key in _keys()]


def is_among(digest: str, digests: Iterable[str]) -> bool:
    """Whether `digest` is one of them, in a time that says nothing of how near it came."""
    compared = [constant_time_compare(digest, each) for each in digests]
    return any(compared)


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).upper().translate(_LOOKS_LIKE)
    return "".join(c for c in plain if c.isalnum())


def _keys() -> Iterator[str | bytes]:
    yield settings.SECRET_KEY
    yield from settings.SECRET_KEY_FALLBACKS


def _code(number: uuid.UUID, key: str | bytes) -> str:
    found = salted_hmac(_CODE_SALT, number.bytes, secret=key, algorithm="sha256").digest()
    left = int.from_bytes(found, "big")
    letters = []
    for _ in range(LENGTH):
        left, at = divmod(left, len(ALPHABET))
        letters.append(ALPHABET[at])
    return "".join(letters)


def _digest(code: str, key: str | bytes) -> str:
    return salted_hmac(_DIGEST_SALT, code, secret=key, algorithm="sha256").hexdigest()
