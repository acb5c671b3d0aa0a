"""What the screens for import and export have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from django.views import View
from django.views.defaults import permission_denied
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.permissions import policy_registry

from quizzes.models import Question

if TYPE_CHECKING:
    from lms.people.models import User


def address(name: str, *args: Any) -> str:
    """Where a screen of the bank is."""
    return reverse(f"wagtailsnippets_quizzes_question:{name}", args=args)


def may_add_questions(user: Any) -> bool:
    """Whether `user` may write questions, and so import and export them."""
    return bool(policy_registry.get_by_type(Question).user_has_permission(user, "add"))


def file_of_questions(content: bytes, ending: str, content_type: str = "") -> HttpResponse:
    """A file to keep; `ending`: what follows the word in its name."""
    return HttpResponse(
        content,
        content_type=content_type or "application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(
                as_attachment=True, filename=slugify(_("questions")) + ending
            )
        },
    )


class BankScreen(WagtailAdminTemplateMixin, View):
    """A page below the list of the bank, for whoever may add questions."""

    header_icon = "help"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse everybody else."""
        if not may_add_questions(request.user):
            return permission_denied(request, PermissionDenied())
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    @property
    def author(self) -> User:
        """Whoever asks: the admin lets no visitors in."""
        return cast("User", self.request.user)

    def page(self, context: dict[str, Any], status: int = 200) -> HttpResponseBase:
        """This screen, with what belongs to every screen of the admin."""
        shown: HttpResponseBase = self.render_to_response(
            self.get_context_data(**context), status=status
        )
        return shown

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """The way here: home, the bank, this page."""
        bank = capfirst(str(Question._meta.verbose_name_plural))
        return [
            *self.breadcrumbs_items,
            {"url": address("list"), "label": bank},
            {"url": "", "label": self.get_page_title()},
        ]
