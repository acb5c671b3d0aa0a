"""/healthz: whether this process can serve people. Nothing else: strangers may ask as well."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)
#: A process serves one version of the program: once all its migrations ran, they stay so.
_known = {"migrated": False}


def answer(request: HttpRequest, counters: Any = None) -> HttpResponse:
    """200 "ok", or 503 with one word; the reason stands in the log."""
    problem = why_not()
    if problem:
        logger.error("Not ready: %s", problem)
    response = HttpResponse(
        "unavailable\n" if problem else "ok\n",
        content_type="text/plain; charset=utf-8",
        status=503 if problem else 200,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def why_not() -> str:
    """Why people cannot be served; empty if they can."""
    try:
        if not _known["migrated"]:
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if plan:
                return f"{len(plan)} migrations have not run: manage.py migrate"
            _known["migrated"] = True
        else:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"the database does not answer ({type(error).__name__})"
    return ""
