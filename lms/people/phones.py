"""Phone numbers as people type them, in one form."""

from __future__ import annotations

import re


def normalise_phone(text: str) -> str:
    """A Vietnamese number as +84 and nine digits ("+84912345678"); "" when it is not one.

    Takes "0912 345 678", "84 912.345.678", "+84-912-345-678". A number of another country is
    kept when it begins with + and has 8 to 15 digits (ITU-T E.164).
    """
    bare = re.sub(r"[\s.\-()]", "", text or "")
    if re.fullmatch(r"\+?84\d{9,10}", bare):
        return "+" + bare.removeprefix("+")
    if re.fullmatch(r"0\d{9,10}", bare):
        return "+84" + bare[1:]
    if re.fullmatch(r"\+\d{8,15}", bare):
        return bare
    return ""
