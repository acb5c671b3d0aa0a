"""Questions at the terminal."""

from __future__ import annotations

import getpass
import sys

from lms.operations.site import CannotMakeSite


def ask(question: str, flag: str, default: str = "") -> str:
    """One line typed by a person; `default` for nothing. Raises CannotMakeSite without a person."""
    if not sys.stdin.isatty():
        if default:
            return default
        raise CannotMakeSite(f"Nobody is here to answer “{question}”: give {flag}.")
    shown = f"{question} [{default}]: " if default else f"{question}: "
    while True:
        if answer := input(shown).strip() or default:
            return answer


def ask_yes(question: str, *, default: bool) -> bool:
    """Yes or no; `default` where nobody is there."""
    if not sys.stdin.isatty():
        return default
    answer = input(f"{question} [{'Y/n' if default else 'y/N'}]: ").strip().lower()
    return default if not answer else answer[0] in {"y", "c", "1"}  # "c": có


def password(*, from_stdin: bool) -> str:
    """A password: the first line of the standard input, or typed twice without being shown."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise CannotMakeSite("Nobody is here to type the password: give --password-stdin.")
    while True:
        first = getpass.getpass("Password of the administrator: ")
        if first and first == getpass.getpass("Once more: "):
            return first
        sys.stderr.write("These were not the same twice.\n")
