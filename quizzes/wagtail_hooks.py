"""The question bank in the Wagtail admin."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.urls import path
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from quizzes.admin import exports, imports
from quizzes.admin.screens import address, may_add_questions
from quizzes.models import Question


class QuestionIndexView(IndexView):
    """The bank, with how many quizzes ask each question, and the ways in and out of it."""

    def get_base_queryset(self) -> QuerySet[Question]:
        """The questions, counted along: no query per row."""
        found: QuerySet[Question] = super().get_base_queryset()
        counted: QuerySet[Question] = found.annotate(quiz_count=Count("slots__quiz", distinct=True))
        return counted

    @cached_property
    def header_buttons(self) -> list[Any]:
        """Adding, and bringing in files."""
        buttons = list(super().header_buttons)
        if may_add_questions(self.request.user):
            buttons.append(
                HeaderButton(
                    _("Import"),
                    url=address("import"),
                    icon_name="upload",
                    attrs={"aria-label": _("Import questions")},
                    priority=1100,  # after the button that adds one
                )
            )
        return buttons

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """Exporting what the list shows."""
        buttons = list(super().header_more_buttons)
        if may_add_questions(self.request.user):
            filters = self.request.GET.copy()
            for name in (self.page_kwarg, "_w_filter_fragment"):
                filters.pop(name, None)
            buttons.append(
                Button(
                    _("Export questions"),
                    url=f"{address('export')}?{filters.urlencode()}",
                    icon_name="download",
                    priority=5,
                )
            )
        return buttons


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

    def get_urlpatterns(self) -> list[Any]:
        """Those of a snippet, and the screens for import and export."""
        return [
            *super().get_urlpatterns(),  # first: the menu leads to the first of all
            path("import/", imports.UploadView.as_view(), name="import"),
            path("import/table/", imports.TableView.as_view(), name="import_table"),
            path(
                "import/<uuid:import_uuid>/", imports.PreviewView.as_view(), name="import_preview"
            ),
            path(
                "import/<uuid:import_uuid>/discard/",
                imports.DiscardView.as_view(),
                name="import_discard",
            ),
            path(
                "export/",
                exports.ExportView.as_view(index_view=self._listing),
                name="export",
            ),
        ]

    def _listing(self) -> Any:
        """The list of the bank as a view: it knows which questions its filters leave."""
        made = self.index_view
        return made.view_class(**made.view_initkwargs)


register_snippet(QuestionViewSet)
hooks.register("register_bulk_action", exports.ExportChosen)
