"""What the plugin shows outside its activity."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from dummy.models import Note, WrittenNote
from lms.plugins.contracts import Found, HomePanel, LessonBlock, Panel, SearchSource
from lms.plugins.vietnamese import fold


class TipBlock(blocks.StructBlock):
    text = blocks.CharBlock(max_length=200)

    class Meta:
        icon = "help"
        label = _("Tip")
        template = "dummy/tip.html"


class Tip(LessonBlock):
    key = "dummy_tip"

    def block(self):
        return TipBlock()

    def text(self, value):
        return value["text"]


class Notes(HomePanel):
    key = "dummy.notes"

    def __init__(self, title):
        self.title = title

    def panels(self, person, request):
        number = WrittenNote.objects.filter(attempt__enrolment__person=person).count()
        if not number:
            return []
        return [Panel(self.title, format_html("<p>{}</p>", number))]


class NoteSearch(SearchSource):
    key = "dummy.search"
    label = _("Note")

    def search(self, folded, user, limit):
        if user is None:
            return []
        found = [note for note in Note.objects.filter(live=True) if folded in fold(note.question)]
        return [
            Found(note.title, reverse("web:activity", args=[note.uuid]), note.question)
            for note in found[:limit]
        ]
