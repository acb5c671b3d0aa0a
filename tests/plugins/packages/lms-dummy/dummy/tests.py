from django.test import TestCase
from wagtail.models import Locale

from dummy.activity import NoteType
from dummy.models import Note
from lms.plugins.testing import ActivityTypeTests


class NoteTests(ActivityTypeTests, TestCase):
    activity_type = NoteType()

    def make_activity(self):
        locale, _ = Locale.objects.get_or_create(language_code="vi")
        note = Note(title="Ghi chú", question="Điều gì mới?", words_wanted=2, locale=locale)
        note.save()
        note.save_revision().publish()
        return Note.objects.get(pk=note.pk)

    def make_response(self, activity):
        return {"text": ["Lắng nghe trước đã"]}
