"""What has to go on by itself: the worker, the tick, deliveries, marking, plugins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.core.checks import WARNING, run_checks
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from lms.learning.models import Attempt, Delivery
from lms.operations import heartbeat
from lms.operations.checks.findings import Finding, check, error, warning

WORKER_SILENT = dt.timedelta(minutes=5)
LATE = dt.timedelta(hours=1)
FAILED_WITHIN = dt.timedelta(days=7)


def _ago(moment: dt.datetime) -> str:
    return timezone.localtime(moment).strftime("%d/%m/%Y %H:%M")


@check(database=False)
def worker_is_alive() -> Iterator[Finding]:
    """The process that works off the queue says that it is there."""
    last = heartbeat.last_beat(heartbeat.WORKER)
    if last is None or timezone.now() - last > WORKER_SILENT:
        yield error(
            _("The worker never ran: jobs stay in their queue.")
            if last is None
            else _("The worker is silent since %(time)s.") % {"time": _ago(last)},
            _("Start it (systemctl start hanh-trang-worker) and read its log."),
        )


@check(database=False)
def tick_runs() -> Iterator[Finding]:
    """What is due is done: the tick ran within the last hour."""
    last = heartbeat.last_beat(heartbeat.TICK)
    if last is None or timezone.now() - last > LATE:
        yield error(
            _("The periodic tick never ran: nothing that is due gets done.")
            if last is None
            else _("The periodic tick did not run since %(time)s.") % {"time": _ago(last)},
            _("The worker does it; without one have manage.py tick run every minute."),
        )


@check()
def deliveries_arrive() -> Iterator[Finding]:
    """Events reach their receivers."""
    if dead := Delivery.objects.dead().count():
        yield error(
            _("%(count)d deliveries were given up.") % {"count": dead},
            _("Look at Health in the administration: mend the receiver, then try them again."),
        )
    if late := Delivery.objects.due(timezone.now() - LATE).count():
        yield warning(
            _("%(count)d deliveries are due for more than an hour.") % {"count": late},
            _("Start the worker; look at Health in the administration for errors."),
        )


@check()
def marks_are_given() -> Iterator[Finding]:
    """What was handed in gets marked."""
    late = Attempt.objects.filter(grading_due__lte=timezone.now() - LATE).count()
    if late:
        yield warning(
            _("%(count)d attempts wait for their marks for more than an hour.") % {"count": late},
            _("Start the worker; look at Health in the administration for errors."),
        )


@check()
def queue_moves() -> Iterator[Finding]:
    """Jobs do not wait for longer than an hour."""
    jobs = DBTaskResult.objects
    waiting = jobs.filter(status="READY", enqueued_at__lte=timezone.now() - LATE)
    if number := waiting.exclude(run_after__gt=timezone.now()).count():
        yield error(
            _("%(count)d jobs wait for more than an hour.") % {"count": number},
            _("Start the worker (systemctl start hanh-trang-worker) and read its log."),
        )


@check()
def jobs_succeed() -> Iterator[Finding]:
    """No job of the last days failed."""
    since = timezone.now() - FAILED_WITHIN
    failed = DBTaskResult.objects.failed().filter(finished_at__gte=since)
    if number := failed.count():
        newest = failed.order_by("-finished_at").values_list("task_path", flat=True)[0]
        yield warning(
            _("%(count)d jobs failed in the last seven days, the last one is %(job)s.")
            % {"count": number, "job": newest},
            _("Read why: journalctl -u hanh-trang-worker."),
        )


@check()
def plugins_work() -> Iterator[Finding]:
    """No plugin is out of service."""
    for found in run_checks(tags=["lms.plugins"]):
        if found.level >= WARNING:
            yield error(
                _("A plugin: %(what)s.") % {"what": str(found.msg).rstrip(".")},
                _("Mend it, or name it in LMS_PLUGINS_DISABLED."),
            )
