"""The name of a request, by which somebody on the telephone and a line of the log meet."""

from __future__ import annotations

import os
import re
from contextvars import ContextVar

#: No letters that look like digits: people read it out.
ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
SANE = re.compile(r"[A-Za-z0-9_-]{8,64}")
current: ContextVar[str] = ContextVar("request_id", default="")


def new_request_id() -> str:
    """Such as "k7q2m-9fxmt"."""
    letters = "".join([ALPHABET[byte % 30] for byte in os.urandom(10)])
    return f"{letters[:5]}-{letters[5:]}"


def request_id_from(header: str) -> str:
    """What the proxy calls the request, where that is fit for a log; else a new one."""
    return header if header and SANE.fullmatch(header) else new_request_id()
