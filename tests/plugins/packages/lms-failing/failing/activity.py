from django.db import connection
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from failing import models, switch
from lms.plugins.contracts import GRADED, SUBMITTED, ActivityType, Grade, Trait
from lms.plugins.errors import Refused


class TroubleType(ActivityType):
    key = "failing.trouble"
    label = "Trouble"
    model = models.Trouble
    traits = frozenset({Trait.GRADED})
    completion_rules = (GRADED, SUBMITTED)

    def render(self, activity, visit):
        if activity.kind == "render":
            switch.fail("render")
        if activity.kind == "render_write" and not switch.mended:
            models.Trace.objects.create(what="render")
        if activity.kind == "render_sql" and not switch.mended:
            connection.cursor().execute("SELECT nothing FROM nowhere")
        if visit.refused:
            typed = visit.response["text"][0]
            return format_html("<p>{}</p><textarea name=text>{}</textarea>", activity.kind, typed)
        return mark_safe(f"<p>trouble of the kind {activity.kind} is shown</p>")

    def attempts_allowed(self, activity):
        if activity.kind == "attempts":
            switch.fail("attempts_allowed")
        return 0

    def start(self, activity, attempt):
        if activity.kind == "start":
            models.Trace.objects.create(what="start")
            switch.fail("start")

    def accept(self, activity, attempt, response):
        if activity.kind == "refuse":
            raise Refused("write <at least> two words")
        if activity.kind == "accept_write":
            models.Trace.objects.create(what="accept")
        if activity.kind == "accept_sql":
            connection.cursor().execute("SELECT nothing FROM nowhere")
        if activity.kind == "accept":
            switch.fail("accept")

    def fraction(self, activity, attempt):
        switch.fail("fraction")
        return 0.5

    def grade(self, activity, attempt, response):
        if switch.mended:
            return Grade(1, 1, passed=True)
        if activity.kind.startswith("grade"):
            models.Trace.objects.create(what="grade")
        if activity.kind == "grade_rubbish":
            return "ten out of ten"
        if activity.kind == "grade_nan":
            return Grade(float("nan"), 1.0)
        if activity.kind == "grade_sql":
            connection.cursor().execute("SELECT nothing FROM nowhere")
        if activity.kind.startswith("grade"):
            switch.fail("grade")
        return Grade(1, 1, passed=True)


class TroublePageType(TroubleType):
    key = "failing.page"
    label = "Trouble on a page of its own"
    model = models.TroublePage
    traits = frozenset({Trait.GRADED, Trait.FULL_PAGE})

    def summary(self, activity):
        if activity.kind == "summary":
            switch.fail("summary")
        return "a page of trouble"
