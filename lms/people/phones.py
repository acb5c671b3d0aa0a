"""Phone numbers as people type them, in one form."""

from __future__ import annotations

import re
import unicodedata


def normalise_phone(text: str) -> str:
    """A phone number as + and digits ("+84912345678"); "" when it is not one.

    Takes "0912 345 678", "84 912.345.678", "+84-912-345-678", "+84 (0)912 345 678". A number of
    another country is taken when it begins with + and has 8 to 15 digits (ITU-T E.164).
    """
    bare = re.sub(r"[\s.\-()/]", "", unicodedata.normalize("NFKC", text or ""))
    if not bare.isascii():
        return ""
    if home := re.fullmatch(r"(?:\+?84|0084)0?([1-9]\d{8,9})|0([1-9]\d{8,9})", bare):
        return f"+84{home[1] or home[2]}"
    if re.fullmatch(r"\+(?!84)[1-9]\d{7,14}", bare):
        return bare
    return ""


def phone_as_dialled(phone: str) -> str:
    """A stored number as people write it: "+84912345678" gives "0912 345 678"."""
    if not phone.startswith("+84"):
        return phone
    digits = "0" + phone.removeprefix("+84")
    return f"{digits[:4]} {digits[4:7]} {digits[7:]}"
