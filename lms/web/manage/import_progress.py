"""Work that takes seconds, done in the request that asked for it, with a bar that moves.

Why not a queue: an import must go through where no worker runs, its sender waits for the outcome,
and one server with a lock in the database does no better with a worker. Why a page that grows:
it needs no script, no second request and no place to keep the progress in. The answer is the page
up to the bar, then a new bar for every step (the style sheet shows the last one only), then the
rest with the way on. Whoever leaves early loses nothing: the work is finished all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from lms.people.importing.checking import COMPARED, READ, WRITTEN, Progress
from lms.plugins.errors import DomainError
from lms.web.requests import SignedInRequest

AT_ONCE = 300  # rows: so few are done before anybody could look at a bar
MARK = "<!-- progress -->"
STEPS = {
    READ: gettext_lazy("Reading the rows"),
    COMPARED: gettext_lazy("Comparing with the people who are recorded"),
    WRITTEN: gettext_lazy("Writing"),
}
Refusal = Callable[[DomainError], HttpResponseBase]


def answer(
    request: SignedInRequest,
    steps: Iterator[Progress],
    *,
    rows: int,
    title: str,
    then: str,
    refused: Refusal,
) -> HttpResponseBase:
    """Do the work; then on to `then`. Of many rows the person sees how far it is.

    `refused` makes the page for a refusal where nothing has been sent yet.
    """
    if rows <= AT_ONCE:
        try:
            for _step in steps:
                pass
        except DomainError as error:
            return refused(error)
        return HttpResponseRedirect(then)
    context = {"nav": "manage", "section": "imports", "title": title, "mark": MARK}
    page = render_to_string("web/manage/import_progress.html", context, request=request)
    before, _mark, after = page.partition(MARK)
    language = get_language() or "vi"
    response = StreamingHttpResponse(_grow(before, steps, after, then, language))
    response["X-Accel-Buffering"] = "no"  # nginx would keep the bars until the end
    response["Cache-Control"] = "no-store"
    return response


def _grow(
    before: str, steps: Iterator[Progress], after: str, then: str, language: str
) -> Iterator[str]:
    yield before
    try:
        shown = ("", -1)
        for step in steps:
            percent = step.done * 100 // max(1, step.of)
            if (step.step, percent) != shown:
                shown = (step.step, percent)
                with override(language):
                    bar = _bar(step)
                yield bar
    except DomainError as error:
        with override(language):
            yield _way_on(then, str(error))
    except GeneratorExit:
        # The person closed the page or lost the line: the work goes on to its end.
        for _step in steps:
            pass
        raise
    else:
        with override(language):
            yield _way_on(then)
    yield after


def _bar(step: Progress) -> str:
    text = _("%(step)s: %(done)s of %(of)s") % {
        "step": STEPS[step.step],
        "done": number_format(step.done, use_l10n=True),
        "of": number_format(step.of, use_l10n=True),
    }
    return format_html(
        '<li><p>{}</p><progress class="bar" value="{}" max="{}" aria-label="{}"></progress></li>\n',
        text,
        step.done,
        step.of,
        text,
    )


def _way_on(then: str, refusal: str = "") -> str:
    if refusal:
        return format_html(
            '<li><p class="note bad" role="alert"><span>{}</span></p>'
            '<p><a class="btn primary" href="{}">{}</a></p></li>',
            refusal,
            then,
            _("Back"),
        )
    # Browsers follow this wherever it stands; the link is for those that were told not to.
    return format_html(
        '<li><meta http-equiv="refresh" content="0;url={}">'
        '<p role="status">{}</p><p><a class="btn primary" href="{}">{}</a></p></li>',
        then,
        _("Done."),
        then,
        _("Continue"),
    )


def section_context(**values: Any) -> dict[str, Any]:
    """What every page of imports has in its context."""
    return {"nav": "manage", "section": "imports", **values}
