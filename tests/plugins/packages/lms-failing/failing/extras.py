from django.db import connection
from wagtail import blocks

from failing import switch
from lms.plugins.contracts import EventSink, HomePanel, LessonBlock, SearchSource


class Down(EventSink):
    key = "failing.down"

    def accepts(self, event):
        return event.name == "attempt.submitted"

    def deliver(self, events):
        if not switch.mended:
            raise ConnectionError("the other side does not answer")
        switch.calls["delivered"] += len(events)


class Undecided(EventSink):
    """Cannot even say what it wants, and breaks the database connection's transaction by it."""

    key = "failing.undecided"

    def accepts(self, event):
        if event.name != "attempt.submitted":
            return False
        connection.cursor().execute("SELECT nothing FROM nowhere")

    def deliver(self, events):
        switch.calls["undecided"] += len(events)


class FailingBlock(blocks.StructBlock):
    text = blocks.CharBlock()

    def render(self, value, context=None):
        switch.fail("block")
        return super().render(value, context)


class TroubleBlock(LessonBlock):
    key = "failing_block"

    def block(self):
        return FailingBlock()

    def text(self, value):
        switch.fail("block text")
        return "words"


class TroublePanel(HomePanel):
    key = "failing.panel"

    def panels(self, person, request):
        switch.fail("panels")
        return []


class OddPanel(HomePanel):
    key = "failing.odd"

    def panels(self, person, request):
        return ["this is no Panel"]


class TroubleSearch(SearchSource):
    key = "failing.search"
    label = "Trouble"

    def search(self, folded, user, limit):
        if not switch.mended:
            yield switch.fail("search")
