from django.utils.safestring import mark_safe

from broken_promises import models
from lms.plugins.contracts import ActivityType, CompletionRule, Grade, PersonalData, Trait
from lms.plugins.errors import Refused


class Promise(ActivityType):
    key = "Broken Promises"
    model = models.Promise
    traits = frozenset({Trait.EVIDENCE})
    completion_rules = (CompletionRule("wished", "When somebody wishes it", "wished"),)

    def render(self, activity, visit):
        models.Promise.objects.filter(pk=activity.pk).update(seen=activity.seen + 1)
        return mark_safe("<p onclick='alert(1)'>Promise</p>")

    def start(self, activity, attempt):
        models.Kept.objects.create(attempt=attempt)

    def accept(self, activity, attempt, response):
        if response["words"][0] == "I do not":
            raise Refused("")

    def evidence(self, attempts):
        kept = {each.pk: models.Kept.objects.filter(attempt=each).exists() for each in attempts}
        return {pk: mark_safe("<p style='color: red'>Kept</p>") for pk in kept}

    def grade(self, activity, attempt, response):
        return Grade(len(response["words"][0]), float("nan"))

    def dump(self, activity, files):
        return {"numero": activity.number}

    def load(self, data, files, *, version, into=None):
        return self.model(number=int(data["number"]))

    def personal_data(self, person):
        for kept in models.Kept.objects.filter(attempt__enrolment__person=person):
            yield PersonalData("Kept", kept.pk)
