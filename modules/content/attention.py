"""Tells authors which lessons need them: on the admin's home, and as a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.components import Component
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page
from wagtail.permissions import policy_registry

from modules.content.models import LessonPage
from modules.content.queries import Attention, attention_of, lessons_needing_attention

REPORT = "content_attention_report"
SHOWN = 8


def reasons(attention: Attention) -> list[str]:
    """Why a lesson needs its author, in words."""
    found = [
        gettext("%(reference)s is no longer in force") % {"reference": reference}
        for reference in attention.references
    ]
    if attention.overdue_since is not None:
        day = attention.overdue_since
        found.append(gettext("the review was due on %(date)s") % {"date": f"{day:%d/%m/%Y}"})
    return found


def lessons_for(user: Any, on: dt.date) -> QuerySet[LessonPage]:
    """Those that need attention and that `user` may edit."""
    mine = policy_registry.get_by_type(Page).instances_user_has_permission_for(user, "change")
    return lessons_needing_attention(on).filter(pk__in=mine.values("pk"))


class AttentionPanel(Component):
    """A panel of the admin's home: the first lessons that need attention, and how many there are.

    Nothing is shown while there is none.
    """

    name = "lessons_needing_attention"
    template_name = "content/admin/attention_panel.html"
    order = 120

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        today = timezone.localdate()
        found = lessons_for(parent_context["request"].user, today)
        total = found.count()
        shown = list(found.select_related("locale")[:SHOWN]) if total else []
        why = attention_of(shown, today) if shown else {}
        return {
            "total": total,
            "heading": ngettext(
                "%(count)d lesson needs attention", "%(count)d lessons need attention", total
            )
            % {"count": total},
            "rows": [
                {
                    "title": f"{page.code} {page.title}".strip(),
                    "url": reverse("wagtailadmin_pages:edit", args=[page.pk]),
                    "reasons": reasons(why.get(page.pk, Attention())),
                }
                for page in shown
            ],
            "report_url": reverse(REPORT) if total > len(shown) else "",
        }


class AttentionReport(ReportView):
    """All lessons that need attention, those whose review is longest due first; CSV and XLSX."""

    model = LessonPage
    page_title = _("Lessons that need attention")
    header_icon = "warning"
    index_url_name = REPORT
    index_results_url_name = f"{REPORT}_results"
    results_template_name = "content/admin/attention_report_results.html"
    default_ordering: ClassVar[None] = None
    any_permission_required: ClassVar[list[str]] = ["add", "change", "publish"]
    list_export: ClassVar[list[str]] = ["code", "title", "review_by", "reasons"]
    export_headings: ClassVar[dict[str, Any]] = {
        "code": _("code"),
        "title": _("title"),
        "review_by": _("review by"),
        "reasons": _("Why"),
    }

    def get_queryset(self) -> QuerySet[LessonPage]:
        """The lessons, for the reader of the report."""
        return lessons_for(self.request.user, timezone.localdate()).select_related("locale")

    def decorate_paginated_queryset(self, object_list: Any) -> list[LessonPage]:
        """The lessons of this page of the report, each with its `reasons`."""
        pages = list(object_list)
        why = attention_of(pages, timezone.localdate())
        for page in pages:
            page.reasons = "; ".join(reasons(why.get(page.pk, Attention())))
        return pages
