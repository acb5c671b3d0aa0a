"""Runs the checks. Importing a module of checks puts them into the list, in this order."""

from __future__ import annotations

from dataclasses import replace

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from lms.operations.checks import (  # noqa: F401 -- importing registers
    accounts,
    backups,
    configuration,
    database,
    files,
    work,
)
from lms.operations.checks.findings import CHECKS, ERROR, LEVELS, Finding, error

__all__ = ["CHECKS", "ERROR", "run"]


def run(*, deep: bool = False) -> list[Finding]:
    """Everything that is wrong, the worst first. A check that fails is a finding itself."""
    found: list[Finding] = []
    reachable = _reach(found)
    for check in CHECKS:
        if (check.deep and not deep) or (check.database and not reachable):
            continue
        try:
            found += [replace(finding, check=check.key) for finding in check.look()]
        except (DatabaseError, OSError) as problem:
            failed = error(
                _("The check “%(check)s” failed: %(error)s")
                % {"check": check.key, "error": str(problem).strip()},
                _("Mend what the error names, then run doctor again."),
            )
            found.append(replace(failed, check=check.key))
    return sorted(found, key=lambda finding: LEVELS.index(finding.level))


def _reach(found: list[Finding]) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, OSError) as problem:
        failed = error(
            _("The database does not answer: %(error)s") % {"error": str(problem).strip()},
            _("Start it, or mend DATABASE_URL (PostgreSQL) or LMS_SQLITE."),
        )
        found.append(replace(failed, check="database_answers"))
        return False
    return True
