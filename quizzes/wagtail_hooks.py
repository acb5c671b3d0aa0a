"""The question bank in the Wagtail admin."""

from __future__ import annotations

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from quizzes.models import Question


class QuestionIndexView(IndexView):
    """The bank, with how many quizzes ask each question."""

    def get_base_queryset(self) -> QuerySet[Question]:
        """The questions, counted along: no query per row."""
        found: QuerySet[Question] = super().get_base_queryset()
        counted: QuerySet[Question] = found.annotate(quiz_count=Count("slots__quiz", distinct=True))
        return counted


class QuestionViewSet(SnippetViewSet):
    """List, editor, history and the page that says where a question is used."""

    model = Question
    icon = "help"
    menu_label = _("Question bank")
    menu_order = 220
    add_to_admin_menu = True
    index_view_class = QuestionIndexView
    list_display = [
        "__str__",
        Column("kind", label=_("Kind")),
        Column("quiz_count", label=_("Quizzes that ask it")),
        LiveStatusTagColumn(),
        UpdatedAtColumn(),
    ]
    list_filter = ["type_key", "live"]
    ordering = ["code"]
    list_per_page = 30


register_snippet(QuestionViewSet)
