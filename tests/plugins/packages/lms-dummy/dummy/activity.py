from django.utils.translation import gettext_lazy as _

from dummy.models import Note, WrittenNote
from lms.plugins.contracts import (
    PASSED,
    SUBMITTED,
    ActivityType,
    Grade,
    PersonalData,
    Problem,
    Trait,
)
from lms.plugins.errors import DomainError


class NoteType(ActivityType):
    key = "dummy.note"
    model = Note
    label = _("Note")
    icon = "edit"
    traits = frozenset({Trait.GRADED})
    completion_rules = (PASSED, SUBMITTED)
    template_name = "dummy/note.html"

    def problems(self, activity):
        if not activity.question.strip():
            yield Problem(_("The question is empty."), field="question")

    def grade(self, activity, attempt, response):
        text = " ".join(str(each) for each in _texts(response.get("text")))
        if "\0" in text or len(text) > 5_000:
            raise DomainError(_("This text cannot be kept."))
        text = text.encode("utf-8", "replace").decode()
        WrittenNote.objects.update_or_create(attempt=attempt, defaults={"text": text})
        words = len(text.split())
        wanted = activity.words_wanted
        return Grade(min(words, wanted), wanted, passed=words >= wanted)

    def personal_data(self, person):
        for note in WrittenNote.objects.filter(attempt__enrolment__person=person):
            yield PersonalData(_("Note"), {"text": note.text})

    def forget(self, person):
        WrittenNote.objects.filter(attempt__enrolment__person=person).delete()


def _texts(value):
    return value if isinstance(value, list) else [] if value is None else [value]
