"""Findings as lines for people and as objects for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.operations.checks.findings import ADVICE, ERROR, WARNING, Finding


def as_lines(findings: list[Finding]) -> Iterator[str]:
    """What is wrong and, below it, what to do."""
    if not findings:
        yield _("Nothing is wrong.")
    words = {
        ERROR: pgettext("finding", "Error"),
        WARNING: pgettext("finding", "Warning"),
        ADVICE: pgettext("finding", "Advice"),
    }
    for finding in findings:
        yield f"{words[finding.level]}: {finding.what}"
        yield f"    → {finding.todo}"


def as_objects(findings: list[Finding]) -> dict[str, Any]:
    """For monitoring: whether all is well, and the findings."""
    return {
        "ok": not any(finding.level == ERROR for finding in findings),
        "findings": [asdict(finding) for finding in findings],
    }
