"""Fixed addresses for the help and contact pages, wherever the centre has put these."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lms.web.presenting import MAIN, language
from modules.content.models import ContactPage, HelpPage


@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """To the first help page."""
    return _to(request, HelpPage)


@require_GET
def contact(request: HttpRequest) -> HttpResponse:
    """To the contact page."""
    return _to(request, ContactPage)


def _to(request: HttpRequest, model: type[HelpPage] | type[ContactPage]) -> HttpResponse:
    """The topmost page of the kind, in the language of the request where there is one."""
    wanted = [language(), MAIN]
    found = (
        model.objects.live()
        .filter(locale__language_code__in=wanted)
        .select_related("locale")
        .order_by("depth", "path")
    )
    pages = sorted(found[:20], key=lambda page: wanted.index(page.locale.language_code))
    url = pages[0].get_url(request) if pages else None
    if url is None:
        raise Http404(_("The centre has no such page yet."))
    return redirect(url)
